/* timing.c - how long replies took, by the times of a log's lines. */
#include "check/timing.h"

/* What is longer, in milliseconds, is no wait: the log has another day, or another order. */
#define WAITED_MAX (12 * 3600 * 1000)

/* Returns true if the line ended the reply: a reply may be known only when the next one has come. */
static bool ends_reply(const struct line *line, const struct reply *reply)
{
    return reply->line == line->number ||
           (reply->lines > 1 && reply->line < line->number && line->payload.size > 4 &&
            slice_ends(reply->text, slice_after(line->payload, 4)));
}

/* Of a command that was sent before those ahead of it were answered nobody knows when the server took it. */
static int64_t waited_by_times(struct conversation *conversation, const struct exchange *exchange)
{
    const struct line *line = conversation->line;
    struct log_time sent, replied;
    if (!line || line->side != SIDE_SERVER || exchange->reply_count == 0 ||
        exchange->command == COMMAND_CONNECT || exchange->location.line >= line->number ||
        exchange->answered < exchange->number ||
        !ends_reply(line, &exchange->replies[exchange->reply_count - 1]) ||
        !label_time(&conversation->head_time, exchange->location.raw, exchange->location.column,
                    &sent) ||
        !label_time(&conversation->head_time, line->raw, line->column, &replied))
        return -1;
    int64_t waited = replied.milliseconds - sent.milliseconds;
    return waited >= 0 && waited < WAITED_MAX ? waited : -1;
}

int64_t waited_for(struct conversation *conversation, const struct exchange *exchange)
{
    return conversation->label.time[0] ? waited_by_times(conversation, exchange) : -1;
}
