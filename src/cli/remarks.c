/* remarks.c - what smtpseq has to say of a file beside its findings.
 */
#include <stdio.h>
#include <string.h>

#include "base/made_text.h"
#include "cli/language.h"
#include "cli/message.h"
#include "cli/result.h"
#include "report/escape.h"
#include "transcript/capture/capture.h"
#include "transcript/recognise/compose.h"

/* "3 commands" in any language. */
#define COUNTED_MAX 100

/* Begins a message on the recording. */
static void begin(FILE *out, const struct reading *reading)
{
    message_on(out, reading->path);
    fputs(": ", out);
}

/* A remark that is one sentence. */
static void remark(FILE *out, const struct reading *reading, const char *text)
{
    message_at(out, reading->path, 0, text);
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
        return N_("nothing in this archive is a transcript");
    if (recording->octets == 0)
        return N_("the file is empty");
    if (recording->binary)
        return N_("this is binary data, not a transcript");
    if (!recording->format)
        return N_("no line in it looks like a command of SMTP");
    if (recording->format->family == &capture_family)
        return N_("no connection in it speaks SMTP, as far as it was captured");
    return N_("marked lines, but neither a command nor a reply");
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
    for (size_t i = PROTOCOL_SMTP + 1; i < PROTOCOLS; i++) {
        uint64_t count = reading->recording.foreign[i];
        if (count == 0)
            continue;
        begin(out, reading);
        say_count(out, count, "%llu session of %s: not judged", "%llu sessions of %s: not judged",
                  (unsigned long long)count, protocol_name((enum protocol)i));
        putc('\n', out);
    }
}

/* Advice for the log of a mail server that holds no dialogue. */
static void write_log_advice(FILE *out, const struct catalogue *language, enum smtpseq_mail_log log)
{
    if (log == SMTPSEQ_LOG_NONE)
        return;
    fputs("; ", out);
    if (log == SMTPSEQ_LOG_POSTFIX)
        say_in(out, language,
               "a log of Postfix has the dialogue only of the peers in debug_peer_list (postconf "
               "-e debug_peer_list=ADDRESS, then postfix reload)");
    else
        say_in(out, language,
               "Exim's main log has no dialogue: run exim -d+transport, or exim -v, and keep its "
               "standard error");
}

/* What nearly explains the lines. */
static void write_nearest(FILE *out, const struct catalogue *language,
                          const struct smtpseq_recording *recording)
{
    char learnt[LEARNT_TEXT * 2], commands[COUNTED_MAX], replies[COUNTED_MAX];
    const struct fit *fit = &recording->fit;
    unsigned pairs = recording->unread.pairs;
    translate_made(learnt, sizeof learnt, language, recording->learnt);
    snprintf(commands, sizeof commands,
             translate_count(language, "%u command", "%u commands", fit->commands), fit->commands);
    snprintf(replies, sizeof replies,
             translate_count(language, "%u reply", "%u replies", fit->replies), fit->replies);
    fputs("; ", out);
    say_count_in(out, language, pairs, "nearest is %s, where %s and %s make %u pair that fits",
                 "nearest is %s, where %s and %s make %u pairs that fit", learnt, commands, replies,
                 pairs);
}

/* Lines look like SMTP, and nothing explains them. */
static void write_unread(FILE *out, const struct catalogue *language,
                         const struct smtpseq_recording *recording)
{
    const struct smtpseq_unread *unread = &recording->unread;
    say_count_in(
        out, language, recording->lines,
        "%llu of %llu line look like SMTP, the first is line %llu, but no format explains "
        "them",
        "%llu of %llu lines look like SMTP, the first is line %llu, but no format explains "
        "them",
        (unsigned long long)unread->lines, (unsigned long long)recording->lines,
        (unsigned long long)unread->first);
    if (recording->learnt[0])
        write_nearest(out, language, recording);
    if (unread->log != SMTPSEQ_LOG_NONE)
        return;
    fputs("; ", out);
    say_in(out, language, "--input-format names a format (smtpseq formats lists them)");
}

static void write_no_session(FILE *out, const struct catalogue *language,
                             const struct smtpseq_recording *recording, bool archive)
{
    say_in(out, language, "no SMTP session found:");
    putc(' ', out);
    if (foreign_protocol(recording) != PROTOCOL_SMTP) {
        say_in(out, language, "this is %s", protocol_name(foreign_protocol(recording)));
        return;
    }
    if (!archive && !recording->format && recording->unread.lines > 0) {
        write_unread(out, language, recording);
        write_log_advice(out, language, recording->unread.log);
        return;
    }
    fputs(translate(language, no_session_reason(recording, archive)), out);
    write_log_advice(out, language, archive ? SMTPSEQ_LOG_NONE : recording->unread.log);
}

void reading_trouble(FILE *out, const struct reading *reading, bool archive,
                     const struct catalogue *language)
{
    const struct smtpseq_recording *recording = &reading->recording;
    char trouble[REMARK_MAX * 2];
    if (reading->status == SMTPSEQ_NO_MEMORY) {
        fputs(translate(language, N_("out of memory")), out);
    } else if (reading->status == SMTPSEQ_NO_SESSION) {
        write_no_session(out, language, recording, archive);
    } else {
        translate_made(trouble, sizeof trouble, language,
                       recording->trouble[0] ? recording->trouble : strerror(reading->error));
        print_escaped(out, slice_of(trouble));
    }
}

