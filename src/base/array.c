/* array.c - an array that grows by one element. */
#include "base/array.h"

#include <stdlib.h>

#include "portable/portable.h"

#define CAPACITY_LEAST 8

void *array_with_room(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity > 0 ? *capacity * 2 : CAPACITY_LEAST;
    void *moved = reallocarray(array, larger, size);
    if (moved)
        *capacity = larger;
    return moved;
}
