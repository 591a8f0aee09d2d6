/* recorded.c - runs the library over a recording that is in memory. */
#include "recorded.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int recorded_descriptor(struct slice recording)
{
    int descriptor = memfd_create("recording", MFD_CLOEXEC);
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

static void check(struct slice recording, const struct smtpseq_callbacks *callbacks)
{
    int descriptor = recorded_descriptor(recording);
    struct smtpseq_checker *checker = smtpseq_checker_new(callbacks, NULL);
    struct source *source = source_open(descriptor);
    struct smtpseq_recording read;
    if (descriptor >= 0 && checker && source)
        smtpseq_check(checker, source, NULL, &read);
    smtpseq_checker_free(checker);
    source_close(source);
    close(descriptor);
}

/* "name=3", or "name=-" for nothing. */
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
    check(recording, &callbacks);
    fflush(out);
    if (size == 0)
        fputs("clean\n", out);
    fclose(out);
    return text;
}

struct reporting {
    struct report report;
    const struct report_format *format;
};

static void report_finding(void *context, const struct finding *finding)
{
    const struct reporting *reporting = context;
    reporting->format->finding(&reporting->report, "session.txt", finding);
}

static void report_exchange(void *context, uint64_t session, const struct exchange *exchange,
                            const struct verdict *verdict)
{
    const struct reporting *reporting = context;
    reporting->format->exchange(&reporting->report, "session.txt", session, exchange, verdict);
}

char *recorded_report(struct slice recording, const struct report_format *format, bool show_secrets)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    struct reporting reporting = {
        .report = {.out = out, .options = {.show_secrets = show_secrets}},
        .format = format,
    };
    struct smtpseq_callbacks callbacks = {.context = &reporting};
    if (format->exchange) {
        callbacks.exchange = report_exchange;
        check(recording, &callbacks);
        callbacks.exchange = NULL;
    }
    callbacks.finding = report_finding;
    check(recording, &callbacks);
    fclose(out);
    return text;
}
