/* written.h - text that is put together in memory with stdio, ended and found whole in one step.
 */
#ifndef SMTPSEQ_BASE_WRITTEN_H
#define SMTPSEQ_BASE_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Must stay where it is while it is written. */
struct written {
    FILE *out;
    char *text;  /* when it has ended: the caller's, with a NUL behind it */
    size_t size; /* without that */
};

/* Begins a text. False when memory is short: `out` is NULL then. */
bool written_begin(struct written *written);

/* Ends it; may be called where it has not begun. False when memory was short: there is no text
 * then, and nothing to be freed. */
bool written_end(struct written *written);

#endif
