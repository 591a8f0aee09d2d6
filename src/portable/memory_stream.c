/* memory_stream.c - builds a text in memory with stdio. */
#include "portable/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct memory_stream {
    char **text;
    size_t *size;
    size_t capacity;
    bool failed;
};

static bool grow(struct memory_stream *stream, size_t least)
{
    size_t capacity = least > stream->capacity * 2 ? least : stream->capacity * 2;
    char *larger = realloc(*stream->text, capacity);
    if (!larger)
        return false;
    *stream->text = larger;
    stream->capacity = capacity;
    return true;
}

static ssize_t take(void *cookie, const char *octets, size_t size)
{
    struct memory_stream *stream = cookie;
    size_t used = *stream->size;
    if (!stream->failed && stream->capacity - used <= size)
        stream->failed = !grow(stream, used + size + 1);
    if (stream->failed) {
        errno = ENOMEM;
        return 0;
    }
    memcpy(*stream->text + used, octets, size);
    *stream->size = used + size;
    (*stream->text)[used + size] = '\0';
    return (ssize_t)size;
}

static int end(void *cookie)
{
    struct memory_stream *stream = cookie;
    bool failed = stream->failed || (!*stream->text && !(*stream->text = calloc(1, 1)));
    if (failed) {
        free(*stream->text);
        *stream->text = NULL;
        *stream->size = 0;
        errno = ENOMEM;
    }
    free(stream);
    return failed ? -1 : 0;
}

FILE *memory_stream_open(char **text, size_t *size)
{
    struct memory_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    *text = NULL;
    *size = 0;
    stream->text = text;
    stream->size = size;
    FILE *file = stream_open(stream, &(struct stream_functions){.write = take, .close = end});
    if (!file)
        free(stream);
    return file;
}
