/* read.c - reads json.c's document again. */
#include <jansson.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "coverage/coverage.h"

/* More than any count; sums of them do not overflow. */
#define COUNT_MAX ((json_int_t)1 << 50)

/* The number of a key. *wrong is set to the key if it is none. */
static uint64_t number_of(const json_t *object, const char *key, const char **wrong)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= 0 && number <= COUNT_MAX)
        return (uint64_t)number;
    *wrong = key;
    return 0;
}

static bool text_is(const json_t *object, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && strcmp(value, text) == 0;
}

/* Reads a count and the location of its first time: "file:line". */
static void read_tally(const json_t *object, struct coverage_tally *tally, const char **wrong)
{
    const char *example = json_string_value(json_object_get(object, "example"));
    const char *colon = example ? strrchr(example, ':') : NULL;
    uint64_t count = number_of(object, "count", wrong);
    if ((count > 0) != (colon != NULL) || tally->count > 0) {
        *wrong = "example";
        return;
    }
    tally->count = count;
    if (!colon)
        return;
    tally->line = strtoull(colon + 1, NULL, 10);
    tally->file = strndup(example, (size_t)(colon - example));
    if (!tally->file)
        *wrong = "out of memory";
}

static bool is_point(const json_t *object, const struct coverage_point *point)
{
    return text_is(object, "grammar", point->security ? "security" : "session") &&
           text_is(object, "state", point_state(point)) &&
           text_is(object, "command", point_command(point)) &&
           text_is(object, "outcome", point_answer(point)) &&
           text_is(object, "next", point_next(point));
}

/* Reads the transitions, all of them, in the order of the map. */
static void read_points(struct coverage *counts, const json_t *list, const char **wrong)
{
    size_t count = counts->map->count;
    if (json_array_size(list) != count)
        *wrong = N_("transitions (written by another version of smtpseq?)");
    for (size_t i = 0; i < count && !*wrong; i++) {
        const json_t *object = json_array_get(list, i);
        if (is_point(object, &counts->map->points[i]))
            read_tally(object, &counts->points[i], wrong);
        else
            *wrong = N_("transitions (written by another version of smtpseq?)");
    }
}

/* The command that it is about; COMMAND_COUNT: none of ours. */
static int command_of(const json_t *object)
{
    int command = 0;
    while (command < COMMAND_COUNT &&
           !text_is(object, "command", command_name((enum command)command)))
        command++;
    return command;
}

static void read_faulty(struct coverage *counts, const json_t *object, const char **wrong)
{
    int command = command_of(object), state = 0;
    while (state < STATE_COUNT &&
           !text_is(object, "state", state_symbol((enum session_state)state)))
        state++;
    if (command < COMMAND_COUNT && state < STATE_COUNT)
        read_tally(object, &counts->out_of_order[state][command], wrong);
    else
        *wrong = "out_of_order";
}

/* Reads how long the replies to a command took. */
static void read_time(struct coverage *counts, const json_t *object, const char **wrong)
{
    struct coverage_tally tally = {0};
    int command = command_of(object);
    read_tally(object, &tally, wrong);
    if (command == COMMAND_COUNT || counts->times.commands[command].count > 0 || tally.count == 0)
        *wrong = "slowest";
    if (*wrong) {
        free(tally.file);
        return;
    }
    counts->times.commands[command] = (struct reply_time){
        .count = tally.count,
        .sum = (int64_t)number_of(object, "total", wrong),
        .longest = (int64_t)number_of(object, "milliseconds", wrong),
        .file = tally.file,
        .line = tally.line,
    };
}

const char *coverage_read(struct coverage_document *document, const struct json_t *json)
{
    const char *wrong = NULL;
    const json_t *faulty = json_object_get(json, "out_of_order");
    document->files = number_of(json, "files", &wrong);
    document->sessions = number_of(json, "sessions", &wrong);
    document->exchanges = number_of(json, "exchanges", &wrong);
    document->counts->unanswered = number_of(json, "unanswered", &wrong);
    document->counts->unregistered = number_of(json, "unregistered", &wrong);
    document->unread = json_is_true(json_object_get(json, "unread"));
    if (!json_is_array(faulty))
        wrong = "out_of_order";
    read_points(document->counts, json_object_get(json, "transitions"), &wrong);
    for (size_t i = 0; i < json_array_size(faulty) && !wrong; i++)
        read_faulty(document->counts, json_array_get(faulty, i), &wrong);
    const json_t *times = json_object_get(json, "slowest");
    for (size_t i = 0; i < json_array_size(times) && !wrong; i++)
        read_time(document->counts, json_array_get(times, i), &wrong);
    return wrong;
}
