/* json_fields.c - finds the fields by their values.
 */
#include "transcript/formats/json_fields.h"

#include <stdio.h>
#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/formats/format.h"
#include "transcript/formats/letters.h"

#define FIELDS_MAX        24
/* Text that a logger may put before the object: a time, the name of a container. */
#define BEFORE_OBJECT_MAX 256

/* Names of the field with the session; the first that occurs is used. */
static const char *const session_names[] = {
    "sid",  "session", "session_id",  "sessionId",  "sessionid",     "cid",
    "conn", "conn_id", "connId",      "connection", "connection_id", "connectionId",
    "uuid", "trace",   "transaction", "client_id",  "clientId",      "span.session",
    "id",   "socket",  "peer",        "remote",     "remote_addr",   "client",
};

json_t *json_object_of(struct slice line)
{
    size_t at = slice_find(slice_head(line, BEFORE_OBJECT_MAX), '{');
    struct slice rest = slice_after(line, at);
    json_error_t error;
    if (rest.size < 2)
        return NULL;
    json_t *object =
        json_loadb(rest.data, rest.size, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, &error);
    if (object && !json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

bool json_objects_read(struct json_objects *objects, struct slice text)
{
    size_t lines = 1;
    for (struct slice rest = text; rest.size > 0; lines++)
        head_line(&rest);
    objects->list = calloc(lines, sizeof(json_t *));
    while (objects->list && text.size > 0) {
        json_t *object = json_object_of(head_line(&text));
        if (object)
            objects->list[objects->count++] = object;
    }
    return objects->list != NULL;
}

void json_objects_free(struct json_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++)
        json_decref(objects->list[i]);
    free(objects->list);
    *objects = (struct json_objects){0};
}

const json_t *json_field(const json_t *object, const char *name)
{
    const char *dot = strchr(name, '.');
    const json_t *field = json_object_get(object, name);
    if (field || !dot)
        return field;
    char outer[FIELD_NAME_MAX];
    snprintf(outer, sizeof outer, "%.*s", (int)(dot - name), name);
    return json_object_get(json_object_get(object, outer), dot + 1);
}

static struct slice string_of(const json_t *value)
{
    return json_is_string(value)
               ? (struct slice){json_string_value(value), json_string_length(value)}
               : SLICE("");
}

/* Gets a short value as a word. Returns false if it is not one. */
static bool word_of(const json_t *value, char word[FIELD_VALUE_MAX])
{
    if (json_is_string(value) && json_string_length(value) < FIELD_VALUE_MAX)
        snprintf(word, FIELD_VALUE_MAX, "%s", json_string_value(value));
    else if (json_is_integer(value))
        snprintf(word, FIELD_VALUE_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(word, FIELD_VALUE_MAX, "%s", json_is_true(value) ? "true" : "false");
    else
        return false;
    return true;
}

/* Returns the length of a mark like "S: ", "<- ", ">>> " at the head of a text; 0 if there is
 * none. */
static size_t mark_at(struct slice text)
{
    size_t length = 0;
    if (text.size == 0 || ascii_digit(text.data[0]))
        return 0;
    if (letter_mark(text, &length) == SIDE_UNMARKED) {
        length = 0;
        while (length < text.size && length < 4 && strchr("<>-=~", text.data[length]) &&
               text.data[length] != '\0')
            length++;
        if (length == 0 || length == text.size || !ascii_space(text.data[length]))
            return 0;
    }
    while (length < text.size && ascii_space(text.data[length]))
        length++;
    return length;
}

static bool is_command(const struct json_fields *fields, struct slice text)
{
    struct slice first = slice_head(text, slice_find(text, '\n'));
    if (first.size > 0 && first.data[first.size - 1] == '\r')
        first.size--;
    if (first.size == 0 || first.data[0] < 'A')
        return false;
    struct command_line command = command_scan(fields->commands, first);
    return command_looks_real(&command);
}

/* Returns 1 if text, after its mark, looks like a reply, -1 for a command, else 0. */
static int looks_like(const struct json_fields *fields, struct slice text)
{
    text = slice_after(text, mark_at(text));
    if (looks_like_reply(slice_head(text, slice_find(text, '\n'))))
        return 1;
    return is_command(fields, text) ? -1 : 0;
}

/* The counts for the fields of one name. */
struct candidate {
    char name[FIELD_NAME_MAX];
    unsigned commands, replies;
    struct direction_value values[FIELD_VALUES_MAX];
    size_t value_count;
    bool too_many;
};

struct candidates {
    struct candidate list[FIELDS_MAX];
    size_t count;
};

static struct candidate *candidate_of(struct candidates *all, const char *outer, const char *name)
{
    char path[FIELD_NAME_MAX];
    int size = snprintf(path, sizeof path, "%s%s%s", outer, *outer ? "." : "", name);
    if (size < 0 || (size_t)size >= sizeof path)
        return NULL;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->list[i].name, path) == 0)
            return &all->list[i];
    if (all->count == FIELDS_MAX)
        return NULL;
    struct candidate *fresh = &all->list[all->count++];
    *fresh = (struct candidate){0};
    memcpy(fresh->name, path, (size_t)size + 1);
    return fresh;
}

