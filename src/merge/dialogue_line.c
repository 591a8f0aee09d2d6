/* dialogue_line.c - arrays as exchanges. */
#include "merge/dialogue_line.h"

#include <stdlib.h>

#include "merge/finding_object.h"
#include "report/dialogue_lines.h"

static const char *state_at(size_t index)
{
    return state_symbol((enum session_state)index);
}

static enum session_state state_of(struct object *object, json_t *array, enum told place)
{
    const char *name = json_string_value(json_array_get(array, place));
    return (enum session_state)object_index(object, name ? name : "", STATE_COUNT, state_at);
}

/* Reads the replies into an array that the caller frees. */
static struct reply *read_replies(struct object *object, json_t *list, size_t *count)
{
    *count = json_array_size(list);
    struct reply *replies = calloc(*count + 1, sizeof *replies);
    for (size_t i = 0; replies && i < *count; i++) {
        json_t *array = json_array_get(list, i);
        replies[i].line = item_number(object, array, 0, INT64_MAX);
        replies[i].code = (int)item_number(object, array, 1, 999);
        replies[i].text = item_text(object, array, 2);
        replies[i].lines = 1;
    }
    if (!replies)
        object->wrong = "out of memory";
    return replies;
}

static void read_told(struct object *object, json_t *array, struct told_exchange *told)
{
    struct exchange *exchange = &told->exchange;
    struct verdict *verdict = &told->verdict;
    const char *command = json_string_value(json_array_get(array, TOLD_COMMAND));
    uint64_t flags = item_number(object, array, TOLD_FLAGS, 15);
    const json_t *waited = json_array_get(array, TOLD_WAITED);
    exchange->location.line = item_number(object, array, TOLD_LINE, INT64_MAX);
    exchange->location.part = (unsigned)item_number(object, array, TOLD_PART, 1);
    exchange->command = read_command(object, command ? command : "");
    exchange->verb = exchange->command == COMMAND_UNKNOWN
                         ? item_text(object, array, TOLD_VERB)
                         : slice_of(command_verb(exchange->command));
    exchange->argument = item_text(object, array, TOLD_ARGUMENT);
    exchange->number = flags & TOLD_PIPELINED ? 1 : 0;
    exchange->flags = flags & TOLD_ASSUMED ? EXCHANGE_ASSUMED : 0;
    verdict->state = state_of(object, array, TOLD_STATE);
    verdict->next = state_of(object, array, TOLD_NEXT);
    verdict->legal = flags & TOLD_LEGAL;
    verdict->taken = flags & TOLD_TAKEN;
    verdict->predicted = (int)item_number(object, array, TOLD_PREDICTED, 999);
    verdict->times.waited = json_integer_value(waited);
    if (!json_is_integer(waited) || verdict->times.waited < -1)
        object->wrong = "exchanges";
}

/* Lines at which sessions begin of which no more is told. */
static void read_begins(struct object *object, uint64_t session_max,
                        void (*take)(void *context, const struct told_exchange *told),
                        void *context)
{
    const json_t *list = object_array(object, "begins");
    for (size_t i = 0; i < json_array_size(list) && !object->wrong; i++) {
        const json_t *pair = json_array_get(list, i);
        struct told_exchange told = {.begin_only = true};
        told.session = item_number(object, pair, 0, session_max);
        told.exchange.location.line = item_number(object, pair, 1, INT64_MAX);
        told.exchange.command = COMMAND_CONNECT;
        told.verdict.times.waited = -1;
        if (told.session > 0 && !object->wrong)
            take(context, &told);
    }
}

void dialogue_read(struct object *object, uint64_t session_max,
                   void (*take)(void *context, const struct told_exchange *told), void *context)
{
    uint64_t session = object_number(object, "session", session_max);
    json_t *list = object_array(object, "exchanges");
    if (list && session == 0)
        object->wrong = "session";
    for (size_t i = 0; i < json_array_size(list) && !object->wrong; i++) {
        json_t *array = json_array_get(list, i);
        struct told_exchange told = {.session = session};
        read_told(object, array, &told);
        struct reply *replies =
            read_replies(object, json_array_get(array, TOLD_REPLIES), &told.exchange.reply_count);
        told.exchange.replies = replies;
        if (!object->wrong)
            take(context, &told);
        free(replies);
    }
    read_begins(object, session_max, take, context);
}
