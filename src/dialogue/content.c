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
    dialogue->queue.count -= dialogue->session.doubtful;
    dialogue->session.doubtful = 0;
}

/* Returns true if the line, which can be either, is to be copied as a doubtful command. Chunks and the answers
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
        return dialogue->session.doubtful < DOUBTFUL_MAX && command_looks_real(command);
    }
}

bool content_line(struct dialogue *dialogue, const struct line *line)
{
    bool dot = line->payload.size == 1 && line->payload.data[0] == '.';
    bool nothing_else = dialogue->session.content_lines == dialogue->session.doubtful;
    if (!check_line_wanted(line))
        check_hole(dialogue);
    else if (!check_content_line(dialogue, line, &dot))
        return false;
    dialogue->session.content_lines++;
    if (nothing_else && !dot && !dialogue->one_sided) {
        struct command_line command = command_scan(dialogue->commands, line->payload);
        if (keeps_doubtful(dialogue, &command)) {
            dialogue->session.doubtful++;
            return add_command(dialogue, line, &command, 0);
        }
    }
    drop_doubtful(dialogue);
    if (!dot)
        return true;
    struct command_line end = {.command = COMMAND_END_OF_DATA, .verb = SLICE(".")};
    dialogue->session.sending = SENDING_COMMANDS;
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
    if (command->command == COMMAND_END_OF_DATA)
        dialogue->session.sending = SENDING_COMMANDS;
    return true;
}

/* A reply has come although the dot has not: it is the one to the message. Where the last line was a
 * dot that only some servers take for the end, this one did. */
static bool imply_end(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    size_t index = queue->count - dialogue->session.doubtful;
    bool taken = dialogue->checks.odd_dot;
    bool blob = dialogue->session.sending == SENDING_BLOB; /* it ends without a dot */
    if (!queue_add(queue))
        return false;
    struct queued_command *queued = &queue->commands[index];
    memmove(queued + 1, queued, dialogue->session.doubtful * sizeof *queued);
    *queued = (struct queued_command){
        .command = COMMAND_END_OF_DATA,
        .flags = taken ? EXCHANGE_ODD_END : EXCHANGE_IMPLIED,
        .order = dialogue->order,
        .real = true,
        .answered = dialogue->session.emitted + index,
        .location = taken ? dialogue->checks.odd_location : dialogue->session.content_location,
    };
    dialogue->checks.odd_dot = false;
    bool rest = !taken && !blob && dialogue->session.content_lines > dialogue->session.doubtful;
    dialogue->session.sending = rest ? SENDING_REST : SENDING_COMMANDS;
    dialogue->counted.elided += !taken && (!blob || dialogue->session.content_lines == 0);
    return queue_copy(queue, SLICE("."), COPIED_COMMAND_MAX, &queued->verb);
}

bool content_before_reply(struct dialogue *dialogue)
{
    struct current_session *session = &dialogue->session;
    if (sends_content(dialogue)) {
        if (!imply_end(dialogue))
            return false;
    } else if (session->sending == SENDING_REST && session->doubtful > 0) {
        session->sending = SENDING_COMMANDS;
    }
    session->doubtful = 0;
    return true;
}

void content_begin(struct dialogue *dialogue, size_t data)
{
    struct queue *queue = &dialogue->queue;
    size_t end = data + 1;
    dialogue->session.content_location = queue->commands[data].location;
    while (end < queue->count && queue->commands[end].command != COMMAND_END_OF_DATA)
        end++;
    dialogue->session.content_lines = end - data - 1;
    if (end == queue->count)
        dialogue->session.sending = sending_after(queue->commands[data].command);
    size_t early = data + 1;
    /* A log with a blank line after each line shows one here as well. */
    while (early < queue->count && queue->commands[early].verb.size == 0 &&
           dialogue->checks.command_end == LINE_END_UNKNOWN)
        early++;
    if (early < queue->count && queue->commands[data].early.line == 0)
        queue->commands[data].early = queue->commands[early].location;
    queue_remove(queue, data + 1, end - data - 1);
}

bool content_begin_after(struct dialogue *dialogue, const struct line *data, enum command command)
{
    dialogue->session.sending = sending_after(command);
    dialogue->session.content_lines = 0;
    queue_clear(&dialogue->queue);
    return copy_location(dialogue, data, strlen(command_verb(command)),
                         &dialogue->session.content_location);
}

void content_settle(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    if (dialogue->session.sending == SENDING_CONTENT)
        drop_doubtful(dialogue);
    dialogue->session.doubtful = 0;
    /* A DATA that was never answered: what was sent after it may be the message. */
    if (dialogue->session.closed)
        return;
    for (size_t i = queue->pending; i + 1 < queue->count; i++)
        if (queue->commands[i].command == COMMAND_DATA) {
            content_begin(dialogue, i);
            dialogue->session.sending = SENDING_COMMANDS;
        }
}
