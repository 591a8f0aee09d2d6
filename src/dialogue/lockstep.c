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

bool lockstep_reply(struct dialogue *dialogue, const struct line *line)
{
    struct queue *queue = &dialogue->queue;
    if (!is_lockstep(dialogue))
        return false;
    struct reply_line read = reply_scan(dialogue->reply_heads, line->payload);
    /* 220 may be a greeting, and more follows 334. */
    if (read.kind != REPLY_LINE_LAST || read.code == 220 || read.code == 334 ||
        !reply_code_fits(queue->sent[0].command, read.code))
        return false;
    struct reply reply = {
        .line = line->number,
        .code = read.code,
        .lines = 1,
        .unended = line->unended,
        .text = slice_head(read.text, KEPT_REPLY),
    };
    dialogue->last_code = read.code;
    dialogue->garbled = dialogue->reply_faulty = false;
    dialogue->closed = read.code == 421 || read.code == 221;
    pairing_follow(dialogue, 0, read.code);
    struct exchange exchange;
    queue_exchange(queue, 0, &exchange);
    exchange.number = dialogue->emitted++;
    exchange.replies = &reply;
    exchange.reply_count = 1;
    dialogue->sink.exchange(dialogue->sink.context, &exchange);
    pairing_forget(dialogue);
    return true;
}
