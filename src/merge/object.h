/* object.h - values of JSON objects that somebody else may have written: everything is checked.
 *
 * A value that is missing is nothing (0, empty, false). One of another type, or out of range, sets
 * `wrong`, which ends the reading of the report.
 */
#ifndef SMTPSEQ_MERGE_OBJECT_H
#define SMTPSEQ_MERGE_OBJECT_H

#include <jansson.h>

#include "base/slice.h"

/* One object of a report. */
struct object {
    json_t *json; /* borrowed */
    const char *
        wrong; /* what is wrong with it; static storage, or a part of `json`; NULL: nothing so far */
};

/* The value of a key as a number of at most `max`. */
uint64_t object_number(struct object *object, const char *key, uint64_t max);

bool object_flag(struct object *object, const char *key);

/* The text of a key, or of that with "_octets" after it, which is decoded into a copy that belongs to the
 * object's json. Valid as long as the object. */
struct slice object_text(struct object *object, const char *key);

/* The same where nothing but a C string will do: a NUL in it is wrong. Empty if there is none. */
const char *object_string(struct object *object, const char *key);

/* Copies a text of less than `size` octets. */
void object_copy(struct object *object, const char *key, char *room, size_t size);

/* The array or object of a key; NULL: there is none. */
json_t *object_array(struct object *object, const char *key);
json_t *object_object(struct object *object, const char *key);

/* The value at a place of an array that is no object: an integer of at most `max`; a text, or an array with
 * one that has a character for each octet. */
uint64_t item_number(struct object *object, const json_t *array, size_t index, uint64_t max);
struct slice item_text(struct object *object, json_t *array, size_t index);

/* The index of a name among those that `name_at` gives for 0 to count - 1 (which may be NULL). */
size_t object_index(struct object *object, const char *name, size_t count,
                    const char *(*name_at)(size_t index));

#endif
