/* octet_buffer.c - octets in memory that grows as they are appended. */
#include "base/octet_buffer.h"

#define CAPACITY_LEAST 256

bool octet_buffer_append(struct octet_buffer *buffer, struct slice text)
{
    if (buffer->capacity - buffer->size < text.size) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_LEAST;
        while (capacity - buffer->size < text.size) {
            if (capacity > SIZE_MAX / 2)
                return false;
            capacity *= 2;
        }
        char *larger = realloc(buffer->octets, capacity);
        if (!larger)
            return false;
        buffer->octets = larger;
        buffer->capacity = capacity;
    }
    if (text.size > 0)
        memcpy(buffer->octets + buffer->size, text.data, text.size);
    buffer->size += text.size;
    return true;
}

void octet_buffer_free(struct octet_buffer *buffer)
{
    free(buffer->octets);
    *buffer = (struct octet_buffer){0};
}
