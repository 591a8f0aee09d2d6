/* server_limits.c - how many errors a server puts up with.
 *
 * Tables are measured with limits off, since a table cannot count. What a server says once a limit of its
 * default settings is reached (421, or nothing more) is not predicted.
 */
#include "session/server_limits.h"

#include "session/server_parser.h"

/* No limit is larger. */
#define LIMIT_MAX 10000

/* Reads "20" of "limit 20 errors per message"; 0 if it is no number of that size. */
static uint16_t limit_number(struct slice word)
{
    unsigned number = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (!ascii_digit(word.data[i]) || number > LIMIT_MAX)
            return 0;
        number = number * 10 + (unsigned)(word.data[i] - '0');
    }
    return number <= LIMIT_MAX ? (uint16_t)number : 0;
}

/* Returns the events of "NOOP,RSET"; 0 if there is no such command. */
static uint32_t limit_events(struct slice list)
{
    uint32_t all = 0;
    while (list.size > 0) {
        size_t size = slice_find(list, ',');
        uint32_t events = 0;
        for (size_t i = 0; i < SERVER_EVENT_COUNT; i++) {
            struct slice name = slice_of(server_event_name((enum server_event)i));
            if (slice_equal(slice_head(name, slice_find(name, ' ')), slice_head(list, size)))
                events |= UINT32_C(1) << i;
        }
        if (events == 0)
            return 0;
        all |= events;
        list = slice_after(list, size + 1);
    }
    return all;
}

bool parse_limit(struct parser *parser, struct slice rest)
{
    struct server_table *table = parser->table;
    struct server_limit limit = {.count = limit_number(parser_word(&rest))};
    struct slice what = parser_word(&rest);
    limit.of = slice_equal(what, SLICE("errors"))   ? LIMIT_ERRORS
               : slice_equal(what, SLICE("faults")) ? LIMIT_FAULTS
                                                    : LIMIT_COMMANDS;
    if (limit.of == LIMIT_COMMANDS)
        limit.events = limit_events(what);
    limit.per_message = slice_equal(rest, SLICE("per message"));
    if (limit.count == 0 || (limit.of == LIMIT_COMMANDS && limit.events == 0) ||
        (rest.size > 0 && !limit.per_message))
        return parser_wrong(parser, parser->line,
                            "a limit wants a number, and 'errors', 'faults' or commands");
    if (table->limit_count == SERVER_LIMITS_MAX)
        return parser_wrong(parser, parser->line, "more than %d limits", SERVER_LIMITS_MAX);
    table->limits[table->limit_count++] = limit;
    return true;
}

bool limits_reached(const struct server_replay *replay)
{
    for (size_t i = 0; i < replay->table->limit_count; i++)
        if (replay->counted[i] >= replay->table->limits[i].count)
            return true;
    return false;
}

static bool counts(const struct server_limit *limit, enum server_event event, int code)
{
    switch (limit->of) {
    case LIMIT_ERRORS:
        return code >= 400;
    case LIMIT_FAULTS:
        return code >= 500 && code <= 504;
    default:
        return event < SERVER_EVENT_COUNT && limit->events >> event & 1;
    }
}

void limits_count(struct server_replay *replay, enum server_event event, int code)
{
    bool message = code == 250 && (event == SERVER_DOT_OK || event == SERVER_BDAT_LAST);
    for (size_t i = 0; i < replay->table->limit_count; i++) {
        const struct server_limit *limit = &replay->table->limits[i];
        if (message && limit->per_message)
            replay->counted[i] = 0;
        else if (counts(limit, event, code) && replay->counted[i] < limit->count)
            replay->counted[i]++;
    }
}
