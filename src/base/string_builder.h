/* string_builder.h - builds a text in memory with stdio.
 *
 * As open_memstream, except when out of memory: open_memstream then leaves a size without a text,
 * and leaks.
 */
#ifndef SMTPSEQ_BASE_STRING_BUILDER_H
#define SMTPSEQ_BASE_STRING_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

/* Opens a stream without a struct string_builder, for many of them side by side. After each
 * fflush, *text and *size are what was written so far, NUL-terminated and owned by the caller.
 * fclose returns EOF when out of memory; *text is NULL then, and *size 0. Returns NULL when out
 * of memory. */
FILE *memory_stream_open(char **text, size_t *size);

#endif
