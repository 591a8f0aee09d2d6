/* stream_funopen.c - macOS and the BSDs: the same with sizes that are int. */
#include "portable/stream.h"

#include <limits.h>
#include <stdlib.h>
#ifdef HAVE_LIBBSD
#include <bsd/stdio.h>
#endif

struct stream {
    void *cookie;
    struct stream_functions functions;
};

static int take(void *context, const char *octets, int size)
{
    struct stream *stream = context;
    return (int)stream->functions.write(stream->cookie, octets, (size_t)size);
}

static int give(void *context, char *room, int size)
{
    struct stream *stream = context;
    return (int)stream->functions.read(stream->cookie, room, (size_t)size);
}

static int end(void *context)
{
    struct stream *stream = context;
    int failed = stream->functions.close ? stream->functions.close(stream->cookie) : 0;
    free(stream);
    return failed;
}

FILE *stream_open(void *cookie, const struct stream_functions *functions)
{
    struct stream *stream = malloc(sizeof *stream);
    if (!stream)
        return NULL;
    *stream = (struct stream){cookie, *functions};
    FILE *file =
        funopen(stream, functions->read ? give : NULL, functions->write ? take : NULL, NULL, end);
    if (!file)
        free(stream);
    return file;
}

int stream_close(FILE *stream)
{
    return fclose(stream);
}
