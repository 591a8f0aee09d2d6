/* content.c - where a message begins and ends in the recording, and what in it may be a command.
 *
 * Many logs leave messages out, with the dot or without it, and a server may answer before the dot
 * has come. A line that reads like a command can then be one, or a line of the message. It goes into
 * the queue as doubtful, and what follows decides: text or the dot make it message, a reply makes
 * it a command.
 */
#include "dialogue/state.h"

/* Doubtful commands at most; more is a message. */
#define DOUBTFUL_MAX 32

/* They were lines of the message. */
static void drop_doubtful(struct dialogue *dialogue)
{
    dialogue->queue.count -= dialogue->doubtful;
    dialogue->doubtful = 0;
}

/* Whether the line, which can be either, is to be kept as a doubtful command. Chunks and the answers
 * of AUTH would need more than one line to tell. */
static bool keeps_doubtful(const struct dialogue *dialogue, const struct command_line *command)
{
    switch (command->command) {
    case COMMAND_END_OF_DATA:
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
    case COMMAND_AUTH:
    case COMMAND_STARTTLS:
        return false;
    default:
        return dialogue->doubtful < DOUBTFUL_MAX && command_looks_real(command);
    }
}

bool content_line(struct dialogue *dialogue, const struct line *line)
{
    bool dot = line->payload.size == 1 && line->payload.data[0] == '.';
    bool nothing_else = dialogue->content_lines == dialogue->doubtful;
    if (!watch_wanted(line))
        watch_hole(dialogue);
    else if (!watch_content(dialogue, line, &dot))
        return false;
    dialogue->content_lines++;
    if (nothing_else && !dot && !dialogue->one_sided) {
        struct command_line command = command_scan(dialogue->commands, line->payload);
        if (keeps_doubtful(dialogue, &command)) {
            dialogue->doubtful++;
            return add_command(dialogue, line, &command, 0);
        }
    }
    drop_doubtful(dialogue);
    if (!dot)
        return true;
    struct command_line end = {.command = COMMAND_END_OF_DATA, .verb = SLICE(".")};
    dialogue->content = false;
    if (dialogue->one_sided) { /* DATA waited for this */
        dialogue->queue.pending = dialogue->queue.count;
        pairing_emit(dialogue);
        queue_clear(&dialogue->queue);
    }
    return add_command(dialogue, line, &end, 0);
}

bool content_takes_rest(struct dialogue *dialogue, const struct command_line *command)
{
    if (keeps_doubtful(dialogue, command))
        return false;
    drop_doubtful(dialogue);
    dialogue->rest_is_content = command->command != COMMAND_END_OF_DATA;
    return true;
}

/* A reply has come although the dot has not: it is the one to the message. Where the last line was a
 * dot that only some servers take for the end, this one did. */
static bool imply_end(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    size_t index = queue->count - dialogue->doubtful;
    bool taken = dialogue->watch.odd_dot;
    if (!queue_add(queue))
        return false;
    struct sent *sent = &queue->sent[index];
    memmove(sent + 1, sent, dialogue->doubtful * sizeof *sent);
    *sent = (struct sent){
        .command = COMMAND_END_OF_DATA,
        .flags = taken ? EXCHANGE_ODD_END : EXCHANGE_IMPLIED,
        .order = dialogue->order,
        .real = true,
        .answered = dialogue->emitted + index,
        .location = taken ? dialogue->watch.odd_location : dialogue->content_location,
    };
    dialogue->content = dialogue->watch.odd_dot = false;
    dialogue->rest_is_content = !taken && dialogue->content_lines > dialogue->doubtful;
    dialogue->counted.elided += !taken;
    return queue_keep(queue, SLICE("."), KEPT_COMMAND, &sent->verb);
}

bool content_before_reply(struct dialogue *dialogue)
{
    if (dialogue->content) {
        if (!imply_end(dialogue))
            return false;
    } else if (dialogue->doubtful > 0) {
        dialogue->rest_is_content = false;
    }
    dialogue->doubtful = 0;
    return true;
}

void content_begin(struct dialogue *dialogue, size_t data)
{
    struct queue *queue = &dialogue->queue;
    size_t end = data + 1;
    dialogue->content = true;
    dialogue->content_location = queue->sent[data].location;
    while (end < queue->count && queue->sent[end].command != COMMAND_END_OF_DATA)
        end++;
    dialogue->content_lines = end - data - 1;
    dialogue->content = end == queue->count;
    if (data + 1 < queue->count && queue->sent[data].early.line == 0)
        queue->sent[data].early = queue->sent[data + 1].location;
    queue_remove(queue, data + 1, end - data - 1);
}

bool content_begin_behind(struct dialogue *dialogue, const struct line *data)
{
    dialogue->content = true;
    dialogue->content_lines = 0;
    queue_clear(&dialogue->queue);
    return copy_location(dialogue, data, sizeof "DATA" - 1, &dialogue->content_location);
}

void content_settle(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    if (dialogue->content)
        drop_doubtful(dialogue);
    dialogue->doubtful = 0;
    /* A DATA that was never answered: what was sent behind it may be the message. */
    if (dialogue->closed)
        return;
    for (size_t i = queue->pending; i + 1 < queue->count; i++)
        if (queue->sent[i].command == COMMAND_DATA) {
            content_begin(dialogue, i);
            dialogue->content = false;
        }
}
