/* timing.c - how long replies took, by the times of a log's lines.
 *
 * A log's time need not be that of its line. What a program writes through a buffer gets the time at which
 * the buffer was emptied: many lines of one time, then a gap. And clocks are set. A fault is only found
 * where a session has shown before that its lines are timed one by one, and never an hour or more: so far
 * clocks jump in spring.
 */
#include "check/timing.h"

#include "session/session_outcome.h"

/* Milliseconds. What is longer is no wait: the log has another day, or another order. */
#define WAITED_MAX  (12 * 3600 * 1000)
#define CLOCK_JUMP  (3590 * 1000)
/* Two lines so far apart were not written at once. */
#define TICK_MIN    20
#define TICK_MAX    (60 * 1000)
/* A log may round times to a second. */
#define ROUNDING    1000
/* After so long a QUIT belongs to no group of commands that was sent at once. */
#define GIVE_UP_MIN 5000

/* The time of the command's line. False: the log does not say. */
static bool time_sent(struct head_time *head, const struct exchange *exchange, int64_t *sent)
{
    struct log_time time;
    const struct location *location = &exchange->location;
    bool found = exchange->command != COMMAND_CONNECT && !(exchange->flags & EXCHANGE_IMPLIED) &&
                 label_time(head, location->raw, location->column, &time);
    *sent = time.milliseconds;
    return found;
}

/* Returns true if the line ended the reply: a reply may be known only when the next one has come. */
static bool ends_reply(const struct line *line, const struct reply *reply)
{
    return reply->line == line->number ||
           (reply->lines > 1 && reply->line < line->number && line->payload.size > 4 &&
            slice_ends(reply->text, slice_after(line->payload, 4)));
}

/* The time of the line that ended the reply. */
static bool time_replied(struct head_time *head, const struct exchange *exchange,
                         const struct line *line, int64_t *replied)
{
    struct log_time time;
    if (!line || line->side != SIDE_SERVER || exchange->reply_count == 0 ||
        exchange->location.line >= line->number || exchange->location.part != line->part ||
        !ends_reply(line, &exchange->replies[exchange->reply_count - 1]) ||
        !label_time(head, line->raw, line->column, &time))
        return false;
    *replied = time.milliseconds;
    return true;
}

/* Looks whether the clock ticks, and goes forward. */
static void follow_clock(struct timeline *timeline, int64_t time)
{
    int64_t passed = time - timeline->last;
    timeline->ticks =
        timeline->ticks || (timeline->timed && passed >= TICK_MIN && passed <= TICK_MAX);
    timeline->back = timeline->back || (timeline->timed && passed < 0);
    timeline->timed = true;
    timeline->last = time;
}

/* What the client did about the reply to the exchange before, which stands after this command. */
static enum timing patience_of(const struct timeline *timeline, const struct exchange *exchange,
                               int64_t sent)
{
    int64_t limit = time_out_of(timeline->before.command), waited = sent - timeline->before.sent;
    bool gives_up = exchange->command == COMMAND_QUIT || exchange->command == COMMAND_RSET;
    if (!gives_up || !timeline->before.known || exchange->number == 0 ||
        timeline->before.number != exchange->number - 1 ||
        exchange->answered != timeline->before.number || waited < GIVE_UP_MIN)
        return TIMING_NONE;
    bool may_have_come = timeline->before.answered && timeline->before.replied <= sent;
    return may_have_come || waited >= limit - ROUNDING ? TIMING_WAITED : TIMING_GAVE_UP;
}

struct exchange_times timeline_exchange(struct timeline *timeline, const struct exchange *exchange,
                                        const struct line *line)
{
    struct exchange_times times = {.waited = -1, .given_up = -1};
    int64_t sent, replied = -1, limit = time_out_of(exchange->command);
    bool sure = timeline->ticks && !timeline->back, waits = exchange->answered >= exchange->number;
    times.timed = time_sent(&timeline->head, exchange, &sent);
    if (times.timed && time_replied(&timeline->head, exchange, line, &replied) && waits &&
        replied >= sent && replied - sent < WAITED_MAX)
        times.waited = replied - sent;
    if (times.timed && sure)
        times.timing = patience_of(timeline, exchange, sent);
    if (times.timing == TIMING_GAVE_UP)
        times.given_up = sent - timeline->before.sent;
    else if (times.timing == TIMING_NONE && sure && !(exchange->flags & EXCHANGE_FOLLOWED) &&
             limit > 0 && times.waited > limit + ROUNDING && times.waited < CLOCK_JUMP)
        times.timing = TIMING_LATE;
    if (times.timed && waits)
        follow_clock(timeline, sent);
    if (times.timed && replied >= 0 && !(exchange->flags & EXCHANGE_FOLLOWED))
        follow_clock(timeline, replied);
    timeline->before.known = times.timed;
    timeline->before.number = exchange->number;
    timeline->before.command = exchange->command;
    timeline->before.sent = sent;
    timeline->before.replied = replied;
    timeline->before.answered = exchange->reply_count > 0;
    return times;
}
