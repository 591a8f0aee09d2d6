/* memory_stream.h - a stream that is written into memory.
 *
 * As open_memstream, but for what happens when out of memory: that one leaves a size behind
 * without a text, and leaks.
 */
#ifndef SMTPSEQ_BASE_MEMORY_STREAM_H
#define SMTPSEQ_BASE_MEMORY_STREAM_H

#include <stdio.h>

/* Opens a stream. Behind each fflush *text and *size are what was written; behind the text is a NUL
 * that does not count. The text belongs to the caller. fclose gives EOF when out of memory:
 * *text is then NULL and *size 0. NULL when out of memory already. */
FILE *memory_stream_open(char **text, size_t *size);

#endif
