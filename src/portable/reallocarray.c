/* reallocarray.c - memory for an array whose size may be more than there can be. */
#include "portable/portable.h"

#include <errno.h>
#include <stdint.h>

void *reallocarray(void *array, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(array, count * size);
}
