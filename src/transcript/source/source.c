/* source.c - lines from the window of a source. */
#include <stdlib.h>

#include "smtp/scan.h"
#include "transcript/source/line_ends.h"
#include "transcript/source/source_state.h"

/* The most octets of the lines before a place that source_seek finds. */
#define LEAD_OCTETS ((size_t)8 << 10)

void source_count_from(struct source *source, uint64_t number, bool downwards)
{
    source->first_number = number;
    source->downwards = downwards;
}

uint64_t source_number(const struct source *source, uint64_t line)
{
    return source->downwards ? source->first_number - line : source->first_number + line;
}

uint64_t source_lines(const struct source *source)
{
    return source->lines;
}

/* Takes a line that fills the window: its first half is kept, and the last octets of the rest,
 * because they show whether a message ended there. Returns the offset after the line. */
static size_t skip_long_line(struct source *source, struct source_line *line)
{
    const size_t half = source->capacity / 2;
    size_t scanned = half;
    line->ended = false;
    for (;;) {
        const char *rest = source->window + scanned;
        const char *found = memchr(rest, source->line_end, source->end - scanned);
        size_t stop = found ? (size_t)(found - source->window) : source->end;
        memmove(source->window + half, source->window + stop - SOURCE_TAIL, SOURCE_TAIL);
        line->cut += stop - half - SOURCE_TAIL;
        line->text = (struct slice){source->window, half + SOURCE_TAIL};
        if (found) {
            line->ended = true;
            return stop + 1;
        }
        scanned = source->end = half + SOURCE_TAIL;
        if (!source_fill(source))
            return source->end;
    }
}

/* Finds more line ends, and reads until there is one. */
static bool look_for_ends(struct source *source)
{
    if (!source->head_read)
        source_head(source);
    source->next_end = 0;
    do {
        struct slice window = {source->window, source->end};
        source->end_count =
            line_ends(window, source->line_end, &source->searched, source->ends, ENDS_MAX);
    } while (source->end_count == 0 && source_fill(source));
    return source->end_count > 0;
}

static inline bool find_ends(struct source *source)
{
    return source->next_end < source->end_count || look_for_ends(source);
}

/* Takes the octets without a line end: a line that is too long for the window, the last line, or
 * nothing. Returns the result of source_next. */
static int take_rest(struct source *source, struct source_line *line)
{
    if (source->error)
        return -1;
    if (!source->at_end) { /* the window is full */
        source->begin = source->searched = skip_long_line(source, line);
        return source->error ? -1 : 1;
    }
    if (source->begin == source->end)
        return 0;
    line->text.size = source->end - source->begin;
    source->begin = source->end;
    return 1;
}

/* Removes the CR of CRLF from a line. */
static inline void strip_cr(const struct source *source, struct source_line *line)
{
    struct slice *text = &line->text;
    line->cr = text->size > 0 && text->data[text->size - 1] == '\r' && source->line_end == '\n';
    text->size -= line->cr;
}

/* Sets *line to the line up to the next known end. */
static inline void next_line(const struct source *source, struct source_line *line)
{
    line->text.data = source->window + source->begin;
    line->text.size = source->ends[source->next_end] - source->begin;
    line->number = source_number(source, source->lines);
    line->cut = 0;
    line->ended = true;
    strip_cr(source, line);
}

void source_take(struct source *source)
{
    source->begin = source->ends[source->next_end++] + (size_t)1;
    source->lines++;
}

bool source_peek(const struct source *source, struct source_line *line)
{
    if (source->next_end == source->end_count)
        return false;
    next_line(source, line);
    return true;
}

int source_next(struct source *source, struct source_line *line)
{
    if (find_ends(source)) {
        next_line(source, line);
        source_take(source);
        return 1;
    }
    *line = (struct source_line){
        .text = {source->window + source->begin, 0},
        .number = source_number(source, source->lines),
    };
    int more = take_rest(source, line);
    if (more <= 0)
        return more;
    source->lines++;
    strip_cr(source, line);
    return 1;
}

void source_hold(struct source *source)
{
    source->holds = true;
    source->held = source->later = source->begin;
    source->held_lines = source->later_lines = source->lines;
}

void source_slide(struct source *source, unsigned lines)
{
    if (source->lines - source->later_lines < lines)
        return;
    source->held = source->later;
    source->held_lines = source->later_lines;
    source->later = source->begin;
    source->later_lines = source->lines;
}

struct slice source_held(const struct source *source)
{
    if (!source->holds)
        return (struct slice){0};
    return (struct slice){source->window + source->held, source->begin - source->held};
}

bool source_rewind(struct source *source)
{
    if (!source->holds)
        return false;
    source->begin = source->held;
    source->lines = source->held_lines;
    source_forget_ends(source);
    return true;
}

/* The beginning of the line at `place`, or of one at most `lead` lines before it that is near. */
static size_t lead_begins(const struct source *source, size_t place, unsigned lead)
{
    const char *window = source->window;
    size_t begin = place;
    for (unsigned i = 0; i <= lead && place > source->begin; i++) {
        const char *end = memrchr(window + source->begin, source->line_end, place - source->begin);
        size_t line = end ? (size_t)(end - window) + 1 : source->begin;
        if (i > 0 && begin - line > LEAD_OCTETS)
            break;
        begin = i == 0 || line < begin ? line : begin;
        place = line > source->begin ? line - 1 : line;
    }
    return begin;
}

/* Skips the lines before this offset. */
static void pass_to(struct source *source, size_t place)
{
    struct slice passed = {source->window + source->begin, place - source->begin};
    source->lines += line_ends_count(passed, source->line_end);
    if (source->at_end && place == source->end && passed.size > 0)
        source->lines += passed.data[passed.size - 1] != source->line_end;
    source->begin = place;
    source_forget_ends(source);
}

void source_drop(struct source *source, size_t size)
{
    size_t left = source->end - source->begin;
    pass_to(source, source->begin + (size < left ? size : left));
}

int source_seek(struct source *source, unsigned lead)
{
    if (!source->head_read)
        source_head(source);
    source->holds = false;
    size_t unseen = source->end - source->begin;
    for (;;) {
        struct slice left = source_unread(source);
        size_t at = scan_find(left, left.size - unseen);
        pass_to(source, lead_begins(source, source->begin + at, lead));
        if (at < left.size)
            return 1;
        size_t size = source->end - source->begin;
        unseen = size < SCAN_REACH ? size : SCAN_REACH;
        if (source_fill(source)) {
            unseen += source->end - source->begin - size;
        } else if (source->error) {
            return -1;
        } else if (source->at_end) {
            pass_to(source, source->end);
            return 0;
        } else { /* a line that is too long for the window */
            struct source_line line;
            int more = source_next(source, &line);
            if (more <= 0)
                return more;
            source_forget_ends(source);
            unseen = source->end - source->begin;
        }
    }
}

struct slice source_pass(struct source *source, const struct line_form *form)
{
    if (!find_ends(source))
        return SLICE("");
    size_t begin = source->begin;
    for (; source->next_end < source->end_count; source->lines++) { /* to find more may move them */
        size_t end = source->ends[source->next_end];
        struct slice line = {source->window + source->begin, end - source->begin};
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (line.size < form->least || line.size > form->most || line.data[0] != form->begin[0] ||
            line.data[1] != form->begin[1])
            break;
        source->begin = end + 1;
        source->next_end++;
    }
    return (struct slice){source->window + begin, source->begin - begin};
}
