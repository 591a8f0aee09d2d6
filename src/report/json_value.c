/* json_value.c - strings, objects and arrays that become NULL when out of memory.
 */
#include "report/json_value.h"

#include <stdlib.h>

#include "base/json_memory.h"
#include "report/escape.h"

/* Returns a string made by `copy`, which writes at most `growth` octets for each. */
static json_t *string_of(struct slice text, size_t (*copy)(char *room, struct slice text),
                         size_t growth)
{
    char *room = json_memory_allocate(text.size * growth + 1);
    if (!room)
        return NULL;
    json_t *value = json_stringn(room, copy(room, text));
    free(room);
    return value;
}

json_t *json_text(struct slice text)
{
    return string_of(text, copy_valid_utf8, 3);
}

json_t *json_shown(struct slice text)
{
    return string_of(text, copy_shown, SHOWN_GROWTH);
}

void json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) == 0)
        return;
    json_decref(*object);
    *object = NULL;
}

void json_append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

void json_write(const struct report *report, FILE *out, json_t *value)
{
    /* As one string: jansson's callback would be called for every comma. */
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (!text || json_memory_failed())
        report_fail(report);
    else
        write_json_escaped(text, strlen(text), out); /* the caller finds a failed write in `out` */
    free(text);
    json_decref(value);
}
