/* feed.h - a recording that is pushed, while a checker pulls it.
 *
 * The checker runs in a thread of its own. It and the caller take turns, as coroutines do: a piece is given, and the
 * caller waits until the checker asks for the next one, so only one of the two ever runs, and the piece is not copied.
 */
#ifndef SMTPSEQ_LIB_FEED_H
#define SMTPSEQ_LIB_FEED_H

#include "base/slice.h"

#include <stdbool.h>

/* What the checker's thread does. */
struct feed_reader {
    void *context;
    /* Reads all: feed_read until it returns 0. */
    void (*run)(void *context);
    /* The piece is used up, and the next one may take long. */
    void (*idle)(void *context);
};

/* Owned by the caller; NULL when out of memory or threads. */
struct feed;
struct feed *feed_new(const struct feed_reader *reader);

/* Gives a piece. Returns false when no more is read. */
bool feed_give(struct feed *feed, struct slice octets);

/* No more follows: returns when the checker is done, and frees the feed. NULL: nothing. */
void feed_end(struct feed *feed);

/* The checker's side, for struct origin: the next octets; 0 at the end. `context`: the feed. */
long feed_read(void *context, char *room, size_t size);

#endif
