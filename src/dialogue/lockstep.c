/* lockstep.c - the usual case: one command waits, and one line is the reply that it can draw.
 *
 * Most of what is said goes back and forth like this. Nothing has to be kept then, neither for a
 * reply that may turn out to be another command's, nor for lines to come: the exchange is given on
 * as it stands. Whatever is not so plain takes the way through pairing.c, which would say the same.
 */
#include "dialogue/state.h"

/* Whether nothing is open but one command, whose answer is due. */
static bool is_lockstep(const struct dialogue *dialogue)
{
    const struct queue *queue = &dialogue->queue;
    return queue->count == 1 && queue->pending == 0 && queue->sent[0].reply_count == 0 &&
           queue->sent[0].command != COMMAND_UNKNOWN && !dialogue->in_reply && !dialogue->content &&
           dialogue->doubtful == 0 && !dialogue->tentative && !dialogue->closed && !dialogue->lmtp;
}

/* Whether nothing is open at all, apart from a message. With an empty queue no command waits, none is in
 * doubt, and no reply is. */
static bool is_quiet(const struct dialogue *dialogue)
{
    return dialogue->queue.count == 0 && dialogue->began && !dialogue->closed &&
           !dialogue->one_sided && !dialogue->lmtp && !dialogue->in_reply && !dialogue->timed_out &&
           !dialogue->auth_response && !dialogue->rest_is_content && dialogue->chunk_left == 0;
}

/* Whether the line is the whole answer that the command can draw. 220 may be a greeting, and more
 * follows 334. */
static bool read_answer(const struct dialogue *dialogue, const struct line *line,
                        enum command command, struct reply *reply)
{
    struct reply_line read = reply_scan(dialogue->reply_heads, line->payload);
    if (read.kind != REPLY_LINE_LAST || read.code == 220 || read.code == 334 ||
        !reply_code_fits(command, read.code))
        return false;
    *reply = (struct reply){
        .line = line->number,
        .code = read.code,
        .lines = 1,
        .unended = line->unended,
        .text = slice_head(read.text, KEPT_REPLY),
    };
    return true;
}

/* Gives the exchange on, which has its answer now. */
static void give(struct dialogue *dialogue, struct exchange *exchange, const struct reply *reply)
{
    dialogue->last_code = reply->code;
    dialogue->garbled = dialogue->reply_faulty = false;
    dialogue->closed = reply->code == 421 || reply->code == 221;
    pairing_follow(dialogue, exchange->command, reply->code);
    exchange->number = dialogue->emitted++;
    exchange->replies = reply;
    exchange->reply_count = 1;
    dialogue->sink.exchange(dialogue->sink.context, exchange);
}

bool lockstep_reply(struct dialogue *dialogue, const struct line *line)
{
    struct queue *queue = &dialogue->queue;
    struct reply reply;
    if (!is_lockstep(dialogue) || !read_answer(dialogue, line, queue->sent[0].command, &reply))
        return false;
    struct exchange exchange;
    queue_exchange(queue, 0, &exchange);
    if (begins_content(exchange.command, reply.code))
        content_begin(dialogue, 0);
    give(dialogue, &exchange, &reply);
    pairing_forget(dialogue);
    return true;
}

/* Takes a client's line apart: what is a command for sure, whatever came before it in a dialogue that
 * is quiet. Of longer lines only a part is kept. */
static bool read_command(const struct dialogue *dialogue, const struct line *line,
                         struct command_line *command)
{
    if (line->raw.size > KEPT_RAW || line->end != LINE_END_UNKNOWN || line->payload.size == 0 ||
        ascii_space(line->payload.data[0]))
        return false;
    command_read(NULL, line->payload, command);
    if (dialogue->content)
        return command->command == COMMAND_END_OF_DATA;
    return command->command != COMMAND_UNKNOWN && command->command != COMMAND_END_OF_DATA &&
           command->command != COMMAND_BDAT && command->command != COMMAND_BDAT_LAST;
}

/* The exchange that a command begins. Field by field: to clear all of it first takes longer. */
static void set_exchange(struct exchange *exchange, const struct line *line,
                         const struct command_line *command)
{
    exchange->command = command->command;
    exchange->flags = 0;
    exchange->location.line = line->number;
    exchange->location.column = line->column;
    exchange->location.end_column = end_column_of(line, command->verb.size);
    exchange->location.part = line->part;
    exchange->location.raw = line->raw;
    exchange->verb = command->verb;
    exchange->argument = command->argument;
    exchange->real = command_looks_real(command);
    exchange->length = line->payload.size + 2;
    exchange->early.line = 0;
}

bool dialogue_pair(struct dialogue *dialogue, const struct line *command, const struct line *reply,
                   bool *taken)
{
    struct command_line read;
    struct reply answer;
    *taken = is_quiet(dialogue) && read_command(dialogue, command, &read) &&
             reply->end == LINE_END_UNKNOWN && read_answer(dialogue, reply, read.command, &answer);
    if (!*taken)
        return true;
    struct exchange exchange;
    set_exchange(&exchange, command, &read);
    exchange.answered = dialogue->emitted;
    dialogue->order += 2;
    dialogue->separator = dialogue->replies_only = dialogue->content = false;
    watch_command(dialogue, command);
    give(dialogue, &exchange, &answer);
    return !begins_content(read.command, answer.code) || content_begin_behind(dialogue, command);
}
