/* octet_buffer.h - octets in memory that grows as they are appended. */
#ifndef SMTPSEQ_BASE_OCTET_BUFFER_H
#define SMTPSEQ_BASE_OCTET_BUFFER_H

#include "base/slice.h"

/* All zero at first. To empty it and keep its memory, set `size` to 0. */
struct octet_buffer {
    char *octets; /* not NUL-terminated; NULL when there is no capacity */
    size_t size, capacity;
};

/* Returns the place of so many octets more, which the caller writes and adds to `size`; NULL when out of memory:
 * the buffer is as it was then. */
char *octet_buffer_room(struct octet_buffer *buffer, size_t size);

/* Appends a text, which must not be in the buffer itself. Returns false when out of memory; the buffer is
 * then as it was. */
bool octet_buffer_append(struct octet_buffer *buffer, struct slice text);

/* Returns what is in it, valid until the next change. */
static inline struct slice octet_buffer_text(const struct octet_buffer *buffer)
{
    return (struct slice){buffer->octets, buffer->size};
}

/* Frees the memory; the buffer is empty then. */
void octet_buffer_free(struct octet_buffer *buffer);

#endif
