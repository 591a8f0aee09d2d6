/* octet_buffer.c - octets in memory that grows as they are appended. */
#include "base/octet_buffer.h"

#define CAPACITY_LEAST 256

char *octet_buffer_room(struct octet_buffer *buffer, size_t size)
{
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_LEAST;
    while (capacity - buffer->size < size) {
        if (capacity > SIZE_MAX / 2)
            return NULL;
        capacity *= 2;
    }
    if (capacity > buffer->capacity) {
        char *larger = realloc(buffer->octets, capacity);
        if (!larger)
            return NULL;
        buffer->octets = larger;
        buffer->capacity = capacity;
    }
    return buffer->octets + buffer->size;
}

bool octet_buffer_append(struct octet_buffer *buffer, struct slice text)
{
    if (text.size == 0)
        return true;
    char *room = octet_buffer_room(buffer, text.size);
    if (!room)
        return false;
    memcpy(room, text.data, text.size);
    buffer->size += text.size;
    return true;
}

void octet_buffer_free(struct octet_buffer *buffer)
{
    free(buffer->octets);
    *buffer = (struct octet_buffer){0};
}
