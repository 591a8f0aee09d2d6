/* held.c - copies of lines, in bounded room.
 */
#include "transcript/formats/held.h"

static struct slice keep(struct held *held, struct slice text)
{
    struct slice kept = {held->room + held->used, text.size};
    if (text.size > 0)
        memcpy(held->room + held->used, text.data, text.size);
    held->used += text.size;
    return kept;
}

bool held_add(struct held *held, const struct line *line)
{
    if (held->count == HELD_LINES || line->raw.size > HELD_OCTETS ||
        line->payload.size > HELD_OCTETS ||
        line->raw.size + line->payload.size > HELD_OCTETS - held->used)
        return false;
    struct line *copy = &held->lines[held->count++];
    *copy = *line;
    copy->raw = keep(held, line->raw);
    copy->payload = keep(held, line->payload);
    return true;
}
