/* ndjson.c - one JSON object a line, for programs.
 */
#include "report/dialogue_lines.h"
#include "report/objects.h"

static void write_line(const struct report *report, json_t *object)
{
    json_write(report, report->out, object);
    putc('\n', report->out);
}

static void ndjson_finding(const struct report *report, const char *file,
                           const struct finding *finding)
{
    write_line(report, finding_object(report, file, finding));
    dialogue_lines_finding(report, finding);
}

static void ndjson_exchange(const struct report *report, const char *file, uint64_t session,
                            const struct exchange *exchange, const struct verdict *verdict)
{
    write_line(report, exchange_object(report, file, session, exchange, verdict));
}

static void ndjson_outcome(const struct report *report, const char *file, uint64_t number,
                           const struct session_outcome *outcome)
{
    write_line(report, session_object(file, number, outcome));
}

static void ndjson_file(const struct report *report, const char *file,
                        const struct smtpseq_recording *recording)
{
    if (report->subject != REPORT_FINDINGS)
        return;
    dialogue_lines_file(report);
    write_line(report, file_object(report, file, recording));
}

static void ndjson_trouble(const struct report *report, const char *file, const char *text)
{
    if (report->subject == REPORT_FINDINGS)
        write_line(report, trouble_object(file, text));
}

static void write_times(const struct report *report, const struct reply_times *times)
{
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(times, list);
    for (size_t i = 0; i < count; i++)
        write_line(report, reply_time_object(list[i], &times->commands[list[i]]));
}

static void ndjson_summary(const struct report *report, const struct report_totals *totals)
{
    for (int by = 0; by < BY_COUNT && totals->statistics; by++)
        for (size_t i = 0; i < totals->statistics->tables[by].count; i++)
            write_line(report, statistics_object((enum statistics_by)by,
                                                 &totals->statistics->tables[by].rows[i]));
    if (totals->statistics)
        write_times(report, &totals->statistics->times);
    if (report->subject != REPORT_FORWARDS)
        write_line(report, summary_object(report, totals));
}

static void ndjson_forward(const struct report *report, const char *file,
                           const struct finding *finding)
{
    write_line(report, forward_object(file, finding));
}

static void ndjson_chain(const struct report *report, const struct forward_chain *chain)
{
    write_line(report, chain_object(chain));
}

const struct report_format ndjson_report = {
    .name = "ndjson",
    .title = "one JSON object a line",
    .endless = true,
    .begin = dialogue_lines_begin,
    .finding = ndjson_finding,
    .exchange = ndjson_exchange,
    .around = dialogue_lines_exchange,
    .outcome = ndjson_outcome,
    .ended = dialogue_lines_ended,
    .file = ndjson_file,
    .end = dialogue_lines_end,
    .trouble = ndjson_trouble,
    .summary = ndjson_summary,
    .forward = ndjson_forward,
    .chain = ndjson_chain,
};
