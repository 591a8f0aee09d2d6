/* held.h - a few lines that are kept until it is clear whose they are.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_HELD_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_HELD_H

#include "smtp/line.h"

#define HELD_LINES  32
#define HELD_OCTETS ((size_t)16 << 10)

/* All zero at first. */
struct held {
    struct line lines[HELD_LINES]; /* their slices point into room */
    size_t count, used;
    char room[HELD_OCTETS];
};

/* Keeps a copy of the line; false where there is no room for it. */
bool held_add(struct held *held, const struct line *line);

static inline void held_clear(struct held *held)
{
    held->count = held->used = 0;
}

#endif
