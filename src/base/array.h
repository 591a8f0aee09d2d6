/* array.h - an array that grows by one element. */
#ifndef SMTPSEQ_BASE_ARRAY_H
#define SMTPSEQ_BASE_ARRAY_H

#include <stddef.h>

/* Returns the array (NULL: it is empty) with room for one more of its elements, each of `size` octets; it
 * may have moved. *capacity is for how many there is room. Returns NULL when out of memory; the array is as
 * it was then. */
void *array_with_room(void *array, size_t count, size_t *capacity, size_t size);

#endif
