/* json_fields.h - which fields of a JSON log hold the dialogue.
 *
 * One field holds what was said, another who said it, a third of which session. Loggers name them
 * as they like, so the last two are found by what stands in them when replies and commands do.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_JSON_FIELDS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_JSON_FIELDS_H

#include <jansson.h>

#include "smtp/command.h"
#include "smtp/line.h"

#define FIELD_NAME_MAX   64
#define FIELD_VALUE_MAX  40
#define FIELD_VALUES_MAX 12

/* The names of a known format; NULL: to be found. */
struct json_row {
    const char *text, *direction, *session;
};

/* A value that says who spoke. */
struct direction_value {
    char text[FIELD_VALUE_MAX];
    unsigned commands, replies;
};

struct json_fields {
    char text[FIELD_NAME_MAX];      /* "msg", or "fields.message" one level down; "": none */
    char direction[FIELD_NAME_MAX]; /* "": the mark at the head of the text, if any, says it */
    char session[FIELD_NAME_MAX];   /* "": there is none */
    struct direction_value values[FIELD_VALUES_MAX];
    size_t value_count;
    bool no_memory;                   /* too short to learn them */
    struct command_scanner *commands; /* borrowed */
};

/* Learns the fields from the beginning of a log. False where it holds no dialogue. */
bool json_fields_learn(struct json_fields *fields, const struct json_row *row, struct slice head);

/* The object of a line, which may have something before it; NULL where there is none, or when out of memory (json_memory_failed). The caller's. */
json_t *json_object_of(struct slice line);

/* The field of that name; NULL where there is none. Borrowed from the object. */
const json_t *json_field(const json_t *object, const char *name);

/* The text of the object without its mark, and whose it is: SIDE_UNMARKED for a message, SIDE_NOTE for
 * what neither side said. */
enum side json_side(const struct json_fields *fields, const json_t *object, struct slice *text);

#endif
