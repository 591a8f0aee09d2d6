/* source.c - lines from a window that moves over the input. */
#include "transcript/source/source.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "smtp/scan.h"
#include "transcript/source/encoding.h"
#include "transcript/source/line_ends.h"

#define WINDOW_FIRST ((size_t)256 << 10)
#define MAGIC        ((size_t)512)
/* Octets of UTF-16 read at a time. */
#define UTF16_READ   ((size_t)8 << 10)
/* Line ends found in advance. */
#define ENDS_MAX     512
/* The most octets of the lines before a place that source_seek finds. */
#define LEAD_OCTETS  ((size_t)8 << 10)

struct source {
    int descriptor;
    struct origin origin; /* instead of the descriptor, where `read` is set */
    char *window;
    size_t capacity;
    size_t begin, end;                /* what has been read and not been given out */
    bool holds;                       /* what was given out from `held` on is kept */
    size_t held, later;               /* `later`: the next place for it (source_slide) */
    uint64_t held_lines, later_lines; /* lines given before them */
    size_t searched;                  /* up to here line ends have been looked for ... */
    uint32_t ends[ENDS_MAX];          /* ... and those that have not been given out stand here */
    size_t next_end, end_count;
    uint64_t lines, octets;
    uint64_t first_number; /* of the first line ... */
    bool downwards;        /* ... and of the others: one less each */
    char line_end;
    enum encoding encoding; /* known when head_read */
    struct utf16 utf16;
    bool head_read;
    bool at_end;
    int error;
};

struct source *source_open(int descriptor)
{
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->descriptor = descriptor;
    source->line_end = '\n';
    source->first_number = 1;
    source->capacity = WINDOW_FIRST;
    source->window = malloc(source->capacity);
    if (!source->window) {
        free(source);
        return NULL;
    }
    return source;
}

struct source *source_of(const struct origin *origin)
{
    struct source *source = source_open(-1);
    if (source)
        source->origin = *origin;
    return source;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    free(source->window);
    free(source);
}

const char *source_trouble(const struct source *source)
{
    const struct origin *origin = &source->origin;
    return origin->trouble ? origin->trouble(origin->context) : NULL;
}

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

uint64_t source_octets(const struct source *source)
{
    return source->octets;
}

/* Moves the unread octets to the front of the window, with the held lines before them. */
static void move_to_front(struct source *source)
{
    size_t gone = source->holds ? source->held : source->begin;
    if (gone == 0)
        return;
    memmove(source->window, source->window + gone, source->end - gone);
    source->end -= gone;
    source->searched -= gone;
    source->begin -= gone;
    source->held = 0;
    source->later -= gone < source->later ? gone : source->later;
}

/* Makes room for `least` octets after `end`: moves the window, or grows it up to the longest line.
 * Returns false when out of memory. */
static bool make_room(struct source *source, size_t least)
{
    move_to_front(source);
    if (source->capacity - source->end >= least)
        return true;
    if (source->capacity >= SOURCE_LINE_MAX && source->holds) { /* a very long line needs it all */
        source->holds = false;
        move_to_front(source);
        return source->capacity - source->end >= least;
    }
    if (source->capacity >= SOURCE_LINE_MAX)
        return false;
    char *larger = realloc(source->window, source->capacity * 2);
    if (!larger) {
        source->error = ENOMEM;
        return false;
    }
    source->window = larger;
    source->capacity *= 2;
    return true;
}

/* Reads the next octets. Returns how many; 0 at the end and on an error. */
static size_t read_octets(struct source *source, char *room, size_t size)
{
    const struct origin *origin = &source->origin;
    for (;;) {
        errno = 0;
        long got = origin->read ? origin->read(origin->context, room, size)
                                : (long)read(source->descriptor, room, size);
        if (got > 0) {
            source->octets += (uint64_t)got;
            return (size_t)got;
        }
        if (got == 0) {
            source->at_end = true;
            return 0;
        }
        if (errno == EINTR)
            continue;
        source->error = errno ? errno : EIO;
        return 0;
    }
}

/* Reads a piece of UTF-16. */
static bool fill_utf16(struct source *source)
{
    char octets[UTF16_READ];
    if (!make_room(source, utf16_room(sizeof octets)))
        return false;
    size_t got = read_octets(source, octets, sizeof octets);
    char *room = source->window + source->end;
    size_t written = got > 0 ? utf16_decode(&source->utf16, (struct slice){octets, got}, room)
                             : utf16_end(&source->utf16, room);
    source->end += written;
    return got > 0 || written > 0;
}

