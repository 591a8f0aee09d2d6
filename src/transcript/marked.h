/* marked.h - formats in which a mark at the head of each line says whose line it is.
 */
#ifndef SMTPSEQ_MARKED_H
#define SMTPSEQ_MARKED_H

#include "transcript/format.h"

#define MARKS_MOST 6

/* A kind of note: lines that begin so. */
struct note_mark {
    const char *prefix;
    enum note note;
};

/* The marks of a format; unused places are NULL. */
struct marks_row {
    const char *client[MARKS_MOST];
    const char *server[MARKS_MOST];
    struct note_mark notes[MARKS_MOST + 2];
    /* Finds a mark that no list of prefixes describes: gives its side and how long it is. NULL where
     * the lists say it all. */
    enum side (*mark)(struct slice line, size_t *length);
    /* Whether a client's line stands for message content that is not shown (" -> 45 lines sent").
     */
    bool (*stands_for_content)(struct slice payload);
    bool time_may_precede; /* "14:22:01.123456 " before the mark */
};

extern const struct format_family marked_family; /* detail: a struct marks_row */

/* "C:", "s>", "Client :", in any spacing. */
enum side letter_mark(struct slice line, size_t *length);

#endif
