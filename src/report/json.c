/* json.c - one JSON document with the objects of ndjson, one on each line of it.
 */
#include "report/objects.h"

/* The list of findings, exchanges or forwards; with findings, the lists of sessions and of files. */
enum { SECTION_ITEMS, SECTION_SESSIONS, SECTION_FILES, SECTION_COUNT };

static void write_item(const struct report *report, unsigned section, json_t *object)
{
    json_write(report, report_item(report, section), object);
}

static void json_finding(const struct report *report, const char *file,
                         const struct finding *finding)
{
    write_item(report, SECTION_ITEMS, finding_object(report, file, finding));
}

static void json_exchange(const struct report *report, const char *file, uint64_t session,
                          const struct exchange *exchange, const struct verdict *verdict)
{
    write_item(report, SECTION_ITEMS, exchange_object(report, file, session, exchange, verdict));
}

static void json_forward(const struct report *report, const char *file,
                         const struct finding *finding)
{
    write_item(report, SECTION_ITEMS, forward_object(file, finding));
}

static void json_outcome(const struct report *report, const char *file, uint64_t number,
                         const struct session_outcome *outcome)
{
    write_item(report, SECTION_SESSIONS, session_object(file, number, outcome));
}

static void json_chain(const struct report *report, const struct forward_chain *chain)
{
    write_item(report, SECTION_ITEMS, chain_object(chain));
}

static void json_file(const struct report *report, const char *file,
                      const struct smtpseq_recording *recording)
{
    if (report->subject == REPORT_FINDINGS)
        write_item(report, SECTION_FILES, file_object(report, file, recording));
}

static void write_list(const struct report *report, const char *key, unsigned section)
{
    fprintf(report->out, "\"%s\":[", key);
    if (report->sections[section].begun)
        putc('\n', report->out);
    report_section_copy(report, section);
    fputs(report->sections[section].begun ? "\n]" : "]", report->out);
}

static void write_statistics(const struct report *report, const struct statistics *statistics)
{
    const char *separator = "\n";
    fputs(",\n\"statistics\":[", report->out);
    for (int by = 0; by < BY_COUNT; by++)
        for (size_t i = 0; i < statistics->tables[by].count; i++) {
            fputs(separator, report->out);
            separator = ",\n";
            json_write(report, report->out,
                       statistics_object((enum statistics_by)by, &statistics->tables[by].rows[i]));
        }
    fputs("\n],\n\"slowest\":[", report->out);
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(&statistics->times, list);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ",\n" : "\n", report->out);
        json_write(report, report->out,
                   reply_time_object(list[i], &statistics->times.commands[list[i]]));
    }
    fputs("\n]", report->out);
}

static void json_summary(const struct report *report, const struct report_totals *totals)
{
    static const char *const keys[] = {
        [REPORT_FINDINGS] = "findings",
        [REPORT_EXCHANGES] = "exchanges",
        [REPORT_FORWARDS] = "forwards",
    };
    putc('{', report->out);
    write_list(report, keys[report->subject], SECTION_ITEMS);
    if (report->subject == REPORT_FINDINGS) {
        fputs(",\n", report->out);
        write_list(report, "sessions", SECTION_SESSIONS);
        fputs(",\n", report->out);
        write_list(report, "files", SECTION_FILES);
    }
    if (totals->statistics)
        write_statistics(report, totals->statistics);
    if (report->subject != REPORT_FORWARDS) {
        fputs(",\n\"summary\":", report->out);
        json_write(report, report->out, summary_object(report, totals));
    }
    fputs("}\n", report->out);
}

const struct report_format json_report = {
    .name = "json",
    .title = "one JSON document",
    .sections = SECTION_COUNT,
    .separator = ",\n",
    .finding = json_finding,
    .exchange = json_exchange,
    .outcome = json_outcome,
    .file = json_file,
    .summary = json_summary,
    .forward = json_forward,
    .chain = json_chain,
};
