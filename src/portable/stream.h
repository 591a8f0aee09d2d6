/* stream.h - streams of stdio whose octets a function gives or takes. */
#ifndef SMTPSEQ_PORTABLE_STREAM_H
#define SMTPSEQ_PORTABLE_STREAM_H

#include <stdio.h>
#include <sys/types.h>

struct stream_functions {
    ssize_t (*read)(void *cookie, char *room, size_t size); /* or */
    ssize_t (*write)(void *cookie, const char *octets, size_t size);
    int (*close)(void *cookie); /* may be NULL */
};

/* Opens one; NULL when out of memory. */
FILE *stream_open(void *cookie, const struct stream_functions *functions);

/* Instead of fclose, for any stream. */
int stream_close(FILE *stream);

/* As open_memstream, except when out of memory: that then leaves a size without a text, and leaks. After each fflush,
 * *text and *size are what was written so far, NUL-terminated and owned by the caller. fclose returns EOF when out of
 * memory; *text is NULL then, and *size 0. Returns NULL when out of memory. */
FILE *memory_stream_open(char **text, size_t *size);

#endif
