/* lockstep.c - the usual case: one command waits, and one line is the reply that it can draw.
 *
 * Most sessions go back and forth like this. Nothing has to be copied then, neither for a
 * reply that may turn out to be another command's, nor for lines to come: the exchange is passed on
 * as it stands. All else goes through pairing.c, which would come to the same.
 */
#include "dialogue/state.h"

/* Returns true if nothing is open but one command, whose answer is due. */
static bool is_lockstep(const struct dialogue *dialogue)
{
    const struct queue *queue = &dialogue->queue;
    return queue->count == 1 && queue->pending == 0 && queue->commands[0].reply_count == 0 &&
           queue->commands[0].command != COMMAND_UNKNOWN && !dialogue->session.in_reply &&
           !sends_content(dialogue) && dialogue->session.doubtful == 0 &&
           !dialogue->session.tentative && !dialogue->session.closed && !dialogue->session.lmtp &&
           !dialogue->session.held_greeting && !begins_in_middle(dialogue);
}

/* Returns true if nothing is open at all, apart from a message. With an empty queue no command waits, none is in
 * doubt, and no reply is. */
static bool is_quiet(const struct dialogue *dialogue)
{
    return dialogue->queue.count == 0 && dialogue->session.began && !dialogue->session.closed &&
           !dialogue->session.disconnected && !dialogue->session.elided &&
           !dialogue->session.handshake && !dialogue->session.turned && !dialogue->one_sided &&
           !dialogue->session.lmtp && !dialogue->session.in_reply && !dialogue->session.timed_out &&
           !dialogue->session.held_greeting &&
           (dialogue->session.sending == SENDING_COMMANDS ||
            dialogue->session.sending == SENDING_CONTENT);
}

/* Returns true if the line is the whole answer that the command can draw. 220 may be a greeting, and more
 * follows 334, 353 and the reply to ATRN. */
static bool read_answer(const struct dialogue *dialogue, const struct line *line,
                        enum command command, struct reply *reply)
{
    struct reply_line read = reply_scan(dialogue->reply_heads, line->payload);
    bool turns = command == COMMAND_ATRN || command == COMMAND_TURN;
    if (turns || read.kind != REPLY_LINE_LAST || read.code == 220 || read.code == 334 ||
        read.code == 353 || !reply_code_fits(command, read.code))
        return false;
    *reply = (struct reply){
        .line = line->number,
        .code = read.code,
        .lines = 1,
        .unended = line->unended,
        .text = slice_head(read.text, COPIED_REPLY_MAX),
    };
    return true;
}

/* Passes on the exchange, which has its answer now. */
static void give(struct dialogue *dialogue, struct exchange *exchange, const struct reply *reply)
{
    dialogue->last_code = reply->code;
    dialogue->session.garbled = dialogue->reply_faulty = false;
    dialogue->session.closed = reply->code == 421 || reply->code == 221;
    pairing_follow(dialogue, exchange->command, reply->code, true);
    exchange->number = dialogue->session.emitted++;
    exchange->replies = reply;
    exchange->reply_count = 1;
    dialogue->sink.exchange(dialogue->sink.context, exchange);
}

bool lockstep_reply(struct dialogue *dialogue, const struct line *line)
{
    struct queue *queue = &dialogue->queue;
    struct reply reply;
    if (!is_lockstep(dialogue) || !read_answer(dialogue, line, queue->commands[0].command, &reply))
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
 * is quiet. Of longer lines only a part is copied. */
static bool read_command(const struct dialogue *dialogue, const struct line *line,
                         struct command_line *command)
{
    if (line->raw.size > COPIED_RAW_MAX || line->end != LINE_END_UNKNOWN ||
        line->payload.size == 0 || ascii_space(line->payload.data[0]))
        return false;
    command_read(NULL, line->payload, command);
    if (dialogue->session.sending == SENDING_CONTENT)
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
    exchange.answered = dialogue->session.emitted;
    dialogue->order += 2;
    dialogue->session.separator = dialogue->replies_only = false;
    dialogue->session.sending = SENDING_COMMANDS;
    check_command_line(dialogue, command);
    give(dialogue, &exchange, &answer);
    return !begins_content(read.command, answer.code) ||
           content_begin_after(dialogue, command, read.command);
}
