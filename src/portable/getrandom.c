/* getrandom.c - octets that nobody can guess. */
#include "portable/portable.h"

ssize_t getrandom(void *room, size_t size, unsigned flags)
{
    (void)flags;
    int descriptor = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    ssize_t got = read(descriptor, room, size);
    close(descriptor);
    return got == (ssize_t)size ? got : -1;
}
