/* json_fields.h - which fields of a JSON log hold the dialogue.
 *
 * One field holds the text, another its side, a third the session. Loggers choose the names, so the
 * fields are found by their values in the objects whose text is a command or a reply.
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

/* A value that names the side. */
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

/* The objects of the lines of a text, which is parsed once and looked at several times. All zero at first. */
struct json_objects {
    json_t **list;
    size_t count;
};
/* Returns false when out of memory. */
bool json_objects_read(struct json_objects *objects, struct slice text);
void json_objects_free(struct json_objects *objects);

/* Learns the fields from the objects in the head of a log. Returns false if it holds no dialogue. */
bool json_fields_learn(struct json_fields *fields, const struct json_row *row,
                       const struct json_objects *objects);

/* Returns the object of a line, which may have a prefix; owned by the caller. Returns NULL if
 * there is none, or when out of memory (json_memory_failed). */
json_t *json_object_of(struct slice line);

/* Returns the field of that name, borrowed from the object; NULL if there is none. */
const json_t *json_field(const json_t *object, const char *name);

/* Sets *text to the text of the object without its mark and returns its side: SIDE_UNMARKED for a
 * message, SIDE_NOTE for a note. */
enum side json_side(const struct json_fields *fields, const json_t *object, struct slice *text);

#endif
