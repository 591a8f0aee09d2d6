/* remarks.c - what smtpseq has to say of a file beside its findings.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "cli/message.h"
#include "cli/result.h"
#include "report/escape.h"
#include "transcript/capture/capture.h"
#include "transcript/recognise/compose.h"

/* Begins a message on the recording. */
static void begin(FILE *out, const struct reading *reading)
{
    message_on(out, reading->path);
    fputs(": ", out);
}

static void say(FILE *out, const struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(FILE *out, const struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    begin(out, reading);
    vfprintf(out, format, arguments);
    putc('\n', out);
    va_end(arguments);
}

/* The lines of what the reader has remarked, each a message. */
static void say_remarks(FILE *out, const struct reading *reading)
{
    const char *text = reading->remarks;
    while (text && *text) {
        size_t size = strcspn(text, "\n");
        begin(out, reading);
        print_escaped(out, (struct slice){text, size});
        putc('\n', out);
        text += size + (text[size] == '\n');
    }
}

/* Why no session was found. */
static const char *no_session_reason(const struct smtpseq_recording *recording, bool archive)
{
    if (archive)
        return "nothing in this archive is a transcript";
    if (recording->octets == 0)
        return "the file is empty";
    if (recording->binary)
        return "this is binary data, not a transcript";
    if (!recording->format)
        return "no line in it looks like a command of SMTP";
    if (recording->format->family == &capture_family)
        return "no connection in it speaks SMTP, as far as it was captured";
    return "marked lines, but neither a command nor a reply";
}

/* The other protocol of most sessions; PROTOCOL_SMTP if all are SMTP. */
static enum protocol foreign_protocol(const struct smtpseq_recording *recording)
{
    enum protocol most = PROTOCOL_SMTP;
    for (size_t i = PROTOCOL_SMTP + 1; i < PROTOCOLS; i++)
        if (recording->foreign[i] > recording->foreign[most])
            most = (enum protocol)i;
    return most;
}

/* Sessions of other protocols, beside those of SMTP. */
static void say_foreign(FILE *out, const struct reading *reading)
{
    for (size_t i = PROTOCOL_SMTP + 1; i < PROTOCOLS; i++)
        if (reading->recording.foreign[i] > 0)
            say(out, reading, "%" PRIu64 " session%s of %s: not judged",
                reading->recording.foreign[i], plural(reading->recording.foreign[i]),
                protocol_name((enum protocol)i));
}

/* Advice for the log of a mail server that holds no dialogue. */
static void write_log_advice(FILE *out, enum smtpseq_mail_log log)
{
    if (log == SMTPSEQ_LOG_POSTFIX)
        fputs("; a log of Postfix has the dialogue only of the peers in debug_peer_list (postconf "
              "-e debug_peer_list=ADDRESS, then postfix reload)",
              out);
    else if (log == SMTPSEQ_LOG_EXIM)
        fputs("; Exim's main log has no dialogue: run exim -d+transport, or exim -v, and keep its "
              "standard error",
              out);
}

/* Lines look like SMTP, and nothing explains them. */
static void write_unread(FILE *out, const struct smtpseq_recording *recording)
{
    const struct smtpseq_unread *unread = &recording->unread;
    fprintf(out,
            "%" PRIu64 " of %" PRIu64 " line%s look like SMTP, the first is line %" PRIu64
            ", but no format explains them",
            unread->lines, recording->lines, plural(recording->lines), unread->first);
    if (recording->learnt[0]) {
        const struct fit *fit = &recording->fit;
        fputs("; nearest is ", out);
        print_escaped(out, slice_of(recording->learnt));
        fprintf(out, ", where %u command%s and %u repl%s make %u pair%s that fit%s", fit->commands,
                plural(fit->commands), fit->replies, fit->replies == 1 ? "y" : "ies", unread->pairs,
                plural(unread->pairs), unread->pairs == 1 ? "s" : "");
    }
    if (unread->log == SMTPSEQ_LOG_NONE)
        fputs("; --input-format names a format (smtpseq formats lists them)", out);
}

static void write_no_session(FILE *out, const struct smtpseq_recording *recording, bool archive)
{
    fputs("no SMTP session found: ", out);
    if (foreign_protocol(recording) != PROTOCOL_SMTP) {
        fprintf(out, "this is %s", protocol_name(foreign_protocol(recording)));
        return;
    }
    if (!archive && !recording->format && recording->unread.lines > 0) {
        write_unread(out, recording);
        write_log_advice(out, recording->unread.log);
        return;
    }
    fputs(no_session_reason(recording, archive), out);
    write_log_advice(out, archive ? SMTPSEQ_LOG_NONE : recording->unread.log);
}

void reading_trouble(FILE *out, const struct reading *reading, bool archive)
{
    const struct smtpseq_recording *recording = &reading->recording;
    if (reading->status == SMTPSEQ_NO_MEMORY)
        fputs("out of memory", out);
    else if (reading->status == SMTPSEQ_NO_SESSION)
        write_no_session(out, recording, archive);
    else
        print_escaped(
            out, slice_of(recording->trouble[0] ? recording->trouble : strerror(reading->error)));
}

/* What a part of the recording was read as. `several`: it is not all of it. */
static void say_part(FILE *out, const struct reading *reading, const struct smtpseq_reading *part,
                     bool several)
{
    begin(out, reading);
    if (several)
        fprintf(out, "from line %" PRIu64 " on: ", part->line);
    fputs("format: unknown, ", out);
    print_escaped(out, slice_of(part->learnt));
    fprintf(out, "; %u %% of what looks like SMTP at its beginning is explained by that\n",
            part->confidence);
}

/* The format, when it was asked for or is a guess. */
static void say_format(FILE *out, const struct reading *reading, bool verbose)
{
    const struct smtpseq_recording *recording = &reading->recording;
    bool several = recording->reading_count > 1;
    for (size_t i = 0; i < recording->reading_count; i++)
        if (recording->readings[i].inferred)
            say_part(out, reading, &recording->readings[i], several);
    if (!verbose)
        return;
    for (size_t i = 0; i < recording->reading_count && several; i++) {
        const struct smtpseq_reading *part = &recording->readings[i];
        say(out, reading, "from line %" PRIu64 " on: %s, %" PRIu64 " session%s", part->line,
            part->inferred ? "unknown" : part->format->name, part->sessions,
            plural(part->sessions));
    }
    say(out, reading, "%s%s, %" PRIu64 " session%s, %" PRIu64 " line%s",
        several               ? "several formats"
        : recording->inferred ? "unknown"
                              : recording->format->name,
        recording->one_sided ? " (the client's side only)" : "", recording->sessions,
        plural(recording->sessions), recording->lines, plural(recording->lines));
}

bool reading_remark(FILE *out, const struct reading *reading, bool archive,
                    const struct options *options)
{
    const struct smtpseq_recording *recording = &reading->recording;
    bool done = reading->status == SMTPSEQ_OK;
    if (reading->status != SMTPSEQ_NO_MEMORY && (!options->quiet || !done))
        say_remarks(out, reading);
    if (!done) {
        message_on(out, reading->path);
        if (reading->status == SMTPSEQ_NO_SESSION)
            fprintf(out, ":%d", recording->octets > 0);
        fputs(": ", out);
        reading_trouble(out, reading, archive);
        putc('\n', out);
        return false;
    }
    if (options->quiet)
        return true;
    say_format(out, reading, options->verbose);
    if (recording->newest_first)
        say(out, reading, "the newest line comes first: read from the end to the beginning");
    if (recording->one_sided)
        say(out, reading,
            "only the client's lines are in it: each command counts as accepted when it is in "
            "order; pipelining, replies and what the server offered cannot be judged");
    if (recording->replies_only)
        say(out, reading, "only the server's replies are in it: there are no commands to judge");
    if (options->verbose && recording->elided > 0)
        say(out, reading,
            "messages that are not shown whole: %" PRIu64
            "; what was sent too early after DATA cannot be judged there",
            recording->elided);
    say_foreign(out, reading);
    if (recording->given_up > 0)
        say(out, reading,
            "%" PRIu64
            " session%s among too many side by side: judged in parts, since the memory for "
            "them is bounded",
            recording->given_up, plural(recording->given_up));
    if (recording->unplaced > 0)
        say(out, reading, "%" PRIu64 " of %" PRIu64 " lines placed on neither side and passed over",
            recording->unplaced, recording->lines);
    if (recording->cut > 0)
        say(out, reading, "%" PRIu64 " very long line%s read by the beginning only", recording->cut,
            plural(recording->cut));
    return true;
}
