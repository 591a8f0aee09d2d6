/* source_window.c - a window that moves over the input. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "transcript/source/source_state.h"

#define WINDOW_FIRST ((size_t)256 << 10)
#define MAGIC        ((size_t)512)
/* Octets of UTF-16 read at a time. */
#define UTF16_READ   ((size_t)8 << 10)

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

static long read_text(void *context, char *room, size_t size)
{
    return (long)slice_take(context, room, size);
}

struct source *source_of_text(struct slice *left)
{
    const struct origin origin = {.context = left, .read = read_text};
    return source_of(&origin);
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
    if (source->stops && size >= source->stop - source->octets) {
        size = source->stop - source->octets;
        source->stopped = size == 0;
    }
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

bool source_fill(struct source *source)
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

bool source_ends(const struct source *source)
{
    return !source->origin.ready || source->origin.ends;
}

bool source_more(struct source *source)
{
    return source->end - source->begin < SOURCE_HEAD && source_fill(source);
}

struct slice source_magic(struct source *source)
{
    while (source->end - source->begin < MAGIC && is_ready(source) && source_fill(source))
        continue;
    return source_unread(source);
}

/* Finds the encoding, and converts the octets read so far to UTF-8. */
static void decode_head(struct source *source)
{
    struct slice head = source_unread(source);
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
        while (source->end - source->begin < SOURCE_HEAD && is_ready(source) && source_fill(source))
            continue;
        decode_head(source);
        source->searched = source->begin;
        struct slice head = source_unread(source);
        if (slice_find(head, '\n') == head.size && slice_find(head, '\r') < head.size)
            source->line_end = '\r';
    }
    return slice_head(source_unread(source), SOURCE_HEAD);
}

struct slice source_window(struct source *source)
{
    if (!source->head_read)
        return source_head(source);
    source_forget_ends(source);
    while (source->end - source->begin < SOURCE_HEAD && is_ready(source) && source_fill(source))
        continue;
    source->searched = source->begin;
    return slice_head(source_unread(source), SOURCE_HEAD);
}

struct slice source_rest(struct source *source, size_t most)
{
    source_window(source);
    while (source->end - source->begin <= most && source_fill(source))
        continue;
    source->searched = source->begin;
    size_t size = source->end - source->begin;
    bool whole = source->at_end && !source->error && size <= most;
    return (struct slice){source->window + source->begin, whole ? size : 0};
}

long source_read(struct source *source, char *room, size_t size)
{
    if (source->begin == source->end && !source_fill(source)) {
        errno = source->error;
        return source->error ? -1 : 0;
    }
    struct slice ready = slice_head(source_unread(source), size);
    memcpy(room, ready.data, ready.size);
    source->begin += ready.size;
    source->searched = source->begin;
    return (long)ready.size;
}
