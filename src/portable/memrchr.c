/* memrchr.c - the last place of an octet. */
#include "portable/portable.h"

void *memrchr(const void *text, int octet, size_t size)
{
    const unsigned char *octets = text;
    while (size > 0)
        if (octets[--size] == (unsigned char)octet)
            return (void *)(octets + size);
    return NULL;
}