static void count_text(const struct json_fields *fields, struct candidates *all, const char *outer,
                       const char *name, const json_t *value)
{
    int look = looks_like(fields, string_of(value));
    struct candidate *candidate = look ? candidate_of(all, outer, name) : NULL;
    if (!candidate)
        return;
    candidate->commands += look < 0;
    candidate->replies += look > 0;
}

static void count_value(struct direction_value values[FIELD_VALUES_MAX], size_t *count,
                        const char *word, int look, bool *too_many)
{
    size_t i = 0;
    while (i < *count && strcmp(values[i].text, word) != 0)
        i++;
    if (i == FIELD_VALUES_MAX) {
        *too_many = true;
        return;
    }
    if (i == *count) {
        values[i] = (struct direction_value){0};
        snprintf(values[i].text, FIELD_VALUE_MAX, "%s", word);
        ++*count;
    }
    values[i].commands += look < 0;
    values[i].replies += look > 0;
}

/* Counts the fields of an object and of the objects in it. look == 0: looks for texts. */
static void count_fields(const struct json_fields *fields, struct candidates *all,
                         const char *outer, const json_t *object, int look)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        char word[FIELD_VALUE_MAX];
        if (look == 0) {
            count_text(fields, all, outer, name, value);
        } else if (word_of(value, word)) {
            struct candidate *candidate = candidate_of(all, outer, name);
            if (candidate)
                count_value(candidate->values, &candidate->value_count, word, look,
                            &candidate->too_many);
        }
    }
}

/* Counts the fields of all objects. */
static void count_head(const struct json_fields *fields, struct candidates *all,
                       const struct json_objects *objects, bool values)
{
    for (size_t i = 0; i < objects->count; i++) {
        json_t *object = objects->list[i], *value;
        int look = values ? looks_like(fields, string_of(json_field(object, fields->text))) : 0;
        if (!values || look != 0) {
            const char *name;
            count_fields(fields, all, "", object, look);
            json_object_foreach(object, name, value) if (json_is_object(value))
                count_fields(fields, all, name, value, look);
        }
    }
}

