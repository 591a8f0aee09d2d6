/* format.h - the known formats and their readers.
 *
 * A format is a row of recognise/formats.def. Formats of a family share a reader (marked.c);
 * unusual formats have a small file of their own.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_FORMAT_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_FORMAT_H

#include "base/catalogue.h"
#include "smtp/line.h"
#include "transcript/formats/marks.h"
#include "transcript/formats/unwrap.h"
#include "transcript/source/source.h"

struct format;

/* How well a format fits the beginning of a recording. */
struct fit {
    unsigned commands; /* lines marked as the client's that look like commands */
    unsigned replies;  /* lines marked as the server's that look like replies */
    unsigned form;     /* other lines in a form that only this format has: headings of a dump */
    bool no_memory;    /* out of memory */
};

/* Octets of the description of learnt marks, at most. */
#define LEARNT_TEXT 256

/* The result of recognising a recording by its head. */
struct recognition {
    const struct format *format; /* NULL: none fits */
    struct fit fit;
    struct unwrap unwraps[UNWRAPS_MAX]; /* what is undone for every line, the outer one first */
    size_t unwrap_count;
    bool prefixed; /* a logger or a CI system has put a prefix before every line */
    struct mark prefix;
    bool inferred;       /* the marks were learnt; the format is inferred_format, or none does it */
    unsigned confidence; /* percent of what looks like SMTP that the learnt marks explain */
    /* Which they are; empty when none were looked for or found. Where no format fits, those of the nearest
     * guess, whose commands and replies are in `fit`. */
    char learnt[LEARNT_TEXT];
    unsigned pairs;     /* of these, commands and replies that found each other */
    struct marks marks; /* inferred: the marks themselves */
    long points;        /* how well its dialogue holds, in hundredths (recognise/score.h) ... */
    unsigned doubt;     /* ... and what speaks against it, in percent of what speaks for it */
};

/* Reads one recording: takes lines of the file, passes on lines of the dialogue. */
struct reader {
    const struct format *format;
    const struct line_sink *sink;          /* receives the lines of the dialogue */
    void *state;                           /* the family's, made by its open */
    const struct recognition *recognition; /* while it is being opened */
    /* Receives remarks about the recording as a whole; may be NULL. */
    void (*remark)(void *context, const char *text);
    void *remark_context;
    const struct catalogue *language; /* of the remarks; NULL: English */
    uint64_t lines;                   /* read_all: lines of the file read so far */
    char *trouble; /* read_all: why it stopped, REMARK_MAX octets; empty: see errno */

    /* Private: the prefix of each line is removed, and its columns are added again. */
    struct unwrap unwraps[UNWRAPS_MAX];
    struct unwrap_room rooms[UNWRAPS_MAX];
    size_t unwrap_count;
    const struct source_line *wrapped; /* the line that is being unwrapped */
    bool failed;                       /* out of memory while it was */
    bool prefixed;
    struct mark prefix;
    size_t cut;
    struct slice whole;
    struct line_sink inner;
    const struct line_sink *outer;
};

/* Octets of a remark, at most. */
#define REMARK_MAX 256

/* The functions of a family of formats. */
struct format_family {
    /* Returns how well the format fits the head of a recording, at most SOURCE_HEAD octets.
     * NULL: the family has no row in the table. */
    struct fit (*recognise)(const struct format *format, struct slice head);
    /* Returns true if it can be no other format, which saves trying them. `fit`: as recognise
     * returns it. NULL: never. */
    bool (*is_sure)(const struct format *format, struct slice head, struct fit *fit);
    /* Makes reader->state; may learn from the head. Returns false when out of memory. NULL: no
     * state.
     */
    bool (*open)(struct reader *reader, struct slice head);
    /* Takes a line of the file and passes any number of lines on to reader->sink. Returns false
     * when out of memory. */
    bool (*read)(struct reader *reader, const struct source_line *line);
    /* A shortcut for a line of the file that is one line of the dialogue, whatever came before
     * it: sets *line to it. Returns false if `read` must decide. NULL: it always must. */
    bool (*line)(const struct reader *reader, const struct source_line *source, struct line *line);
    /* Instead of `read`, for formats without lines: reads the whole source. Returns 1 when done,
     * -1 on a read error (reader->trouble or errno), 0 when out of memory. */
    int (*read_all)(struct reader *reader, struct source *source);
    /* The file has ended: passes on the lines that are still held back. NULL: none ever are. */
    bool (*finish)(struct reader *reader);
    /* Describes lines that are certainly the client's, and not a dot: inside a message the
     * reader need not see them. Returns false if there is no such form. NULL: there never is. */
    bool (*text_form)(const struct reader *reader, struct line_form *form);
    /* Returns true if the reader holds no line back, and sets *memory to a number for all that it remembers: of two
     * with the same number, both read what follows alike. NULL: it cannot tell. */
    bool (*rests)(const struct reader *reader, uint64_t *memory);
    /* Frees reader->state. NULL: no state. */
    void (*close)(struct reader *reader);
    /* Packets or octets: their order is their own, so they are never read from the end to the beginning. Of
     * lines that show no octets the reader says which are of another program, as unmarked. */
    bool ordered;
    /* What stands before its lines never tells sessions apart, so that is_sure holds behind it too. */
    bool undivided;
    /* A column of each line names its session, which what is learnt from a log that is cut may overlook. */
    bool keyed;
};

/* A row of the table. */
struct format {
    const char *name;
    const char *program; /* whose log it is */
    const char *how;     /* how to switch it on */
    const char *example; /* a few lines, joined by \n; NULL: the format is binary */
    const struct format_family *family;
    const void *detail; /* the family's data about this format */
    bool last_resort;   /* another format wins if it fits half as well */
};

/* Returns a line of the file as a note, for the reader to change. */
static inline struct line line_of_file(const struct source_line *source)
{
    return (struct line){
        .side = SIDE_NOTE,
        .payload = source->text,
        .raw = source->text,
        .number = source->number,
        .column = 1,
    };
}

/* Undoes the steps for a whole text. *text is the caller's to free. Returns false when out of memory. */
bool unwrap_text(const struct unwrap unwraps[], size_t count, struct slice head, char **text,
                 size_t *size);

/* Copies the head without the prefix into `room`, which must hold the whole head. Returns the
 * size. */
size_t log_prefix_strip(const struct mark *prefix, struct slice head, char *room);

/* The life of a reader, which must not be moved; false when out of memory. */
bool reader_open(struct reader *reader, const struct recognition *recognition, struct slice head,
                 const struct line_sink *sink);
bool reader_read(struct reader *reader, const struct source_line *line);
/* Calls `line` of the family; returns false also if lines have a prefix. */
bool reader_line(const struct reader *reader, const struct source_line *source, struct line *line);
/* Calls text_form of the family; returns false also if lines have a prefix. */
bool reader_text_form(const struct reader *reader, struct line_form *form);
/* Calls `rests` of the family; returns false also where it cannot tell, or something is wrapped around the lines. */
bool reader_rests(const struct reader *reader, uint64_t *memory);
bool reader_finish(struct reader *reader);
void reader_close(struct reader *reader);

/* Passes on a remark about the recording as a whole, in the language of the reader. The values are those that
 * print_translated knows; `one` is for a number of 1, and of 0 nothing is said. */
void reader_remark(const struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void reader_remark_count(const struct reader *reader, uint64_t number, const char *one,
                         const char *many, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* The same where the number is the only value. */
#define REMARK_COUNT(reader, number, one, many) \
    reader_remark_count((reader), (number), (one), (many), (unsigned long long)(number))

#endif
