/* session_shape.c - a hash over the exchanges, a few instructions for each.
 */
#include "session/session_shape.h"

#include <string.h>

/* The spellings, not the numbers in the enum: those change when a command is added, and a baseline
 * must not. */
static const char spellings[COMMAND_COUNT][16] = {
#define X(name, spelling, ...) [COMMAND_##name] = spelling,
    COMMANDS(X)
#undef X
};

/* The first eight letters, which are different for all of them, the same on every machine. */
static uint64_t word_of(const char spelling[16])
{
    uint64_t word = 0;
    for (size_t i = 0; i < sizeof word; i++)
        word |= (uint64_t)(unsigned char)spelling[i] << 8 * i;
    return word;
}

void session_shape_add(struct session_shape *shape, enum command command, int reply_class)
{
    /* Letters leave the highest bit of each octet free. */
    uint64_t exchange = word_of(spellings[command]) | (uint64_t)(reply_class & 1) << 7 |
                        (uint64_t)(reply_class >> 1 & 1) << 15 |
                        (uint64_t)(reply_class >> 2 & 1) << 23;
    if (exchange == shape->last)
        return;
    shape->last = exchange;
    shape->hash = (shape->hash ^ exchange) * UINT64_C(0x9e3779b97f4a7c15);
    shape->hash ^= shape->hash >> 32;
}