/* Names that leave no doubt. */
static bool says_direction(const char *name)
{
    static const char *const names[] = {"tnx", "direction", "dir", "side", "sender"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Rates how well the values of a field tell commands from replies: better with more lines and fewer
 * values. A field that never repeats a value (a time) is useless. */
static unsigned separates(const struct candidate *candidate)
{
    unsigned commands = 0, replies = 0, values = 0;
    bool sure = says_direction(candidate->name), repeats = sure;
    if (candidate->too_many)
        return 0;
    for (size_t i = 0; i < candidate->value_count; i++) {
        const struct direction_value *value = &candidate->values[i];
        unsigned odd = value->commands < value->replies ? value->commands : value->replies;
        unsigned most = value->commands + value->replies - odd;
        /* A line of a message may read like a reply. */
        if (odd > 0 && (!sure || odd * 2 >= most))
            return 0;
        if (value->commands > value->replies)
            commands += most;
        else
            replies += most;
        values += value->commands + value->replies > 0;
        repeats = repeats || value->commands + value->replies > 1;
    }
    return commands > 0 && replies > 0 && repeats
               ? (commands + replies) * 2 * FIELD_VALUES_MAX - values
               : 0;
}

/* Learns the marks of the texts, and whose they are. */
static void learn_marks(struct json_fields *fields, const struct json_objects *objects)
{
    bool too_many = false;
    for (size_t i = 0; i < objects->count; i++) {
        struct slice text = string_of(json_field(objects->list[i], fields->text));
        size_t mark = mark_at(text);
        int look = looks_like(fields, text);
        if (look != 0 && mark < FIELD_VALUE_MAX) {
            char word[FIELD_VALUE_MAX];
            snprintf(word, sizeof word, "%.*s", (int)mark, text.size > 0 ? text.data : "");
            count_value(fields->values, &fields->value_count, word, look, &too_many);
        }
    }
}

/* Finds the first of `names` that is in the objects of the dialogue. */
static bool find_session(struct json_fields *fields, const char *const names[], size_t count,
                         const struct json_objects *objects)
{
    size_t best = count;
    for (size_t k = 0; k < objects->count && best > 0; k++) {
        const json_t *object = objects->list[k];
        if (looks_like(fields, string_of(json_field(object, fields->text))) != 0)
            for (size_t i = 0; i < best; i++)
                if (json_field(object, names[i]))
                    best = i;
    }
    if (best < count)
        snprintf(fields->session, sizeof fields->session, "%s", names[best]);
    return best < count;
}

static void find_text(struct json_fields *fields, struct candidates *all,
                      const struct json_objects *objects)
{
    unsigned most = 0;
    count_head(fields, all, objects, false);
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *candidate = &all->list[i];
        if (candidate->commands > 0 && candidate->commands + candidate->replies > most) {
            most = candidate->commands + candidate->replies;
            memcpy(fields->text, candidate->name, sizeof fields->text);
        }
    }
}

bool json_fields_learn(struct json_fields *fields, const struct json_row *row,
                       const struct json_objects *objects)
{
    struct candidates *all = calloc(1, sizeof *all);
    fields->no_memory = !all;
    if (!all)
        return false;
    if (row->text)
        snprintf(fields->text, sizeof fields->text, "%s", row->text);
    else
        find_text(fields, all, objects);
    all->count = 0;
    if (fields->text[0])
        count_head(fields, all, objects, true);
    unsigned most = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *candidate = &all->list[i];
        bool wanted = row->direction ? strcmp(candidate->name, row->direction) == 0
                                     : strcmp(candidate->name, fields->text) != 0;
        if (!wanted || separates(candidate) <= most)
            continue;
        most = separates(candidate);
        memcpy(fields->direction, candidate->name, sizeof fields->direction);
        memcpy(fields->values, candidate->values, sizeof fields->values);
        fields->value_count = candidate->value_count;
    }
    free(all);
    if (fields->text[0] && !fields->direction[0] && !row->direction)
        learn_marks(fields, objects);
    if (row->session && !find_session(fields, &row->session, 1, objects))
        return false; /* the log of another program */
    if (!row->session)
        find_session(fields, session_names, sizeof session_names / sizeof session_names[0],
                     objects);
    return fields->value_count > 0;
}

static enum side side_of_value(const struct json_fields *fields, const char *word)
{
    for (size_t i = 0; i < fields->value_count; i++) {
        const struct direction_value *value = &fields->values[i];
        if (strcmp(value->text, word) == 0 && value->commands != value->replies)
            return value->commands > value->replies ? SIDE_CLIENT : SIDE_SERVER;
    }
    static const char *const messages[] = {"message", "data", "body", "content"};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (strcmp(word, messages[i]) == 0)
            return SIDE_UNMARKED;
    return SIDE_NOTE;
}

enum side json_side(const struct json_fields *fields, const json_t *object, struct slice *text)
{
    char word[FIELD_VALUE_MAX];
    *text = string_of(json_field(object, fields->text));
    if (!json_is_string(json_field(object, fields->text)))
        return SIDE_NOTE;
    size_t mark = mark_at(*text);
    if (fields->direction[0]) {
        if (!word_of(json_field(object, fields->direction), word))
            return SIDE_NOTE;
        enum side side = side_of_value(fields, word);
        if (side != SIDE_NOTE && side != SIDE_UNMARKED && mark > 0 && looks_like(fields, *text))
            *text = slice_after(*text, mark);
        return side;
    }
    if (mark == 0) { /* nothing but what it looks like tells whose it is */
        int look = looks_like(fields, *text);
        bool bare = side_of_value(fields, "") != SIDE_NOTE || fields->values[0].text[0] == '\0';
        return !bare ? SIDE_NOTE : look > 0 ? SIDE_SERVER : look < 0 ? SIDE_CLIENT : SIDE_UNMARKED;
    }
    if (mark >= FIELD_VALUE_MAX)
        return SIDE_NOTE;
    snprintf(word, sizeof word, "%.*s", (int)mark, text->data);
    *text = slice_after(*text, mark);
    return side_of_value(fields, word);
}
