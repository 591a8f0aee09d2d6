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
    queue->sent = queue->memory;
}

bool queue_keep(struct queue *queue, struct slice text, size_t most, struct kept *kept)
{
    *kept = (struct kept){.offset = queue->text_size};
    return queue_extend(queue, text, most, kept);
}

bool queue_keep_part(struct queue *queue, struct slice part, size_t most, struct slice whole,
                     const struct kept *kept_whole, struct kept *kept)
{
    /* What a reader has taken out of quotes lies elsewhere; a difference of addresses tells. */
    size_t offset = (size_t)((uintptr_t)part.data - (uintptr_t)whole.data);
    if (part.size > most || offset > kept_whole->size || part.size > kept_whole->size - offset)
        return queue_keep(queue, part, most, kept);
    *kept = (struct kept){kept_whole->offset + offset, part.size};
    return true;
}

bool queue_extend(struct queue *queue, struct slice text, size_t most, struct kept *kept)
{
    if (queue->text_size > KEPT_GROUP && most > KEPT_WHEN_FULL)
        most = KEPT_WHEN_FULL;
    text = slice_head(text, kept->size < most ? most - kept->size : 0);
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
    kept->size += text.size;
    return true;
}

void queue_keep_again(struct queue *queue, struct kept *kept)
{
    if (kept->size > 0)
        memmove(queue->text, queue->text + kept->offset, kept->size);
    kept->offset = 0;
    queue->text_size = kept->size;
}

struct sent *queue_add(struct queue *queue)
{
    size_t first = queue->memory ? (size_t)(queue->sent - queue->memory) : 0;
    if (!grow((void **)&queue->memory, first + queue->count, &queue->capacity,
              sizeof *queue->memory))
        return NULL;
    queue->sent = queue->memory + first;
    return &queue->sent[queue->count++];
}

void queue_remove(struct queue *queue, size_t index, size_t count)
{
    if (count == 0)
        return;
    size_t behind = queue->count - index - count;
    queue->count -= count;
    if (index < behind) { /* the shorter part moves */
        memmove(queue->sent + count, queue->sent, index * sizeof *queue->sent);
        queue->sent += count;
    } else {
        memmove(queue->sent + index, queue->sent + index + count, behind * sizeof *queue->sent);
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
    struct sent *sent = &queue->sent[index];
    if (sent->reply_count == 0)
        sent->reply_first = queue->reply_count;
    sent->reply_count++;
    queue->replies[queue->reply_count++] = *reply;
    return true;
}

static struct slice kept_slice(const struct queue *queue, struct kept kept)
{
    return kept.size > 0 ? (struct slice){queue->text + kept.offset, kept.size} : SLICE("");
}

struct location queue_location(const struct queue *queue, const struct copied_location *location)
{
    return (struct location){
        .line = location->line,
        .column = location->column,
        .end_column = location->end_column,
        .part = location->part,
        .raw = kept_slice(queue, location->raw),
    };
}

struct reply queue_reply(const struct queue *queue, const struct copied_reply *reply)
{
    return (struct reply){
        .line = reply->line,
        .code = reply->code,
        .lines = reply->lines,
        .unended = reply->unended,
        .text = kept_slice(queue, reply->text),
    };
}

void queue_exchange(struct queue *queue, size_t index, struct exchange *exchange)
{
    const struct sent *sent = &queue->sent[index];
    exchange->command = sent->command;
    exchange->flags = sent->flags;
    exchange->location = queue_location(queue, &sent->location);
    exchange->verb = kept_slice(queue, sent->verb);
    exchange->argument = kept_slice(queue, sent->argument);
    exchange->real = sent->real;
    exchange->length = sent->length;
    exchange->answered = sent->answered;
    exchange->reply_count = sent->reply_count;
    exchange->replies = sent->reply_count > 0 ? queue->view + sent->reply_first : NULL;
    exchange->early =
        sent->early.line != 0 ? queue_location(queue, &sent->early) : (struct location){0};
    for (size_t i = 0; i < sent->reply_count; i++)
        queue->view[sent->reply_first + i] =
            queue_reply(queue, &queue->replies[sent->reply_first + i]);
}
