/* recorded.c - runs the library over a recording in memory. */
#include "recorded.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

int recorded_descriptor(struct slice recording)
{
    FILE *file = tmpfile();
    int descriptor = file ? dup(fileno(file)) : -1;
    if (file)
        fclose(file);
    for (size_t done = 0; descriptor >= 0 && done < recording.size;) {
        ssize_t wrote = write(descriptor, recording.data + done, recording.size - done);
        if (wrote <= 0) {
            close(descriptor);
            return -1;
        }
        done += (size_t)wrote;
    }
    if (descriptor >= 0)
        lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

static void check(struct slice recording, const struct smtpseq_callbacks *callbacks,
                  struct smtpseq_recording *read)
{
    int descriptor = recorded_descriptor(recording);
    struct smtpseq_checker *checker = smtpseq_checker_new(callbacks, NULL);
    struct source *source = source_open(descriptor);
    if (descriptor >= 0 && checker && source)
        smtpseq_check(checker, source, NULL, read);
    smtpseq_checker_free(checker);
    source_close(source);
    close(descriptor);
}

/* Prints "name=3", or "name=-" for zero. */
static void print_number(FILE *out, const char *name, uint64_t number)
{
    if (number > 0)
        fprintf(out, " %s=%" PRIu64, name, number);
    else
        fprintf(out, " %s=-", name);
}

static void print_finding(void *context, const struct finding *finding)
{
    FILE *out = context;
    fprintf(out, "%s line=%" PRIu64 " severity=%s fault=%s state=%s", finding->rule->name,
            finding->line, severity_name(finding->severity), fault_name(finding->fault),
            finding->has_state ? state_name(finding->state) : "-");
    print_number(out, "predicted", (uint64_t)finding->predicted);
    print_number(out, "reply", (uint64_t)finding->reply.code);
    print_number(out, "cause", finding->cause.line);
    if (finding->origin.line > 0)
        print_number(out, "origin", finding->origin.line);
    fputs(" followers=", out);
    for (size_t i = 0; i < finding->follower_count; i++)
        fprintf(out, "%s%" PRIu64, i > 0 ? "," : "", finding->followers[i]);
    fputs(finding->follower_count > 0 ? "\n" : "-\n", out);
}

char *recorded_findings(struct slice recording)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    struct smtpseq_callbacks callbacks = {.context = out, .finding = print_finding};
    struct smtpseq_recording read;
    check(recording, &callbacks, &read);
    fflush(out);
    if (size == 0)
        fputs("clean\n", out);
    fclose(out);
    return text;
}

/* A report on one recording. */
struct reporting {
    struct report report;
    struct report_section sections[REPORT_SECTIONS_MAX];
    struct report_totals totals;
    bool failed;
    bool show_secrets;
};

static void report_finding(void *context, const struct finding *finding)
{
    struct reporting *reporting = context;
    reporting->totals.findings[finding->severity]++;
    reporting->report.format->finding(&reporting->report, "session.txt", finding);
}

static void report_exchange(void *context, uint64_t session, const struct exchange *exchange,
                            const struct verdict *verdict)
{
    const struct reporting *reporting = context;
    const struct report *report = &reporting->report;
    if (report->subject == REPORT_EXCHANGES)
        report->format->exchange(report, "session.txt", session, exchange, verdict);
    else if (report->format->around)
        report->format->around(report, session, exchange, verdict);
}

/* Writes a whole report. */
static void write_report(struct slice recording, struct reporting *reporting)
{
    struct report *report = &reporting->report;
    const struct report_format *format = report->format;
    FILE *out = report->out;
    struct smtpseq_callbacks callbacks = {
        .context = reporting,
        .show_secrets = reporting->show_secrets,
        .exchange = report_exchange,
    };
    struct smtpseq_recording read = {0};
    if (report->subject == REPORT_FINDINGS)
        callbacks.finding = report_finding;
    reporting->sections[0].stream = out;
    for (unsigned i = 0; i < format->sections; i++)
        reporting->sections[i].stream = tmpfile();
    report->sections = reporting->sections;
    report->failed = &reporting->failed;
    if (format->heading)
        format->heading(report);
    report->out = reporting->sections[0].stream;
    if (format->begin)
        format->begin(report, "session.txt");
    check(recording, &callbacks, &read);
    if (format->file)
        format->file(report, "session.txt", &read);
    if (format->end)
        format->end(report);
    report->out = out;
    reporting->totals.files = 1;
    reporting->totals.sessions = read.sessions;
    reporting->totals.exchanges = read.exchanges;
    if (format->summary)
        format->summary(report, &reporting->totals);
    for (unsigned i = 0; i < format->sections; i++)
        fclose(reporting->sections[i].stream);
}

char *recorded_report(struct slice recording, const struct report_format *format, bool show_secrets)
{
    static const enum report_subject subjects[] = {REPORT_EXCHANGES, REPORT_FINDINGS};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        struct reporting reporting = {
            .report = {.format = format,
                       .subject = subjects[i],
                       .out = out,
                       .options = {.fail_on = SEVERITY_ERROR}},
            .show_secrets = show_secrets,
        };
        if (report_fits(format, subjects[i]))
            write_report(recording, &reporting);
        if (reporting.failed)
            fputs("out of memory\n", out);
    }
    fclose(out);
    return text;
}
