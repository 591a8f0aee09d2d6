/* whole.c - collects the sessions of a recording, and gives them to a format one by one.
 */
#include "report/whole.h"

void whole_begin(struct report *report, const char *file)
{
    (void)file;
    if (report->subject != REPORT_EXCHANGES)
        return;
    struct kept *kept = kept_new(true);
    if (!kept)
        report_fail(report);
    else if (report->options.servers)
        kept->server_count = report->options.servers->count;
    report->kept = kept;
}

static void give_sessions(const struct report *report, const char *file)
{
    struct kept *kept = report->kept;
    for (size_t i = 0; i < kept->session_count; i++)
        if (kept->sessions[i].step_count > 0)
            report->format->session(report, file, i + 1, &kept->sessions[i]);
    kept_clear(kept);
}

void whole_exchange(const struct report *report, const char *file, uint64_t session,
                    const struct exchange *exchange, const struct verdict *verdict)
{
    struct kept *kept = report->kept;
    if (!kept)
        return;
    if (kept->step_count == KEPT_STEPS_MAX)
        give_sessions(report, file);
    if (!kept_exchange(kept, session, exchange, verdict, report->options.show_secrets))
        report_fail(report);
}

void whole_file(const struct report *report, const char *file,
                const struct smtpseq_recording *recording)
{
    (void)recording;
    if (report->kept)
        give_sessions(report, file);
}

void whole_end(struct report *report)
{
    kept_free(report->kept);
    report->kept = NULL;
}
