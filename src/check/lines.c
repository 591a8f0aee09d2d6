/* lines.c - reads a source line by line, and watches for what the reading does not explain.
 */
#include "check/lines.h"

#include "check/gap.h"

/* A line, and the one after it where the two are a command and its reply: then *taken is set. */
static void take_lines(struct reading *reading, const struct line *line)
{
    struct source_line next;
    struct line reply;
    bool taken = false;
    struct smtpseq_checker *checker = reading->checker;
    if (line->side == SIDE_CLIENT && checker->comment_count == 0 && reading->gap_anchors == 0 &&
        (!reading->in_text || line->payload.size == 1) && /* text but for the dot has no reply */
        source_peek(reading->source, &next) && reader_line(&reading->reader, &next, &reply) &&
        reply.side == SIDE_SERVER &&
        !conversations_pair(&reading->conversations, line, &reply, &taken))
        checker->no_memory = true;
    if (!taken) {
        reading_line(reading, line);
        return;
    }
    reading->placed = true;
    source_take(reading->source);
    reading_settle(reading);
}

enum smtpseq_status lines_read(struct reading *reading, bool only)
{
    struct smtpseq_checker *checker = reading->checker;
    struct source *source = reading->source;
    struct source_line line;
    struct line read;
    struct line_form text;
    bool has_form = reader_text_form(&reading->reader, &text);
    int more = 0;
    source_hold(source);
    while (!reading->over && (more = source_next(source, &line)) > 0) {
        checker->recording.cut += line.cut > 0;
        reading->unended = line.ended ? 0 : line.number;
        reading->placed = reading->unmarked = reading->in_message = false;
        if (line.ended && reader_line(&reading->reader, &line, &read))
            take_lines(reading, &read);
        else if (!reader_read(&reading->reader, &line))
            return SMTPSEQ_NO_MEMORY;
        if (checker->no_memory)
            return SMTPSEQ_NO_MEMORY;
        reading->in_text = conversations_in_text(&reading->conversations);
        if (has_form && reading->in_text)
            conversations_passed(&reading->conversations, source_pass(source, &text));
        if (reading->placed || (gap_has_own(reading) && reading->gap_anchors == 0))
            source_hold(source);
        else if (!only && !gap_has_own(reading))
            gap_watch(reading, line.text);
    }
    if (reading->over || (more == 0 && source_is_stopped(source)))
        return SMTPSEQ_OK;
    if (reading->gap_anchors > 0 || (!only && gap_may_be_excerpt(reading)))
        gap_lasts(reading);
    return more < 0 ? SMTPSEQ_READ_ERROR : SMTPSEQ_OK;
}