/* What a part of the recording was read as. `several`: it is not all of it. */
static void say_part(FILE *out, const struct reading *reading, const struct smtpseq_reading *part,
                     bool several)
{
    char learnt[LEARNT_TEXT * 2];
    begin(out, reading);
    if (several) {
        say(out, "from line %llu on:", (unsigned long long)part->line);
        putc(' ', out);
    }
    translate_made(learnt, sizeof learnt, language(), part->learnt);
    say(out,
        "format: unknown, %s; %u %% of what looks like SMTP at its beginning is explained by that",
        learnt, part->confidence);
    putc('\n', out);
}

/* "transcript, 2 sessions" */
static void write_format(FILE *out, const char *name, bool one_sided, uint64_t sessions)
{
    if (one_sided)
        say(out, "%s (the client's side only)", name);
    else
        print_escaped(out, slice_of(name));
    fputs(", ", out);
    say_count(out, sessions, "%llu session", "%llu sessions", (unsigned long long)sessions);
}

/* The format, when it was asked for or is a guess. */
static void say_format(FILE *out, const struct reading *reading, bool verbose)
{
    const struct smtpseq_recording *recording = &reading->recording;
    bool several = recording->reading_count > 1;
    const char *unknown = translate(language(), N_("unknown"));
    for (size_t i = 0; i < recording->reading_count; i++)
        if (recording->readings[i].inferred)
            say_part(out, reading, &recording->readings[i], several);
    if (!verbose)
        return;
    for (size_t i = 0; i < recording->reading_count && several; i++) {
        const struct smtpseq_reading *part = &recording->readings[i];
        begin(out, reading);
        say(out, "from line %llu on:", (unsigned long long)part->line);
        putc(' ', out);
        write_format(out, part->inferred ? unknown : part->format->name, false, part->sessions);
        putc('\n', out);
    }
    begin(out, reading);
    write_format(out,
                 several               ? translate(language(), N_("several formats"))
                 : recording->inferred ? unknown
                                       : recording->format->name,
                 recording->one_sided, recording->sessions);
    fputs(", ", out);
    say_count(out, recording->lines, "%llu line", "%llu lines",
              (unsigned long long)recording->lines);
    putc('\n', out);
}

/* What is wanting in the recording as a whole. */
static void say_gaps(FILE *out, const struct reading *reading)
{
    const struct smtpseq_recording *recording = &reading->recording;
    if (recording->given_up > 0) {
        begin(out, reading);
        say_count(out, recording->given_up,
                  "%llu session among too many side by side: judged in parts, since the memory for "
                  "them is bounded",
                  "%llu sessions among too many side by side: judged in parts, since the memory "
                  "for them is bounded",
                  (unsigned long long)recording->given_up);
        putc('\n', out);
    }
    if (recording->unplaced > 0) {
        begin(out, reading);
        say(out, "%llu of %llu lines placed on neither side and passed over",
            (unsigned long long)recording->unplaced, (unsigned long long)recording->lines);
        putc('\n', out);
    }
    if (recording->cut > 0) {
        begin(out, reading);
        say_count(out, recording->cut, "%llu very long line read by the beginning only",
                  "%llu very long lines read by the beginning only",
                  (unsigned long long)recording->cut);
        putc('\n', out);
    }
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
        reading_trouble(out, reading, archive, language());
        putc('\n', out);
        return false;
    }
    if (options->quiet)
        return true;
    say_format(out, reading, options->verbose);
    if (recording->newest_first)
        remark(out, reading, N_("the newest line comes first: read from the end to the beginning"));
    if (recording->one_sided)
        remark(out, reading,
               N_("only the client's lines are in it: each command counts as accepted when it is "
                  "in order; pipelining, replies and what the server offered cannot be judged"));
    if (recording->replies_only)
        remark(out, reading,
               N_("only the server's replies are in it: there are no commands to judge"));
    if (options->verbose && recording->elided > 0) {
        begin(out, reading);
        say(out,
            "messages that are not shown whole: %llu; what was sent too early after DATA cannot be "
            "judged there",
            (unsigned long long)recording->elided);
        putc('\n', out);
    }
    say_foreign(out, reading);
    say_gaps(out, reading);
    return true;
}

/* A format that is not known by name. */
static void print_unknown(FILE *out, const struct smtpseq_recording *recording)
{
    char learnt[LEARNT_TEXT * 2];
    translate_made(learnt, sizeof learnt, language(), recording->learnt);
    if (recording->learnt[0] && recording->format)
        say(out, "unknown, %s; %u %% of what looks like SMTP is explained by that", learnt,
            recording->confidence);
    else if (recording->learnt[0])
        say(out, "unknown, perhaps %s", learnt);
    else
        say(out, "unknown");
}

static void print_fit(FILE *out, const struct smtpseq_recording *recording)
{
    const struct fit *fit = &recording->fit;
    fputs(" (", out);
    if (recording->one_sided)
        say(out, "%u commands and %u replies at its beginning: the client's side only",
            fit->commands, fit->replies);
    else if (recording->replies_only)
        say(out, "%u commands and %u replies at its beginning: the server's side only",
            fit->commands, fit->replies);
    else
        say(out, "%u commands and %u replies at its beginning", fit->commands, fit->replies);
    putc(')', out);
}

void recognition_remark(FILE *out, const struct smtpseq_recording *recording)
{
    if (recording->format && !recording->inferred)
        fputs(recording->format->name, out);
    else
        print_unknown(out, recording);
    /* What is known by its first octets has no lines that were counted. */
    if (recording->format && !recording->format->family->read_all)
        print_fit(out, recording);
}
