/* object.c - checks types and ranges. */
#include "merge/object.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/catalogue.h"

static void complain(struct object *object, const char *key)
{
    if (!object->wrong)
        object->wrong = key;
}

static uint64_t number_of(struct object *object, const json_t *value, const char *key, uint64_t max)
{
    json_int_t number = json_integer_value(value);
    if (!value || json_is_null(value))
        return 0;
    if (json_is_integer(value) && number >= 0 && (uint64_t)number <= max)
        return (uint64_t)number;
    complain(object, key);
    return 0;
}

uint64_t object_number(struct object *object, const char *key, uint64_t max)
{
    return number_of(object, json_object_get(object->json, key), key, max);
}

bool object_flag(struct object *object, const char *key)
{
    const json_t *value = json_object_get(object->json, key);
    if (value && !json_is_boolean(value))
        complain(object, key);
    return json_is_true(value);
}

static struct slice text_of(const json_t *value)
{
    return (struct slice){json_string_value(value), json_string_length(value)};
}

/* Turns the characters U+0000 to U+00FF of a string into octets. Returns a string value that has them,
 * which is not UTF-8; NULL: it has others, or out of memory. */
static json_t *octets_value(const json_t *value)
{
    struct slice text = text_of(value);
    char *room = malloc(text.size + 1);
    size_t size = 0;
    for (size_t i = 0; room && i < text.size; i++) {
        unsigned char octet = (unsigned char)text.data[i];
        if (octet >= 0x80 && (octet > 0xc3 || i + 1 == text.size)) {
            free(room);
            return NULL;
        }
        if (octet >= 0x80)
            octet = (unsigned char)(octet << 6 | ((unsigned char)text.data[++i] & 0x3f));
        room[size++] = (char)octet;
    }
    json_t *octets = room ? json_stringn_nocheck(room, size) : NULL;
    free(room);
    return octets;
}

struct slice object_text(struct object *object, const char *key)
{
    char other[40], decoded[48];
    const json_t *value = json_object_get(object->json, key);
    if (!value || json_is_null(value))
        return (struct slice){0};
    if (!json_is_string(value))
        complain(object, key);
    snprintf(other, sizeof other, "%s_octets", key);
    const json_t *octets = json_object_get(object->json, other);
    if (!octets || !json_is_string(value))
        return text_of(value);
    snprintf(decoded, sizeof decoded, "%s decoded", key); /* no report has such a key */
    json_t *known = json_object_get(object->json, decoded);
    if (!known && (known = octets_value(octets)) != NULL &&
        json_object_set_new(object->json, decoded, known) != 0)
        known = NULL;
    if (!known)
        complain(object, key);
    return text_of(known);
}

const char *object_string(struct object *object, const char *key)
{
    struct slice text = object_text(object, key);
    if (text.size == 0)
        return "";
    if (memchr(text.data, '\0', text.size)) {
        complain(object, key);
        return "";
    }
    return text.data; /* jansson ends it with a NUL */
}

void object_copy(struct object *object, const char *key, char *room, size_t size)
{
    const char *text = object_string(object, key);
    if (strlen(text) >= size)
        complain(object, key);
    else
        memcpy(room, text, strlen(text) + 1);
}

json_t *object_array(struct object *object, const char *key)
{
    json_t *value = json_object_get(object->json, key);
    if (value && !json_is_null(value) && !json_is_array(value))
        complain(object, key);
    return json_is_array(value) ? value : NULL;
}

json_t *object_object(struct object *object, const char *key)
{
    json_t *value = json_object_get(object->json, key);
    if (value && !json_is_null(value) && !json_is_object(value))
        complain(object, key);
    return json_is_object(value) ? value : NULL;
}

uint64_t item_number(struct object *object, const json_t *array, size_t index, uint64_t max)
{
    const json_t *value = json_array_get(array, index);
    if (!json_is_integer(value))
        complain(object, N_("a number in an array"));
    return number_of(object, value, N_("a number in an array"), max);
}

struct slice item_text(struct object *object, json_t *array, size_t index)
{
    json_t *value = json_array_get(array, index);
    if (json_is_null(value))
        return (struct slice){0};
    if (json_is_string(value))
        return text_of(value);
    json_t *octets = json_is_array(value) && json_is_string(json_array_get(value, 0))
                         ? octets_value(json_array_get(value, 0))
                         : NULL;
    if (!octets || json_array_set_new(array, index, octets) != 0) {
        complain(object, N_("a text in an array"));
        return (struct slice){0};
    }
    return text_of(octets);
}

size_t object_index(struct object *object, const char *name, size_t count,
                    const char *(*name_at)(size_t index))
{
    for (size_t i = 0; i < count; i++)
        if (name_at(i) && strcmp(name_at(i), name) == 0)
            return i;
    complain(object, name);
    return 0;
}
