/* format.h - the formats that are known, and the reader each of them has.
 *
 * A format is a row of the table in recognise/formats.def. Formats of the same family share a reader (marked.c),
 * odd ones have a small file of their own.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_FORMAT_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_FORMAT_H

#include "smtp/line.h"
#include "transcript/formats/mark.h"
#include "transcript/source/source.h"

struct format;

/* How well a format fits the beginning of a recording. */
struct fit {
    unsigned commands; /* lines marked as the client's that look like commands */
    unsigned replies;  /* lines marked as the server's that look like replies */
    unsigned form;     /* lines around them whose form is this format's own: headings of a dump */
    bool no_memory;    /* too short to find out */
};

/* Most octets of the description of marks that were learnt. */
#define LEARNT_TEXT 256

/* What was found out about a recording from its head. */
struct recognition {
    const struct format *format; /* NULL: none fits */
    struct fit fit;
    bool prefixed; /* every line begins with what a logger or a CI system put there */
    struct mark prefix;
    bool inferred;       /* the marks were learnt; the format is inferred_format, or none does it */
    unsigned confidence; /* percent of what looks like SMTP that the learnt marks explain */
    char learnt[LEARNT_TEXT]; /* which they are; empty when none were looked for or found */
};

/* Reads one transcript: lines of the file in, lines of the dialogue out. */
struct reader {
    const struct format *format;
    const struct line_sink *sink; /* what the family gives its lines to */
    void *state;                  /* the family's, made by its open */
    /* Takes what there is to say of the recording as a whole; NULL where nobody wants to know. */
    void (*remark)(void *context, const char *text);
    void *remark_context;
    uint64_t lines; /* read_all: of the file, that were taken */
    char *trouble;  /* read_all: why it could not go on, REMARK_MAX octets; empty: errno says */

    /* The reader's own: what stands before each line is taken off and counted in again. */
    bool prefixed;
    struct mark prefix;
    size_t cut;
    struct slice whole;
    struct line_sink inner;
    const struct line_sink *outer;
};

/* The most octets of what is said of a recording as a whole. */
#define REMARK_MAX 256

/* What a family of formats can do. */
struct format_family {
    /* How well the format fits this beginning of a recording, at most SOURCE_HEAD octets. */
    struct fit (*recognise)(const struct format *format, struct slice head);
    /* Whether it is this format and no other, which saves weighing them all up. `fit`: as recognise
     * gives it. NULL: never. */
    bool (*is_sure)(const struct format *format, struct slice head, struct fit *fit);
    /* Makes reader->state; may learn from the head. NULL: there is none. False when out of memory.
     */
    bool (*open)(struct reader *reader, struct slice head);
    /* Takes one line of the file, gives none, one or several lines to reader->sink. False when out of memory. */
    bool (*read)(struct reader *reader, const struct source_line *line);
    /* What a line of the file is where it is one line of the dialogue, whatever came before it:
     * then `read` gives just that. False where only `read` can tell. NULL: always. */
    bool (*line)(const struct reader *reader, const struct source_line *source, struct line *line);
    /* Instead of `read`, for what does not come in lines: takes all octets of the source. 1 when
     * done, -1 on a read error (reader->trouble or errno), 0 when out of memory. */
    int (*read_all)(struct reader *reader, struct source *source);
    /* The file has ended: gives what is still held back. NULL: nothing ever is. */
    bool (*finish)(struct reader *reader);
    /* How a line looks that is the client's for sure, and no dot: in a message it is text, and the
     * reader need not see it. False where there is no such form. NULL: there never is. */
    bool (*text_form)(const struct reader *reader, struct line_form *form);
    /* Frees reader->state. NULL where there is none. */
    void (*close)(struct reader *reader);
};

/* A row of the table. */
struct format {
    const char *name;
    const char *program; /* whose log it is */
    const char *how;     /* how to switch it on */
    const char *example; /* a few lines, joined by \n; NULL: they would be no text */
    const struct format_family *family;
    const void *detail; /* what distinguishes this format in its family */
    bool last_resort;   /* what fits half as well is better */
};

/* A line of the file as it stands there: a note, until its reader knows better. */
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

/* Copies the head without it into `room`, which has room for all of the head. Gives the size. */
size_t log_prefix_strip(const struct mark *prefix, struct slice head, char *room);

/* The life of a reader, which must not be moved; false when out of memory. */
bool reader_open(struct reader *reader, const struct recognition *recognition, struct slice head,
                 const struct line_sink *sink);
bool reader_read(struct reader *reader, const struct source_line *line);
/* `line` of the family; false as well where something stands before each line. */
bool reader_line(const struct reader *reader, const struct source_line *source, struct line *line);
/* text_form of the family; false as well where something stands before each line. */
bool reader_text_form(const struct reader *reader, struct line_form *form);
bool reader_finish(struct reader *reader);
void reader_close(struct reader *reader);

/* Says something of the recording as a whole, as printf would. */
void reader_remark(const struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
