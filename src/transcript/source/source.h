/* source.h - the octets of a recording, line by line, in bounded memory.
 *
 * UTF-16 is given as UTF-8, and a byte order mark at the beginning is left out: lines and columns
 * are those of the text that an editor shows, in octets of UTF-8.
 *
 * Read through one window, whatever it is: file, pipe or terminal. (A mapping would save a copy of
 * each octet, but a file that shrinks while it is read would then kill the program, and a pipe
 * needs the window anyway.)
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_SOURCE_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_SOURCE_H

#include <stdint.h>

#include "base/slice.h"

/* The most octets of one line that are kept; of a longer one this much, and its last SOURCE_TAIL.
 * The window, and with it the memory of a source, grows to this and no further. */
#define SOURCE_LINE_MAX ((size_t)16 << 20)
#define SOURCE_TAIL     16
/* How much is looked at to recognise a format. */
#define SOURCE_HEAD     ((size_t)64 << 10)

struct source;

/* Where octets come from. */
struct origin {
    void *context;
    /* Puts the next octets into `room`: how many, 0 at the end, -1 on an error (errno). */
    long (*read)(void *context, char *room, size_t size);
    /* Why that failed, where errno does not say it: NULL then. NULL where there is none. */
    const char *(*trouble)(void *context);
};

/* Reads from a descriptor, which stays the caller's. NULL when out of memory. */
struct source *source_open(int descriptor);
/* Reads what somebody gives. NULL when out of memory. */
struct source *source_of(const struct origin *origin);
void source_close(struct source *source);

/* The first line has this number, which else is 1; `downwards`: the numbers of those behind it fall. */
void source_count_from(struct source *source, uint64_t number, bool downwards);

/* The number of a line, which is counted from 0. */
uint64_t source_number(const struct source *source, uint64_t line);

/* The first octets, at most SOURCE_HEAD, without taking them. Valid until source_next. */
struct slice source_head(struct source *source);

/* The first octets as they are, in whatever encoding: at least 512 of them, if there are so many.
 * Valid until anything else is asked. */
struct slice source_magic(struct source *source);

struct source_line {
    struct slice text; /* without its line end; valid until the next call */
    uint64_t number;   /* from 1 */
    uint64_t cut;      /* octets of a very long line that were left out */
    bool ended;        /* a line end followed */
    bool cr;           /* it was CRLF */
};

/* The next line: 1, 0 at the end, -1 on a read error (errno) or short memory (ENOMEM). Lines end
 * with LF or CRLF; with CR alone where the head of the recording has no LF. */
int source_next(struct source *source, struct source_line *line);

/* The line behind the one that was given last, which stays valid, without taking it. False where
 * its end has not been read yet. */
bool source_peek(const struct source *source, struct source_line *line);

/* Takes the line that was peeked at. */
void source_take(struct source *source);

/* Lines that look alike: they begin with these two octets and are so long, without their line end. */
struct line_form {
    char begin[2];
    size_t least, most; /* `least` is at least 2 */
};

/* Takes the lines that follow as long as they have the form: how many. */
uint64_t source_pass(struct source *source, const struct line_form *form);

/* Passes over lines up to the next one in which SMTP may begin (scan.h), but for at most `lead` lines
 * before it: 1, 0 when there is none up to the end, -1 on a read error. */
int source_seek(struct source *source, unsigned lead);

/* What follows, at most SOURCE_HEAD octets, without taking it. Valid until the next call. */
struct slice source_window(struct source *source);

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

/* Takes the next octets, whatever they are: how many were put into `room`, 0 at the end, -1 on a read
 * error. For what does not come in lines; not to be mixed with source_next. */
long source_read(struct source *source, char *room, size_t size);

/* Why reading failed, where errno does not say it; else NULL. */
const char *source_trouble(const struct source *source);

/* Lines given so far, and those that were passed. */
uint64_t source_lines(const struct source *source);

/* Octets read so far. */
uint64_t source_octets(const struct source *source);

#endif
