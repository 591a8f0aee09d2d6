/* held.h - copies of a few lines that wait until it is clear whose they are.
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

/* Copies the line. Returns false if there is no room. */
bool held_add(struct held *held, const struct line *line);

static inline void held_clear(struct held *held)
{
    held->count = held->used = 0;
}

#endif
