/* queue.c - the memory of a dialogue: commands, replies and their texts. */
#include "dialogue/queue.h"

#include <stdlib.h>

/* Makes room for one more element of `size` octets; false when out of memory. */
static bool grow(void **memory, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 1; /* most sessions are in lock step */
    void *larger = reallocarray(*memory, wanted, size);
    if (!larger)
        return false;
    *memory = larger;
    *capacity = wanted;
    return true;
}

void queue_free(struct queue *queue)
{
    free(queue->memory);
    free(queue->replies);
    free(queue->view);
    free(queue->text);
    *queue = (struct queue){0};
}

size_t queue_memory(const struct queue *queue)
{
    return queue->capacity * sizeof *queue->memory +
           queue->reply_capacity * (sizeof *queue->replies + sizeof *queue->view) +
           queue->text_capacity;
}

void queue_clear(struct queue *queue)
{
    queue->count = queue->pending = queue->reply_count = queue->text_size = 0;
    queue->commands = queue->memory;
}

bool queue_copy(struct queue *queue, struct slice text, size_t most, struct copied_text *copied)
{
    *copied = (struct copied_text){.offset = queue->text_size};
    return queue_extend(queue, text, most, copied);
}

bool queue_copy_part(struct queue *queue, struct slice part, size_t most, struct slice whole,
                     const struct copied_text *copied_whole, struct copied_text *copied)
{
    /* What a reader has taken out of quotes lies elsewhere; a difference of addresses tells. */
    size_t offset = (size_t)((uintptr_t)part.data - (uintptr_t)whole.data);
    if (part.size > most || offset > copied_whole->size || part.size > copied_whole->size - offset)
        return queue_copy(queue, part, most, copied);
    *copied = (struct copied_text){copied_whole->offset + offset, part.size};
    return true;
}

bool queue_extend(struct queue *queue, struct slice text, size_t most, struct copied_text *copied)
{
    if (queue->text_size > COPIED_GROUP_MAX && most > COPIED_WHEN_FULL)
        most = COPIED_WHEN_FULL;
    text = slice_head(text, copied->size < most ? most - copied->size : 0);
    if (text.size == 0)
        return true;
    if (queue->text_capacity - queue->text_size < text.size) {
        size_t wanted = queue->text_capacity ? queue->text_capacity * 2 : 256;
        while (wanted - queue->text_size < text.size)
            wanted *= 2;
        char *larger = realloc(queue->text, wanted);
        if (!larger)
            return false;
        queue->text = larger;
        queue->text_capacity = wanted;
    }
    memcpy(queue->text + queue->text_size, text.data, text.size);
    queue->text_size += text.size;
    copied->size += text.size;
    return true;
}

void queue_retain(struct queue *queue, struct copied_text *copied)
{
    if (copied->size > 0)
        memmove(queue->text, queue->text + copied->offset, copied->size);
    copied->offset = 0;
    queue->text_size = copied->size;
}

struct queued_command *queue_add(struct queue *queue)
{
    size_t first = queue->memory ? (size_t)(queue->commands - queue->memory) : 0;
    if (!grow((void **)&queue->memory, first + queue->count, &queue->capacity,
              sizeof *queue->memory))
        return NULL;
    queue->commands = queue->memory + first;
    return &queue->commands[queue->count++];
}

void queue_remove(struct queue *queue, size_t index, size_t count)
{
    if (count == 0)
        return;
    size_t after = queue->count - index - count;
    queue->count -= count;
    if (index < after) { /* the shorter part moves */
        memmove(queue->commands + count, queue->commands, index * sizeof *queue->commands);
        queue->commands += count;
    } else {
        memmove(queue->commands + index, queue->commands + index + count,
                after * sizeof *queue->commands);
    }
}

bool queue_answer(struct queue *queue, size_t index, const struct copied_reply *reply)
{
    size_t capacity = queue->reply_capacity;
    if (!grow((void **)&queue->replies, queue->reply_count, &queue->reply_capacity,
              sizeof *queue->replies))
        return false;
    if (queue->reply_capacity != capacity) {
        struct reply *view = reallocarray(queue->view, queue->reply_capacity, sizeof *view);
        if (!view) {
            queue->reply_capacity = capacity;
            return false;
        }
        queue->view = view;
    }
    struct queued_command *queued = &queue->commands[index];
    if (queued->reply_count == 0)
        queued->reply_first = queue->reply_count;
    queued->reply_count++;
    queue->replies[queue->reply_count++] = *reply;
    return true;
}

struct slice copied_slice(const struct queue *queue, struct copied_text copied)
{
    return copied.size > 0 ? (struct slice){queue->text + copied.offset, copied.size} : SLICE("");
}

struct location queue_location(const struct queue *queue, const struct copied_location *location)
{
    return (struct location){
        .line = location->line,
        .column = location->column,
        .end_column = location->end_column,
        .part = location->part,
        .raw = copied_slice(queue, location->raw),
    };
}

struct reply queue_reply(const struct queue *queue, const struct copied_reply *reply)
{
    return (struct reply){
        .line = reply->line,
        .code = reply->code,
        .lines = reply->lines,
        .unended = reply->unended,
        .text = copied_slice(queue, reply->text),
    };
}

void queue_exchange(struct queue *queue, size_t index, struct exchange *exchange)
{
    const struct queued_command *queued = &queue->commands[index];
    exchange->command = queued->command;
    exchange->flags = queued->flags;
    exchange->location = queue_location(queue, &queued->location);
    exchange->verb = copied_slice(queue, queued->verb);
    exchange->argument = copied_slice(queue, queued->argument);
    exchange->length = queued->length;
    exchange->answered = queued->answered;
    exchange->reply_count = queued->reply_count;
    exchange->replies = queued->reply_count > 0 ? queue->view + queued->reply_first : NULL;
    exchange->early =
        queued->early.line != 0 ? queue_location(queue, &queued->early) : (struct location){0};
    for (size_t i = 0; i < queued->reply_count; i++)
        queue->view[queued->reply_first + i] =
            queue_reply(queue, &queue->replies[queued->reply_first + i]);
}
