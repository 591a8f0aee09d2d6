/* source.h - reads a recording line by line, in bounded memory.
 *
 * UTF-16 is converted to UTF-8, and a byte order mark at the beginning is removed: lines and
 * columns are those that an editor shows, in octets of UTF-8.
 *
 * Files, pipes and terminals are all read through one window. (A mapping would save a copy of each
 * octet, but a file that shrinks while it is read would kill the program, and a pipe needs the
 * window anyway.)
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_SOURCE_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_SOURCE_H

#include <stdint.h>

#include "base/slice.h"

/* Octets of a line, at most; of a longer line the first ones are kept, and its last SOURCE_TAIL.
 * The window, and with it the memory of a source, never grows beyond this. */
#define SOURCE_LINE_MAX ((size_t)16 << 20)
#define SOURCE_TAIL     16
/* Octets examined to recognise a format. */
#define SOURCE_HEAD     ((size_t)64 << 10)

struct source;

/* Where octets come from. */
struct origin {
    void *context;
    /* Reads the next octets into `room`. Returns how many; 0 at the end; -1 on an error (errno). */
    long (*read)(void *context, char *room, size_t size);
    /* Returns why that failed, or NULL if errno says it. May be NULL. */
    const char *(*trouble)(void *context);
    /* Of a recording that is being written: returns false if no octet is there, nor comes soon. NULL: of any
     * other. */
    bool (*ready)(void *context);
    bool ends; /* with `ready`: it ends by itself, so that what takes all of it may wait for that */
};

/* Reads from a descriptor, which the caller owns. Returns NULL when out of memory. */
struct source *source_open(int descriptor);
/* Reads from an origin. Returns NULL when out of memory. */
struct source *source_of(const struct origin *origin);
/* Reads from octets in memory: *left is what has not been read. Returns NULL when out of memory. */
struct source *source_of_text(struct slice *left);
void source_close(struct source *source);

/* The first line has this number, which else is 1; `downwards`: the numbers of those after it
 * fall. */
void source_count_from(struct source *source, uint64_t number, bool downwards);

/* The number of a line, which is counted from 0. */
uint64_t source_number(const struct source *source, uint64_t line);

/* Returns the first octets, at most SOURCE_HEAD, without taking them. Valid until source_next. */
struct slice source_head(struct source *source);

/* Returns the first octets before decoding: at least 512, if there are as many. Valid until the
 * next call. */
struct slice source_magic(struct source *source);

struct source_line {
    struct slice text; /* without its line end; valid until the next call */
    uint64_t number;   /* from 1 */
    uint64_t cut;      /* octets of a very long line that were left out */
    bool ended;        /* a line end followed */
    bool cr;           /* it was CRLF */
};

/* Gets the next line. Returns 1; 0 at the end; -1 on a read error (errno) or out of memory
 * (ENOMEM). Lines end with LF or CRLF; with CR alone if the head of the recording has no LF. */
int source_next(struct source *source, struct source_line *line);

/* Gets the line after the last one, which stays valid, without taking it. Returns false if its
 * end has not been read yet. */
bool source_peek(const struct source *source, struct source_line *line);

/* Takes the line that source_peek has returned. */
void source_take(struct source *source);

/* A form of lines: their first two octets, and their length without the line end. */
struct line_form {
    char begin[2];
    size_t least, most; /* `least` is at least 2 */
};

/* Skips the next lines as long as they have the form, some hundred at most, and returns them; valid until the
 * next call. */
struct slice source_pass(struct source *source, const struct line_form *form);

/* Passes over lines up to the next one in which SMTP may begin (scan.h), but for at most `lead`
 * lines before it: 1, 0 when there is none up to the end, -1 on a read error. */
int source_seek(struct source *source, unsigned lead);

/* Returns the next octets, at most SOURCE_HEAD, without taking them. Valid until the next call. */
struct slice source_window(struct source *source);

/* Returns true if the recording is being written: its head and its window may be short then. */
bool source_is_live(const struct source *source);

/* Returns true unless the recording is one that may go on for ever. */
bool source_ends(const struct source *source);

/* Waits for more octets, for a longer window. Returns false when there are none, or no room for them. */
bool source_more(struct source *source);

/* All that follows, without taking it; nothing where that is more than so many octets. */
struct slice source_rest(struct source *source, size_t most);

/* Passes over the first octets of the window, which are whole lines. */
void source_drop(struct source *source, size_t size);

/* From here on lines can be taken again: they are kept, as far as there is room. */
void source_hold(struct source *source);

/* Of the lines that are kept, those before the last `lines` need not be, nor twice as many. */
void source_slide(struct source *source, unsigned lines);

/* The lines that are kept; empty where they are not kept any more. */
struct slice source_held(const struct source *source);

/* Goes back to the first line that is kept. Returns false when its lines are gone. */
bool source_rewind(struct source *source);

/* Returns true if its octets are shown as they are, and its lines end with LF or CRLF. */
bool source_is_plain(const struct source *source);

/* Where the next octet stands in its file; UINT64_MAX where it is no file that can be read in any order, or not
 * plain. *size: the file's. */
uint64_t source_place(const struct source *source, uint64_t *size);

/* Ends the source after so many octets from here on, as if it had no more: after a line. */
void source_stop_after(struct source *source, uint64_t octets);
/* Returns true if it has ended there. */
bool source_is_stopped(const struct source *source);
/* Lets it go on. */
void source_go_on(struct source *source);

/* Goes to another line of the file, before which there are so many. Returns false when that cannot be done (errno). */
bool source_go(struct source *source, uint64_t place, uint64_t lines);

/* Reads octets of the file that stand at a place, which the source does not take. Returns how many. */
size_t source_look(const struct source *source, uint64_t place, char *room, size_t size);

/* Reads the next octets into `room`. Returns how many; 0 at the end; -1 on a read error. For
 * formats without lines; do not mix it with source_next. */
long source_read(struct source *source, char *room, size_t size);

/* Returns why reading failed; NULL if errno says it. */
const char *source_trouble(const struct source *source);

/* Returns the number of lines taken or skipped so far. */
uint64_t source_lines(const struct source *source);

/* Returns the number of octets read so far. */
uint64_t source_octets(const struct source *source);

#endif
