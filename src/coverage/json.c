/* json.c - coverage for programs: one object. Keys are never changed, only added.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "base/string_builder.h"
#include "coverage/coverage.h"
#include "report/escape.h"

/* Returns "file:line" of the first time, or null; NULL when out of memory. */
static json_t *location_value(const struct coverage_tally *tally)
{
    if (!tally->file)
        return json_null();
    size_t size = strlen(tally->file);
    char *room = json_memory_allocate(size * 3 + 32);
    if (!room)
        return NULL;
    size_t used = copy_valid_utf8(room, (struct slice){tally->file, size});
    used += (size_t)snprintf(room + used, 32, ":%llu", (unsigned long long)tally->line);
    json_t *value = json_stringn(room, used);
    free(room);
    return value;
}

/* Returns the words of a point; NULL when out of memory. */
static json_t *words_value(const struct coverage_point *point)
{
    struct string_builder words;
    if (string_builder_begin(&words))
        point_print(words.out, point, NULL);
    json_t *value = string_builder_end(&words) ? json_stringn(words.text, words.size) : NULL;
    free(words.text);
    return value;
}

static json_t *point_value(const struct coverage_view *view, size_t index)
{
    const struct coverage_point *point = &view->coverage->map->points[index];
    const struct coverage_tally *tally = &view->coverage->points[index];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:o, s:o, s:s?}", "grammar",
                     point->security ? "security" : "session", "state", point_state(point),
                     "command", point_command(point), "outcome", point_answer(point), "next",
                     point_next(point), "group", coverage_group_name(point->group), "counted",
                     !!(view->sum.groups & GROUP_BIT(point->group)), "count",
                     (json_int_t)tally->count, "example", location_value(tally), "description",
                     words_value(point), "hint", point->hint);
}

static json_t *points_value(const struct coverage_view *view)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < view->coverage->map->count; i++)
        if (json_array_append_new(array, point_value(view, i)) != 0) {
            json_decref(array);
            array = NULL;
        }
    return array;
}

static json_t *faulty_value(const struct coverage_view *view)
{
    json_t *array = json_array();
    for (int state = 0; array && state < STATE_COUNT; state++)
        for (int command = 0; array && command < COMMAND_COUNT; command++) {
            const struct coverage_tally *tally = &view->coverage->out_of_order[state][command];
            if (tally->count == 0)
                continue;
            json_t *value =
                json_pack("{s:s, s:s, s:I, s:o}", "state", state_symbol((enum session_state)state),
                          "command", command_name((enum command)command), "count",
                          (json_int_t)tally->count, "example", location_value(tally));
            if (json_array_append_new(array, value) != 0) {
                json_decref(array);
                array = NULL;
            }
        }
    return array;
}

static json_t *groups_value(const struct coverage_view *view)
{
    json_t *array = json_array();
    for (int group = 0; array && group < GROUP_COUNT; group++) {
        json_t *value = json_pack(
            "{s:s, s:b, s:i, s:i}", "name", coverage_group_name((enum coverage_group)group),
            "counted", !!(view->sum.groups & GROUP_BIT(group)), "transitions",
            (int)view->sum.total[group], "exercised", (int)view->sum.exercised[group]);
        if (json_array_append_new(array, value) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* Returns the commands with the longest replies first; NULL when out of memory. */
static json_t *slowest_value(const struct coverage_view *view)
{
    const struct reply_times *times = &view->coverage->times;
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(times, list);
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        const struct reply_time *time = &times->commands[list[i]];
        const struct coverage_tally tally = tally_of_times(time);
        json_t *value =
            json_pack("{s:s, s:I, s:I, s:I, s:o}", "command", command_name(list[i]), "milliseconds",
                      (json_int_t)time->longest, "total", (json_int_t)time->sum, "count",
                      (json_int_t)time->count, "example", location_value(&tally));
        if (json_array_append_new(array, value) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

bool coverage_print_json(FILE *out, const struct coverage_view *view)
{
    json_t *object = json_pack(
        "{s:f, s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:o}", "percent",
        coverage_permille(&view->sum) / 10.0, "exercised", (int)view->sum.hit, "counted",
        (int)view->sum.counted, "files", (json_int_t)view->files, "sessions",
        (json_int_t)view->sessions, "exchanges", (json_int_t)view->exchanges, "groups",
        groups_value(view), "transitions", points_value(view), "out_of_order", faulty_value(view),
        "unanswered", (json_int_t)view->coverage->unanswered, "unregistered",
        (json_int_t)view->coverage->unregistered, "slowest", slowest_value(view));
    if (view->unread && object)
        json_object_set_new(object, "unread", json_true());
    if (!object || json_memory_failed()) {
        json_decref(object);
        return false;
    }
    /* The caller finds a failed write in the stream's error flag. */
    bool done =
        json_dumpf(object, out, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(4)) == 0 ||
        ferror(out);
    putc('\n', out);
    json_decref(object);
    return done && !json_memory_failed();
}
