/* disk_array.h - an array in a temporary file, of which some pages are in memory: however long it is, it takes the
 * same memory. Quick where neighbours are used one after the other.
 */
#ifndef SMTPSEQ_BASE_DISK_ARRAY_H
#define SMTPSEQ_BASE_DISK_ARRAY_H

#include <stddef.h>
#include <stdint.h>

struct disk_array;

/* An array of elements of `size` octets, all of them zero at first. The file is empty and stays the caller's; nothing
 * else may be written to it. Returns NULL when out of memory. */
struct disk_array *disk_array_new(int descriptor, size_t size);

/* Returns an element, to be read and changed until the next call for the array; NULL with errno when the file cannot
 * be read or written. */
void *disk_array_at(struct disk_array *array, uint64_t index);

void disk_array_free(struct disk_array *array);

#endif
