/* timing.c - how long replies took, by the times of a log's lines. */
#include "check/timing.h"

/* What is longer, in milliseconds, is no wait: the log has another day, or another order. */
#define WAITED_MAX (12 * 3600 * 1000)

static int64_t waited_by_times(struct conversation *conversation, const struct exchange *exchange)
{
    const struct line *line = conversation->line;
    struct log_time sent, replied;
    if (!line || line->side != SIDE_SERVER || exchange->reply_count == 0 ||
        exchange->command == COMMAND_CONNECT || exchange->location.line >= line->number ||
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
