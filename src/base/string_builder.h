/* string_builder.h - text that is put together in memory with stdio, ended and found whole in one step.
 */
#ifndef SMTPSEQ_BASE_STRING_BUILDER_H
#define SMTPSEQ_BASE_STRING_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Must stay where it is while it is written. */
struct string_builder {
    FILE *out;
    char *text;  /* when it has ended: the caller's, with a NUL behind it */
    size_t size; /* without that */
};

/* Begins a text. False when out of memory: `out` is NULL then. */
bool string_builder_begin(struct string_builder *written);

/* Ends it; may be called where it has not begun. False when out of memory: there is no text
 * then, and nothing to be freed. */
bool string_builder_end(struct string_builder *written);

#endif
