/* memmem.c - the first place of some octets in others. */
#include "portable/portable.h"

void *memmem(const void *text, size_t size, const void *part, size_t part_size)
{
    const char *at = text, *first = part;
    if (part_size == 0)
        return (void *)at;
    while (size >= part_size) {
        const char *found = memchr(at, *first, size - part_size + 1);
        if (!found)
            return NULL;
        if (memcmp(found, part, part_size) == 0)
            return (void *)found;
        size -= (size_t)(found - at) + 1;
        at = found + 1;
    }
    return NULL;
}
