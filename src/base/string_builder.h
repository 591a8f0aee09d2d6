/* string_builder.h - builds a text in memory with stdio. For many texts side by side: portable/stream.h.
 */
#ifndef SMTPSEQ_BASE_STRING_BUILDER_H
#define SMTPSEQ_BASE_STRING_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "portable/stream.h"

/* Must not move between begin and end. */
struct string_builder {
    FILE *out;
    char *text;  /* after the end: NUL-terminated, owned by the caller */
    size_t size; /* octets, without the NUL */
};

/* Begins a text. Returns false when out of memory; `out` is NULL then. */
bool string_builder_begin(struct string_builder *built);

/* Ends it; may be called where it has not begun. Returns false when out of memory: `text` is NULL
 * then. */
bool string_builder_end(struct string_builder *built);

#endif
