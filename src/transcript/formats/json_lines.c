/* json_lines.c - the reader of logs with a JSON object on each line.
 *
 * The text of an object is one line, a reply of several, or a whole message.
 */
#include "transcript/formats/json_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "smtp/look.h"
#include "transcript/formats/session_key.h"

/* pino, bunyan, winston as the logger of nodemailer: "tnx" is server, client, message, or something
 * of nodemailer's own. */
const struct json_row nodemailer_json = {.text = "msg", .direction = "tnx", .session = "sid"};
/* "S: 220 ..." and "C: EHLO ..." in the message; a time stands before the object. */
const struct json_row haraka_json = {.text = "message", .session = "uuid"};
const struct json_row any_json = {0};

struct json_log {
    struct json_fields fields;
    struct command_scanner *commands;
};

static void log_free(struct json_log *log)
{
    if (!log)
        return;
    if (log->commands)
        command_scanner_free(log->commands);
    free(log);
}

static struct json_log *log_new(const struct format *format, const struct json_objects *objects)
{
    struct json_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->commands = command_scanner_new();
    log->fields.commands = log->commands;
    if (!log->commands) {
        log_free(log);
        return NULL;
    }
    if (!json_fields_learn(&log->fields, format->detail, objects))
        log->fields.text[0] = '\0';
    if (log->fields.no_memory || json_memory_failed()) {
        log_free(log);
        return NULL;
    }
    return log;
}

/* Returns true for commands that no other protocol has. */
static bool proves_smtp(const struct command_line *command)
{
    return command_looks_real(command) &&
           (command_is_hello(command->command) || command->command == COMMAND_MAIL ||
            command->command == COMMAND_RCPT || command->command == COMMAND_DATA);
}

/* Counts what the objects make of the dialogue. */
static struct fit fit_of(const struct json_log *log, const struct json_objects *objects)
{
    struct fit fit = {0};
    bool proved = false;
    for (size_t i = 0; i < objects->count && log->fields.text[0]; i++) {
        struct slice text;
        enum side side = json_side(&log->fields, objects->list[i], &text);
        if (side == SIDE_CLIENT) {
            struct slice first = slice_head(text, slice_find(text, '\n'));
            struct command_line command = command_scan(log->commands, slice_trim(first));
            fit.commands += command_looks_real(&command);
            proved = proved || proves_smtp(&command);
        } else if (side == SIDE_SERVER) {
            fit.replies += looks_like_reply(text);
        }
    }
    return proved ? fit : (struct fit){0};
}

/* Returns true if the name of a field occurs at all, which shows without parsing. */
static bool has_name(struct slice head, const char *name)
{
    char key[FIELD_NAME_MAX + 2];
    int size = name ? snprintf(key, sizeof key, "\"%s\"", name) : 0;
    return slice_contains(head, (struct slice){key, (size_t)size});
}

static struct fit json_lines_recognise(const struct format *format, struct slice head)
{
    const struct json_row *row = format->detail;
    struct json_objects objects = {0};
    /* Most recordings hold no JSON, or not the names of a known format. */
    if (head.size == 0 || !slice_contains(head, SLICE("\":")) || !has_name(head, row->text) ||
        !has_name(head, row->direction) || !has_name(head, row->session))
        return (struct fit){0};
    struct json_log *log = json_objects_read(&objects, head) ? log_new(format, &objects) : NULL;
    struct fit fit = log ? fit_of(log, &objects) : (struct fit){.no_memory = true};
    log_free(log);
    json_objects_free(&objects);
    return json_memory_failed() ? (struct fit){.no_memory = true} : fit;
}

static bool json_lines_open(struct reader *reader, struct slice head)
{
    struct json_objects objects = {0};
    reader->state = json_objects_read(&objects, head) ? log_new(reader->format, &objects) : NULL;
    json_objects_free(&objects);
    return reader->state != NULL;
}

/* Returns where the string of the field begins in the line, after its quote; 0 if it is not
 * found. */
