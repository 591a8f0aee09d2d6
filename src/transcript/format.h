/* format.h - the formats that are known, and the reader each of them has.
 *
 * A format is a row of the table in format.c. Formats of the same family share a reader (marked.c),
 * odd ones have a small file of their own.
 */
#ifndef SMTPSEQ_FORMAT_H
#define SMTPSEQ_FORMAT_H

#include "transcript/line.h"
#include "transcript/source.h"

struct format;

/* Reads one transcript: lines of the file in, lines of the dialogue out. */
struct reader {
    const struct format *format;
    const struct line_sink *sink;
    struct marks *marks; /* what marked.c learnt from the head; NULL in other readers */
    char *decoded;       /* room of the readers that undo escapes */
    size_t decoded_capacity;
};

/* How well a format fits the beginning of a recording. */
struct fit {
    unsigned commands; /* lines marked as the client's that look like commands */
    unsigned replies;  /* lines marked as the server's that look like replies */
};

struct format {
    const char *name;
    const char *program; /* whose log it is */
    const char *how;     /* how to switch it on */
    const char *example; /* a few lines, joined by \n */
    struct fit (*recognise)(const struct format *format, struct slice head);
    /* Takes one line of the file. False when memory is short. */
    bool (*read)(struct reader *reader, const struct source_line *line);
    const void *detail; /* of the family: marked.c's marks */
};

extern const struct format smtpseq_formats[];
extern const size_t smtpseq_format_count;

/* The format of that name, NULL where there is none. */
const struct format *format_by_name(const char *name);

/* The format that fits best, NULL where none does. */
const struct format *format_recognise(struct slice head, struct fit *fit);

/* False when memory is short. reader_close frees what is inside. */
bool reader_open(struct reader *reader, const struct format *format, struct slice head,
                 const struct line_sink *sink);
void reader_close(struct reader *reader);

/* Takes the next line off a head, without its line end. */
struct slice head_line(struct slice *head);

/* Whether a line by itself looks like a reply, or like a command of a client: for recognising. */
bool looks_like_reply(struct slice line);
bool looks_like_command(struct slice line);

#endif
