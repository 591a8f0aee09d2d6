/* small_file.c - reads a whole file, or none of it. */
#include "base/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Octets of the first buffer. */
#define FIRST ((size_t)16 << 10)

/* Returns all octets of the stream; NULL with errno on error. */
static char *read_all(FILE *file, size_t most, size_t *size)
{
    char *content = NULL, *larger;
    size_t capacity = 0;
    *size = 0;
    while (!feof(file) && !ferror(file) && *size <= most) {
        capacity = capacity > 0 ? capacity * 2 : FIRST;
        if (!(larger = realloc(content, capacity)))
            break;
        content = larger;
        *size += fread(content + *size, 1, capacity - *size, file);
    }
    if (feof(file) && !ferror(file) && *size <= most)
        return content;
    if (*size > most)
        errno = EFBIG;
    free(content);
    return NULL;
}

char *small_file(const char *path, size_t most, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return NULL;
    char *content = read_all(file, most, size);
    int error = errno;
    fclose(file);
    errno = error;
    return content;
}
