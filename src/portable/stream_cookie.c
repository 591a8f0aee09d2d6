/* stream_cookie.c - glibc, musl. */
#include "portable/stream.h"

FILE *stream_open(void *cookie, const struct stream_functions *functions)
{
    return fopencookie(cookie, functions->read ? "r" : "w",
                       (cookie_io_functions_t){.read = functions->read,
                                               .write = functions->write,
                                               .close = functions->close});
}

int stream_close(FILE *stream)
{
    return fclose(stream);
}
