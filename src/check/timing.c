/* timing.c - how long replies took, by the times of a log's lines. */
#include "check/timing.h"

/* What is longer, in milliseconds, is no wait: the log has another day, or another order. */
#define WAITED_MAX (12 * 3600 * 1000)

/* How long the client waited for the reply, which ends with the line that is being taken. */
int64_t waited_for(const struct conversation *conversation, const struct exchange *exchange)
{
    const struct line *line = conversation->line;
    struct log_time sent, replied;
    if (conversation->label.time[0] == '\0' || !line || line->side != SIDE_SERVER ||
        exchange->reply_count == 0 || exchange->command == COMMAND_CONNECT ||
        exchange->location.line >= line->number ||
        label_time(exchange->location.raw, exchange->location.column, &sent).size == 0 ||
        label_time(line->raw, line->column, &replied).size == 0)
        return -1;
    int64_t waited = replied.milliseconds - sent.milliseconds;
    return waited >= 0 && waited < WAITED_MAX ? waited : -1;
}