static size_t string_at(struct slice line, const char *name)
{
    const char *dot = strchr(name, '.');
    struct slice key = slice_of(dot ? dot + 1 : name);
    for (size_t at = 1; at + key.size + 3 < line.size; at++) {
        if (line.data[at - 1] != '"' || line.data[at + key.size] != '"' ||
            !slice_starts(slice_after(line, at), key) || (at > 1 && line.data[at - 2] == '\\'))
            continue;
        size_t value = at + key.size + 1;
        while (value < line.size && (ascii_space(line.data[value]) || line.data[value] == ':'))
            value++;
        if (value < line.size && line.data[value] == '"')
            return value + 1;
    }
    return 0;
}

/* A position in a JSON string as it is written. */
struct string_builder {
    struct slice line;
    size_t at;
};

/* Moves past the next line end in the string; sets *word_end to the end of the first word
 * passed. */
static void pass_line(struct string_builder *written, size_t *word_end)
{
    struct slice line = written->line;
    size_t at = written->at;
    *word_end = 0;
    while (at < line.size && line.data[at] != '"') {
        bool escape = line.data[at] == '\\' && at + 1 < line.size;
        if (*word_end == 0 && (escape || ascii_space(line.data[at])))
            *word_end = at;
        if (!escape) {
            at++;
            continue;
        }
        bool newline = line.data[at + 1] == 'n' ||
                       slice_starts(slice_after(line, at + 1), SLICE("u000a")) ||
                       slice_starts(slice_after(line, at + 1), SLICE("u000A"));
        at += line.data[at + 1] == 'u' ? 6 : 2;
        if (newline)
            break;
    }
    if (*word_end == 0)
        *word_end = at;
    written->at = at;
}

/* "<185 bytes encoded mime message>", "<182 bytes of DATA>". */
static bool counts_content(struct slice text)
{
    size_t digits = 1;
    if (!slice_starts(text, SLICE("<")))
        return false;
    while (digits < text.size && ascii_digit(text.data[digits]))
        digits++;
    return digits > 1 && slice_starts(slice_after(text, digits), SLICE(" bytes"));
}

/* Passes on each line of the text. */
static void give_text(struct reader *reader, struct line *line, struct slice text, size_t begin)
{
    struct string_builder written = {line->raw, begin};
    do {
        size_t size = slice_find(text, '\n');
        size_t word_end = 0;
        line->column = begin ? (uint32_t)written.at + 1 : 1;
        if (begin)
            pass_line(&written, &word_end);
        line->end_column = word_end + 1 > line->column ? (uint32_t)word_end + 1 : line->column + 1;
        line->payload = slice_head(text, size);
        if (line->payload.size > 0 && line->payload.data[line->payload.size - 1] == '\r')
            line->payload.size--;
        text = slice_after(text, size + 1);
        reader->sink->line(reader->sink->context, line);
    } while (text.size > 0);
}

static bool json_lines_read(struct reader *reader, const struct source_line *source)
{
    const struct json_log *log = reader->state;
    const struct json_fields *fields = &log->fields;
    struct line line = line_of_file(source);
    json_t *object = json_object_of(source->text);
    struct slice text = SLICE("");
    if (object)
        line.side = json_side(fields, object, &text);
    if (object && fields->session[0]) {
        const json_t *name = json_field(object, fields->session);
        line.session = session_key_of_json(name);
        line.session_name = (struct slice){json_string_value(name), json_string_length(name)};
    }
    if (line.side != SIDE_SERVER && counts_content(text)) {
        line.side = SIDE_NOTE;
        line.note = NOTE_CONTENT;
    }
    if (line.side == SIDE_NOTE) {
        reader->sink->line(reader->sink->context, &line);
    } else {
        size_t at = string_at(source->text, fields->text);
        const json_t *whole = json_field(object, fields->text);
        size_t mark = json_string_length(whole) - text.size;
        give_text(reader, &line, text, at ? at + mark : 0);
    }
    json_decref(object);
    return !json_memory_failed();
}

static void json_lines_close(struct reader *reader)
{
    log_free(reader->state);
}

const struct format_family json_lines_family = {
    .recognise = json_lines_recognise,
    .open = json_lines_open,
    .read = json_lines_read,
    .close = json_lines_close,
};
