/* bounce.c - bounces of sendmail and of those that follow it.
 *
 *     ----- Transcript of session follows -----
 *     ... while talking to mx.example.com.:
 *     >>> DATA
 *     <<< 550 5.1.1 <bob@example.com>... User unknown
 *     550 5.1.1 <bob@example.com>... User unknown
 *     <<< 503 5.0.0 Need RCPT (recipient)
 *
 * It shows the last command of a pipelined group and what was refused in that; of a session that went well
 * it shows nothing. So nothing is known of what came before.
 */
#include "transcript/formats/bounce.h"

#include "smtp/look.h"

/* The kind of a line; its payload follows the mark. */
static enum side side_of(struct slice line, enum note *note)
{
    if (slice_starts(slice_trim(line), SLICE("----- Transcript of session follows -----")) ||
        slice_starts(line, SLICE("... while talking to ")))
        *note = NOTE_HOLE;
    if (slice_starts(line, SLICE(">>> ")))
        return SIDE_CLIENT;
    return slice_starts(line, SLICE("<<< ")) ? SIDE_SERVER : SIDE_NOTE;
}

static bool bounce_is_sure(const struct format *format, struct slice head, struct fit *fit)
{
    (void)format;
    bool quoted = false;
    *fit = (struct fit){0};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        enum note note = NOTE_PLAIN;
        enum side side = side_of(line, &note);
        quoted = quoted || note == NOTE_HOLE;
        fit->commands += quoted && side == SIDE_CLIENT && looks_like_verb(slice_after(line, 4));
        fit->replies += quoted && side == SIDE_SERVER && looks_like_reply(slice_after(line, 4));
    }
    return fit->commands > 0 && fit->replies > 0;
}

static struct fit bounce_recognise(const struct format *format, struct slice head)
{
    struct fit fit;
    return bounce_is_sure(format, head, &fit) ? fit : (struct fit){0};
}

static bool bounce_read(struct reader *reader, const struct source_line *source)
{
    struct line line = line_of_file(source);
    line.side = side_of(source->text, &line.note);
    if (line.side != SIDE_NOTE) {
        line.payload = slice_after(source->text, 4);
        line.column = 5;
    }
    reader->sink->line(reader->sink->context, &line);
    return true;
}

const struct format_family bounce_family = {
    .recognise = bounce_recognise,
    .is_sure = bounce_is_sure,
    .read = bounce_read,
    .undivided = true,
};
