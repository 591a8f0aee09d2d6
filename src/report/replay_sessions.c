/* replay_sessions.c - collects the sessions of a recording and passes them on to a format one by
 * one.
 */
#include "report/replay_sessions.h"

void replay_begin(struct report *report, const char *file)
{
    (void)file;
    if (report->subject != REPORT_EXCHANGES)
        return;
    struct copied_sessions *copied = copied_sessions_new(true);
    if (!copied)
        report_fail(report);
    else if (report->options.servers)
        copied->server_count = report->options.servers->count;
    report->collected = copied;
}

static void pass_on_sessions(const struct report *report, const char *file)
{
    struct copied_sessions *copied = report->collected;
    for (size_t i = 0; i < copied->session_count; i++)
        if (copied->sessions[i].step_count > 0)
            report->format->session(report, file, i + 1, &copied->sessions[i]);
    copied_sessions_clear_steps(copied);
}

void replay_exchange(const struct report *report, const char *file, uint64_t session,
                     const struct exchange *exchange, const struct verdict *verdict)
{
    struct copied_sessions *copied = report->collected;
    if (!copied)
        return;
    if (copied->step_count == COPIED_STEPS_MAX)
        pass_on_sessions(report, file);
    if (!copied_sessions_add_exchange(copied, session, exchange, verdict))
        report_fail(report);
}

void replay_file(const struct report *report, const char *file,
                 const struct smtpseq_recording *recording)
{
    (void)recording;
    if (report->collected)
        pass_on_sessions(report, file);
}

void replay_end(struct report *report)
{
    copied_sessions_free(report->collected);
    report->collected = NULL;
}
