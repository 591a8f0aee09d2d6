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

/* One octet becomes two at most. */
static size_t copy_octets(char *room, struct slice text)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char octet = (unsigned char)text.data[i];
        if (octet >= 0x80)
            room[size++] = (char)(0xc0 | octet >> 6);
        room[size++] = (char)(octet >= 0x80 ? 0x80 | (octet & 0x3f) : octet);
    }
    return size;
}

static bool is_utf8(struct slice text)
{
    while (text.size > 0) {
        uint32_t character;
        size_t size = utf8_decode(text, &character);
        if (size == 0)
            return false;
        text = slice_after(text, size);
    }
    return true;
}

void json_put_text(json_t **object, const char *key, struct slice text)
{
    char other[40];
    json_put(object, key, json_text(text));
    if (is_utf8(text))
        return;
    snprintf(other, sizeof other, "%s_octets", key);
    json_put(object, other, string_of(text, copy_octets, 2));
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
