/* remarks.c - what smtpseq has to say of a file beside its findings.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/result.h"
#include "report/harmless.h"
#include "spelling.h"
#include "transcript/capture.h"
#include "transcript/infer.h"

/* The lines of `text`, each as a message on that path. */
static void say_lines(FILE *out, const char *path, const char *text)
{
    while (text && *text) {
        size_t size = strcspn(text, "\n");
        fprintf(out, "smtpseq: %s: ", path);
        print_harmless(out, (struct slice){text, size});
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
        return "no line looks like a command or a reply of a known format (smtpseq formats lists "
               "them)";
    if (recording->format->family == &capture_family)
        return "no connection in it speaks SMTP, as far as it was captured";
    return "marked lines, but neither a command nor a reply";
}

static void say_no_session(FILE *out, const struct reading *reading, bool archive)
{
    const struct smtpseq_recording *recording = &reading->recording;
    fprintf(out, "smtpseq: %s:%d: no SMTP session found: ", reading->path, recording->octets > 0);
    if (!archive && !recording->format && recording->learnt[0]) {
        fputs("there seem to be ", out);
        print_harmless(out, slice_of(recording->learnt));
        fprintf(out, ", but that explains only %u %% of what looks like SMTP (at least %u %%)\n",
                recording->confidence, INFERENCE_LEAST);
        return;
    }
    fprintf(out, "%s\n", no_session_reason(recording, archive));
}

/* What the format is, when it was asked for or when it is a guess. */
static void say_format(FILE *out, const struct reading *reading, bool verbose)
{
    const struct smtpseq_recording *recording = &reading->recording;
    if (recording->inferred) {
        fprintf(out, "smtpseq: %s: format: unknown, ", reading->path);
        print_harmless(out, slice_of(recording->learnt));
        fprintf(out, "; %u %% of what looks like SMTP at its beginning is explained by that\n",
                recording->confidence);
    }
    if (verbose)
        fprintf(out, "smtpseq: %s: %s%s, %" PRIu64 " session%s, %" PRIu64 " line%s\n",
                reading->path, recording->inferred ? "unknown" : recording->format->name,
                recording->one_sided ? " (the client's side only)" : "", recording->sessions,
                plural(recording->sessions), recording->lines, plural(recording->lines));
}

bool reading_remark(FILE *out, const struct reading *reading, bool archive,
                    const struct options *options)
{
    const struct smtpseq_recording *recording = &reading->recording;
    if (reading->status == SMTPSEQ_NO_MEMORY) {
        say_lines(out, reading->path, "out of memory");
        return false;
    }
    if (!options->quiet || reading->status != SMTPSEQ_OK)
        say_lines(out, reading->path, reading->remarks);
    if (reading->status == SMTPSEQ_READ_ERROR) {
        say_lines(out, reading->path,
                  recording->trouble[0] ? recording->trouble : strerror(reading->error));
        return false;
    }
    if (reading->status == SMTPSEQ_NO_SESSION) {
        say_no_session(out, reading, archive);
        return false;
    }
    if (options->quiet)
        return true;
    say_format(out, reading, options->verbose);
    if (recording->one_sided)
        fprintf(out,
                "smtpseq: %s: only the client's lines are in it: each command counts as accepted "
                "when it is in order; pipelining, replies and what the server offered cannot be "
                "judged\n",
                reading->path);
    if (recording->replies_only)
        fprintf(
            out,
            "smtpseq: %s: only the server's replies are in it: there are no commands to judge\n",
            reading->path);
    if (options->verbose && recording->elided > 0)
        fprintf(out,
                "smtpseq: %s: messages that are not shown whole: %" PRIu64
                "; whether something was "
                "sent behind DATA too early cannot be judged there\n",
                reading->path, recording->elided);
    if (recording->unplaced > 0)
        fprintf(out,
                "smtpseq: %s: %" PRIu64 " of %" PRIu64
                " lines placed on neither side and passed over\n",
                reading->path, recording->unplaced, recording->lines);
    if (recording->cut > 0)
        fprintf(out, "smtpseq: %s: %" PRIu64 " very long line%s read by the beginning only\n",
                reading->path, recording->cut, plural(recording->cut));
    return true;
}
