/* event.c - copies of lines and refusals. */
#include "session/event.h"

#include <stdlib.h>

/* Where a text has been cut. */
#define CUT "..."

/* Where in the recorded line begins what must not be shown; LINE_COPY_MAX: nowhere. A log may
 * show the argument of AUTH in another form: then nothing of the command is shown. */
static size_t hidden_from(const struct exchange *exchange, enum hidden hidden)
{
    const struct location *location = &exchange->location;
    if (location->column == 0 || (exchange->command != COMMAND_AUTH && hidden == HIDDEN_NOTHING))
        return LINE_COPY_MAX;
    if (exchange->command != COMMAND_AUTH)
        return location->column - 1;
    size_t mechanism = slice_word(exchange->argument).size;
    struct slice secret = slice_trim(slice_after(exchange->argument, mechanism));
    if (secret.size == 0)
        return location->column + exchange->verb.size + mechanism;
    const char *found = memmem(location->raw.data, location->raw.size, secret.data, secret.size);
    return found ? (size_t)(found - location->raw.data) : location->column - 1;
}

struct line_view view_place(const struct location *place)
{
    struct slice raw = slice_head(place->raw, LINE_COPY_MAX);
    return (struct line_view){
        .line = place->line,
        .part = place->part,
        .column = place->column,
        .end_column = place->end_column,
        .size = (uint16_t)raw.size,
        .hidden_from = LINE_COPY_MAX,
        .raw = raw.data,
    };
}

struct line_view view_line(const struct exchange *exchange, enum hidden hidden)
{
    size_t from = hidden_from(exchange, hidden);
    struct line_view line = view_place(&exchange->location);
    line.hidden_from = (uint16_t)(from < LINE_COPY_MAX ? from : LINE_COPY_MAX);
    return line;
}

struct line_copy copy_line(const struct line_view *line)
{
    struct line_copy copy = {
        .line = line->line,
        .part = line->part,
        .column = line->column,
        .end_column = line->end_column,
        .size = line->size,
        .hidden_from = line->hidden_from,
    };
    if (line->size > 0)
        memcpy(copy.raw, line->raw, line->size);
    return copy;
}

/* Makes room for so many octets, LINE_COPY_MAX + REFUSAL_MAX at most. */
static bool make_room(struct event *event, size_t size)
{
    if (size <= event->capacity)
        return true;
    _Static_assert(LINE_COPY_MAX + REFUSAL_MAX + 16 <= UINT8_MAX, "capacity has one octet");
    size_t wanted = (size + 8 + 15) / 16 * 16 - 8; /* what an allocator gives anyway */
    char *larger = realloc(event->room, wanted);
    if (!larger)
        return false;
    event->room = larger;
    event->capacity = (uint8_t)wanted;
    return true;
}

/* Puts a line and a refusal into the event's memory. `cut`: not all of the refusal is there. */
static bool put_octets(struct event *event, struct slice line, struct slice refusal, bool cut)
{
    size_t marked = cut ? strlen(CUT) : 0;
    refusal = slice_head(refusal, REFUSAL_MAX - marked);
    if (!make_room(event, line.size + refusal.size + marked))
        return false;
    if (line.size > 0)
        memcpy(event->room, line.data, line.size);
    if (refusal.size > 0)
        memcpy(event->room + line.size, refusal.data, refusal.size);
    if (cut)
        memcpy(event->room + line.size + refusal.size, CUT, marked);
    event->copy.size = (uint16_t)line.size;
    event->refusal_size = (uint8_t)(refusal.size + marked);
    if (event->room)
        event->copy.raw = event->room;
    return true;
}

bool event_keep(struct event *event, const struct exchange *exchange, enum hidden hidden,
                bool shown)
{
    event_set(event, exchange);
    struct slice line = SLICE(""), refusal = SLICE("");
    bool cut = false;
    if (shown) {
        size_t from = hidden_from(exchange, hidden);
        event->copy.hidden_from = (uint16_t)(from < LINE_COPY_MAX ? from : LINE_COPY_MAX);
        line = slice_head(exchange->location.raw, LINE_COPY_MAX);
    }
    if (event->code >= 400) {
        struct slice text = exchange->replies[exchange->reply_count - 1].text;
        refusal = slice_head(text, slice_find(text, '\n'));
        cut = refusal.size < text.size || refusal.size > REFUSAL_MAX;
    }
    return put_octets(event, line, refusal, cut);
}

bool event_copy(struct event *event, const struct event *from)
{
    char *room = event->room;
    uint8_t capacity = event->capacity;
    *event = *from;
    event->room = room;
    event->capacity = capacity;
    event->copy.raw = "";
    event->copy.size = event->refusal_size = 0;
    return put_octets(event, (struct slice){from->copy.raw, from->copy.size}, event_refusal(from),
                      false);
}

void events_reset(struct event events[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        events[i] =
            (struct event){.copy.raw = "", .room = events[i].room, .capacity = events[i].capacity};
}

void events_free(struct event events[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(events[i].room);
}

size_t events_memory(const struct event events[], size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += events[i].capacity;
    return sum;
}
