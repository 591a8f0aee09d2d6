/* checker.c - one way through the house: source, transcript, dialogue, session, rules.
 */
#include "smtpseq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/parts.h"
#include "check/pieces.h"
#include "check/reading.h"
#include "check/unread.h"
#include "transcript/dumps/tcpflow_pair.h"

struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks,
                                            const struct server_set *servers)
{
    struct smtpseq_checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return NULL;
    checker->callbacks = *callbacks;
    checker->outlet.callbacks = *callbacks;
    checker->outlet.servers = servers ? servers->count : 0;
    checker->findings.finding = outlet_finding;
    checker->findings.context = &checker->outlet;
    finding_order_release(&checker->findings);
    checker->servers = servers;
    checker->piece = PIECE_OCTETS;
    return checker;
}

void smtpseq_checker_free(struct smtpseq_checker *checker)
{
    if (!checker)
        return;
    finding_order_free(&checker->findings);
    outlet_free(&checker->outlet);
    free(checker);
}

void smtpseq_checker_report_each(struct smtpseq_checker *checker)
{
    checker->findings.each = true;
}

void smtpseq_checker_flush(struct smtpseq_checker *checker)
{
    if (!checker->reading)
        return;
    checker->findings.live = true;
    if (!conversations_tell(&checker->reading->conversations))
        checker->no_memory = true;
    finding_order_release(&checker->findings);
    outlet_end(&checker->outlet);
}

void smtpseq_checker_settle(struct smtpseq_checker *checker)
{
    uint64_t line;
    if (!checker->reading)
        return;
    if (!conversations_settle(&checker->reading->conversations, &line))
        checker->no_memory = true;
    finding_order_tell(&checker->findings, line);
}

struct slice smtpseq_redact(struct smtpseq_checker *checker, struct slice text)
{
    return checker->callbacks.show_secrets ? text
                                           : secrets_blank(&checker->outlet.secrets, text, NULL);
}

void smtpseq_checker_jobs(struct smtpseq_checker *checker, unsigned jobs)
{
    checker->jobs = jobs;
}

void checker_begin(struct smtpseq_checker *checker)
{
    checker->recording = (struct smtpseq_recording){0};
    checker->no_memory = false;
    outlet_begin(&checker->outlet);
}

static enum smtpseq_status check_source(struct smtpseq_checker *checker, struct source *source,
                                        const struct format *format)
{
    struct smtpseq_recording *recording = &checker->recording;
    enum smtpseq_status status = read_source(checker, source, format);
    if (!recording->format && !recording->binary)
        recording->unplaced = recording->lines;
    recording->unread.dialogue = unread_is_dialogue(&recording->unread);
    bool nothing = recording->sessions == recording->foreign_begun && !recording->replies_only;
    return status == SMTPSEQ_OK && nothing ? SMTPSEQ_NO_SESSION : status;
}

enum smtpseq_status smtpseq_check(struct smtpseq_checker *checker, struct source *source,
                                  const struct format *format, struct smtpseq_recording *recording)
{
    checker_begin(checker);
    enum smtpseq_status status = check_source(checker, source, format);
    int error = errno;
    const char *trouble = source_trouble(source);
    checker->recording.octets = source_octets(source);
    if (status == SMTPSEQ_READ_ERROR && trouble)
        snprintf(checker->recording.trouble, REMARK_MAX, "%s", trouble);
    *recording = checker->recording;
    errno = error;
    return status;
}

/* Reads a pair of files to the end. */
static enum smtpseq_status check_sources(struct smtpseq_checker *checker, struct source *client,
                                         struct source *server, const char *name)
{
    struct smtpseq_recording *recording = &checker->recording;
    struct reading reading = {.recognition = {.format = format_by_name("tcpflow")}};
    struct line_sink lines = {.line = reading_line, .context = &reading};
    reading_begin(&reading, checker, NULL);
    int done = tcpflow_pair_read(client, server, slice_of(name), &lines, &recording->lines);
    enum smtpseq_status status = done > 0   ? SMTPSEQ_OK
                                 : done < 0 ? SMTPSEQ_READ_ERROR
                                            : SMTPSEQ_NO_MEMORY;
    int error = errno;
    if (!reading_end(&reading))
        status = SMTPSEQ_NO_MEMORY;
    errno = error;
    return status == SMTPSEQ_OK && recording->sessions == 0 ? SMTPSEQ_NO_SESSION : status;
}

enum smtpseq_status smtpseq_check_pair(struct smtpseq_checker *checker, int client, int server,
                                       const char *name, struct smtpseq_recording *recording)
{
    checker_begin(checker);
    struct source *sources[2] = {source_open(client), source_open(server)};
    enum smtpseq_status status = SMTPSEQ_NO_MEMORY;
    if (sources[0] && sources[1])
        status = check_sources(checker, sources[0], sources[1], name);
    int error = errno;
    for (size_t i = 0; i < 2; i++) {
        if (sources[i])
            checker->recording.octets += source_octets(sources[i]);
        source_close(sources[i]);
    }
    *recording = checker->recording;
    errno = error;
    return status;
}
