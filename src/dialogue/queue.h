/* queue.h - commands that have been sent, and the replies that have come for them.
 *
 * The memory of a dialogue. It is emptied whenever every command is answered, so in a session in
 * lock step it holds one exchange, and nothing is allocated once it has grown to what the longest
 * pipelined group needs. Texts are copied by offset, because the memory moves when it grows.
 */
#ifndef SMTPSEQ_QUEUE_H
#define SMTPSEQ_QUEUE_H

#include "dialogue/dialogue.h"

/* Octets that are copied of a recorded line, of a command, and of the text of a reply. What is longer
 * is judged by its beginning. */
#define COPIED_RAW_MAX      512
#define COPIED_COMMAND_MAX  2048
#define COPIED_REPLY_MAX    65536
/* When a group has filled this much, only the beginnings of its texts are copied. */
#define COPIED_GROUP_MAX    ((size_t)8 << 20)
#define COPIED_WHEN_FULL    64
/* Commands without an answer that are copied; from then on the oldest are dropped. */
#define QUEUED_COMMANDS_MAX 65536

struct copied_text {
    size_t offset, size;
};

struct copied_location {
    uint64_t line;
    uint32_t column, end_column;
    unsigned part;
    struct copied_text raw;
};

struct copied_reply {
    uint64_t line;
    uint64_t order; /* when its first line came, among the lines of the dialogue */
    int code;
    unsigned lines;
    bool unended;
    struct copied_text text;
};

/* A command that has been sent. */
struct queued_command {
    enum command command;
    unsigned flags;
    uint64_t order; /* as in kept_reply */
    bool real;
    bool discardable; /* perhaps it will never be answered */
    uint64_t octets;
    size_t length; /* of its line */
    struct copied_location location, early;
    struct copied_text verb, argument;
    size_t answered;
    size_t reply_first, reply_count;
};

struct queue {
    struct queued_command *commands; /* in the order in which they were sent; a part of `memory` */
    struct queued_command *memory;
    size_t count, capacity;
    size_t pending; /* those before this one are answered */
    struct copied_reply *replies;
    size_t reply_count, reply_capacity;
    struct reply *view; /* as long as `replies`: what an exchange shows of them */
    char *text;
    size_t text_size, text_capacity;
};

void queue_free(struct queue *queue);

/* Octets that it has grown to. */
size_t queue_memory(const struct queue *queue);

/* Forgets everything, keeps the memory. */
void queue_clear(struct queue *queue);

/* Keeps a copy of at most `most` octets. False when out of memory. */
bool queue_copy(struct queue *queue, struct slice text, size_t most, struct copied_text *copied);

/* The same for a part of `whole`, of which `copied_whole` has been copied: copies only what is not
 * there. */
bool queue_copy_part(struct queue *queue, struct slice part, size_t most, struct slice whole,
                     const struct copied_text *copied_whole, struct copied_text *copied);

/* Lengthens what was copied last; nothing else may have been copied since. */
bool queue_extend(struct queue *queue, struct slice text, size_t most, struct copied_text *copied);

/* After queue_clear: keeps what was copied before, and only that. */
void queue_retain(struct queue *queue, struct copied_text *copied);

/* A new last command, whose fields are not set: clearing all of it first would take as long as all
 * else. NULL when out of memory. */
struct queued_command *queue_add(struct queue *queue);

/* Takes `count` commands from `index` on out. */
void queue_remove(struct queue *queue, size_t index, size_t count);

/* Adds a reply to those of the command at `index`. No command after it may have a
 * reply yet. */
bool queue_answer(struct queue *queue, size_t index, const struct copied_reply *reply);

/* The command at `index` as others see it; valid until the queue changes. */
void queue_exchange(struct queue *queue, size_t index, struct exchange *exchange);

/* Returns the copied text; valid until the queue changes. */
struct slice copied_slice(const struct queue *queue, struct copied_text copied);

struct location queue_location(const struct queue *queue, const struct copied_location *location);
struct reply queue_reply(const struct queue *queue, const struct copied_reply *reply);

#endif
