/* quoting.h - removes the quoting of loggers, and splits the text into lines.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_QUOTING_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_QUOTING_H

#include <stdint.h>

#include "base/slice.h"

enum quoting {
    QUOTING_NONE,
    QUOTING_LITERAL, /* a string of Python, Ruby, Perl, C, JSON: quote, escapes, the same quote */
    QUOTING_ESCAPES, /* the same escapes, without quotes around */
    QUOTING_CRLF,    /* line ends written as <CRLF>, <CR>, <LF> */
    QUOTING_HTML     /* entities */
};

/* A line of a quoted text. */
struct unquoted {
    struct slice payload; /* without its line end; valid during the call only */
    size_t column;        /* where it begins in the recorded line, from 0 */
    size_t word_end;      /* one past its first word there */
    bool ended;           /* the text holds its line end ... */
    bool cr;              /* ... which is CRLF */
};

/* The buffer for the unquoted text. Initialise with zeros. */
struct unquote_room {
    char *octets;
    size_t capacity;
};

/* Unquotes `raw` from octet `begin` to octet `end` and calls `take` for each line in it.
 * QUOTING_LITERAL: `begin` is the quote. Returns false when out of memory. */
bool unquote(struct unquote_room *room, enum quoting quoting, struct slice raw, size_t begin,
             size_t end, void (*take)(void *context, const struct unquoted *line), void *context);

void unquote_room_free(struct unquote_room *room);

/* Returns true if a literal begins here: a quote, or a prefix of Python and a quote. Sets *quote
 * to the octets before the quote. */
bool literal_begins(struct slice text, size_t *quote);

#endif