/* Reads a piece. Returns false at the end, on an error, or when the window is full. */
static bool fill(struct source *source)
{
    if (source->at_end || source->error)
        return false;
    if (source->encoding != ENCODING_OCTETS)
        return fill_utf16(source);
    if (!make_room(source, 1))
        return false;
    size_t got = read_octets(source, source->window + source->end, source->capacity - source->end);
    source->end += got;
    return got > 0;
}

/* Of a recording that is being written, what is there must do. */
static bool is_ready(const struct source *source)
{
    const struct origin *origin = &source->origin;
    return !origin->ready || source->begin == source->end || origin->ready(origin->context);
}

bool source_is_live(const struct source *source)
{
    return source->origin.ready != NULL;
}

bool source_more(struct source *source)
{
    return source->end - source->begin < SOURCE_HEAD && fill(source);
}

struct slice source_magic(struct source *source)
{
    while (source->end - source->begin < MAGIC && fill(source))
        continue;
    return (struct slice){source->window + source->begin, source->end - source->begin};
}

/* Finds the encoding, and converts the octets read so far to UTF-8. */
static void decode_head(struct source *source)
{
    struct slice head = {source->window + source->begin, source->end - source->begin};
    size_t mark;
    source->encoding = encoding_of(head, &mark);
    source->begin += mark;
    if (source->encoding == ENCODING_OCTETS)
        return;
    head = slice_after(head, mark);
    source->utf16.big = source->encoding == ENCODING_UTF16_BIG;
    size_t capacity = source->capacity * 2;
    char *window = malloc(capacity);
    if (!window) {
        source->error = ENOMEM;
        source->begin = source->end;
        return;
    }
    source->begin = 0;
    source->end = utf16_decode(&source->utf16, head, window);
    free(source->window);
    source->window = window;
    source->capacity = capacity;
    if (source->at_end)
        source->end += utf16_end(&source->utf16, window + source->end);
}

struct slice source_head(struct source *source)
{
    if (!source->head_read) {
        source->head_read = true;
        while (source->end - source->begin < SOURCE_HEAD && is_ready(source) && fill(source))
            continue;
        decode_head(source);
        source->searched = source->begin;
        struct slice head = {source->window + source->begin, source->end - source->begin};
        if (slice_find(head, '\n') == head.size && slice_find(head, '\r') < head.size)
            source->line_end = '\r';
    }
    return slice_head((struct slice){source->window + source->begin, source->end - source->begin},
                      SOURCE_HEAD);
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
        if (!fill(source))
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
    } while (source->end_count == 0 && fill(source));
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

/* Forgets the known line ends, so that they are searched again. */
static void forget_ends(struct source *source)
{
    source->next_end = source->end_count = 0;
    source->searched = source->begin;
}

struct slice source_window(struct source *source)
{
    if (!source->head_read)
        return source_head(source);
    forget_ends(source);
    while (source->end - source->begin < SOURCE_HEAD && is_ready(source) && fill(source))
        continue;
    source->searched = source->begin;
    return slice_head((struct slice){source->window + source->begin, source->end - source->begin},
                      SOURCE_HEAD);
}

struct slice source_rest(struct source *source, size_t most)
{
    source_window(source);
    while (source->end - source->begin <= most && fill(source))
        continue;
    source->searched = source->begin;
    size_t size = source->end - source->begin;
    bool whole = source->at_end && !source->error && size <= most;
    return (struct slice){source->window + source->begin, whole ? size : 0};
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
    forget_ends(source);
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
    forget_ends(source);
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
        struct slice left = {source->window + source->begin, source->end - source->begin};
        size_t at = scan_find(left, left.size - unseen);
        pass_to(source, lead_begins(source, source->begin + at, lead));
        if (at < left.size)
            return 1;
        size_t size = source->end - source->begin;
        unseen = size < SCAN_REACH ? size : SCAN_REACH;
        if (fill(source)) {
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
            forget_ends(source);
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

long source_read(struct source *source, char *room, size_t size)
{
    if (source->begin == source->end && !fill(source)) {
        errno = source->error;
        return source->error ? -1 : 0;
    }
    struct slice ready = slice_head(
        (struct slice){source->window + source->begin, source->end - source->begin}, size);
    memcpy(room, ready.data, ready.size);
    source->begin += ready.size;
    source->searched = source->begin;
    return (long)ready.size;
}
