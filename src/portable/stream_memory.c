/* stream_memory.c - POSIX alone: what is written waits in memory until the stream is closed; nothing can be read so. */
#include "portable/stream.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct stream {
    struct stream *next;
    FILE *file;
    void *cookie;
    struct stream_functions functions;
    char *text;
    size_t size;
};

/* Those that are open. */
static struct stream *open_streams;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

FILE *stream_open(void *cookie, const struct stream_functions *functions)
{
    struct stream *stream = functions->write ? calloc(1, sizeof *stream) : NULL;
    if (!stream)
        return NULL;
    stream->cookie = cookie;
    stream->functions = *functions;
    stream->file = open_memstream(&stream->text, &stream->size);
    if (!stream->file) {
        free(stream);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    stream->next = open_streams;
    open_streams = stream;
    pthread_mutex_unlock(&lock);
    return stream->file;
}

/* Takes one from the list; NULL: it is another kind. */
static struct stream *take(FILE *file)
{
    pthread_mutex_lock(&lock);
    struct stream **at = &open_streams;
    while (*at && (*at)->file != file)
        at = &(*at)->next;
    struct stream *found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&lock);
    return found;
}

int stream_close(FILE *file)
{
    struct stream *stream = take(file);
    int failed = fclose(file);
    if (!stream)
        return failed;
    if (failed == 0 && stream->size > 0 &&
        stream->functions.write(stream->cookie, stream->text, stream->size) !=
            (ssize_t)stream->size)
        failed = EOF;
    if (stream->functions.close && stream->functions.close(stream->cookie) != 0)
        failed = EOF;
    free(stream->text);
    free(stream);
    return failed;
}

/* What is lost when memory runs out: a size without a text. */
FILE *memory_stream_open(char **text, size_t *size)
{
    *text = NULL;
    *size = 0;
    return open_memstream(text, size);
}
