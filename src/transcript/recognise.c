/* recognise.c - which format a recording is in, and the life of its reader.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialogue/command.h"
#include "transcript/format.h"
#include "transcript/infer.h"
#include "transcript/log_prefix.h"
#include "transcript/marked.h"

struct slice head_line(struct slice *head)
{
    size_t size = slice_find(*head, '\n');
    size = slice_find(slice_head(*head, size), '\r');
    struct slice line = slice_head(*head, size);
    size_t end = size < head->size ? size + 1 : size;
    if (end < head->size && head->data[size] == '\r' && head->data[end] == '\n')
        end++;
    *head = slice_after(*head, end);
    return line;
}

bool looks_like_reply(struct slice line)
{
    if (line.size < 3)
        return false;
    char separator = line.size > 3 ? line.data[3] : ' ';
    return line.data[0] >= '2' && line.data[0] <= '5' && ascii_digit(line.data[1]) &&
           ascii_digit(line.data[2]) && (separator == ' ' || separator == '-');
}

/* The command whose verb the line begins with; COMMAND_COUNT: none. Gives the verb. */
static enum command verb_of(struct slice line, struct slice *found)
{
    static const struct slice verbs[] = {
#define X(name, spelling) {spelling, sizeof(spelling) - 1},
        COMMANDS(X)
#undef X
    };
    if (line.size == 0 || (line.data[0] != '.' && (line.size < 4 || (line.data[0] | 0x20) < 'a')))
        return COMMAND_COUNT;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct slice verb = verbs[i];
        if (ascii_upper(line.data[0]) != verb.data[0] || !slice_starts_nocase(line, verb) ||
            i == COMMAND_CONNECT || i == COMMAND_UNKNOWN)
            continue;
        *found = slice_head(line, verb.size);
        if (line.size == verb.size || ascii_space(line.data[verb.size]))
            return (enum command)i;
    }
    return COMMAND_COUNT;
}

bool looks_like_verb(struct slice line)
{
    struct slice verb;
    return verb_of(line, &verb) != COMMAND_COUNT;
}

bool looks_like_command(struct slice line)
{
    struct command_line command = {0};
    command.command = verb_of(line, &command.verb);
    if (command.command == COMMAND_COUNT || command.command == COMMAND_END_OF_DATA)
        return false;
    command.argument = slice_trim(slice_after(line, command.verb.size));
    return command_looks_real(&command);
}

/* So many lines in the form of a dump say what it is, even if none of them is of SMTP. */
#define FORM_ALONE 8

/* The row of the table that fits best. False when memory is short. */
static bool find_row(struct slice head, struct recognition *recognition)
{
    const struct format *shape = NULL;
    unsigned most_form = FORM_ALONE;
    uint64_t most = 0;
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        struct fit found = smtpseq_formats[i].family->recognise(&smtpseq_formats[i], head);
        if (found.no_memory)
            return false;
        uint64_t fits = (uint64_t)found.commands + found.replies;
        fits += fits > 0 ? found.form : 0;
        if (found.form > most_form) {
            most_form = found.form;
            shape = &smtpseq_formats[i];
        }
        if (!smtpseq_formats[i].last_resort)
            fits *= 2;
        if (fits > most) {
            most = fits;
            recognition->format = &smtpseq_formats[i];
            recognition->fit = found;
        }
    }
    /* A dump whose beginning is about other things: the session may come later. */
    if (!recognition->format)
        recognition->format = shape;
    return true;
}

static uint64_t weight(const struct recognition *recognition)
{
    return (uint64_t)recognition->fit.commands + recognition->fit.replies;
}

/* Behind what stands before every line: a row that fits there, and better than without. */
static bool find_behind_prefix(struct slice head, struct recognition *recognition)
{
    struct recognition behind = {.prefixed = true};
    if (!log_prefix_learn(head, &behind.prefix))
        return true;
    char *room = malloc(head.size + 1);
    if (!room)
        return false;
    struct slice rest = {room, log_prefix_strip(&behind.prefix, head, room)};
    bool done = find_row(rest, &behind);
    if (done && weight(&behind) > weight(recognition) + weight(recognition) / 4 &&
        marked_is_sure(behind.format, rest))
        *recognition = behind;
    free(room);
    return done;
}

/* Whether learnt marks explain so much more that the row cannot be meant. A row that has both sides
 * may leave out what a log says twice. */
static bool beats(unsigned explained, const struct recognition *row)
{
    uint64_t known = weight(row);
    if (row->fit.commands >= 2 && row->fit.replies >= 2)
        return explained > known * 2;
    return explained > known + known / 4;
}

/* Marks that are learnt, when they explain clearly more than the row that fits best. */
static bool find_by_inference(struct slice head, struct recognition *recognition)
{
    struct inference *inference = malloc(sizeof *inference);
    bool done = inference && infer(head, inference);
    unsigned explained = done ? inference->fit.commands + inference->fit.replies : 0;
    if (done && inference->confidence > 0 && beats(explained, recognition)) {
        recognition->confidence = inference->confidence;
        memcpy(recognition->learnt, inference->description, sizeof recognition->learnt);
        if (inference->confidence >= INFERENCE_LEAST) {
            recognition->format = &inferred_format;
            recognition->inferred = true;
            recognition->prefixed = false;
            recognition->fit = inference->fit;
        }
    }
    free(inference);
    return done;
}

bool format_recognise(struct slice head, struct recognition *recognition)
{
    *recognition = (struct recognition){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        if (format->family->is_sure && format->family->is_sure(format, head, &recognition->fit)) {
            recognition->format = format;
            return true;
        }
    }
    recognition->fit = (struct fit){0};
    return find_row(head, recognition) && find_behind_prefix(head, recognition) &&
           find_by_inference(head, recognition);
}

bool format_fit(const struct format *format, struct slice head, struct recognition *recognition)
{
    struct recognition behind = {.format = format, .prefixed = true};
    *recognition = (struct recognition){.format = format};
    if (format == &inferred_format) {
        struct inference *inference = malloc(sizeof *inference);
        bool done = inference && infer(head, inference);
        if (done) {
            recognition->inferred = true;
            recognition->fit = inference->fit;
            recognition->confidence = inference->confidence;
            memcpy(recognition->learnt, inference->description, sizeof recognition->learnt);
            if (inference->confidence < INFERENCE_LEAST)
                recognition->format = NULL;
        }
        free(inference);
        return done;
    }
    recognition->fit = format->family->recognise(format, head);
    if (recognition->fit.no_memory)
        return false;
    if (!log_prefix_learn(head, &behind.prefix))
        return true;
    char *room = malloc(head.size + 1);
    if (!room)
        return false;
    behind.fit = format->family->recognise(
        format, (struct slice){room, log_prefix_strip(&behind.prefix, head, room)});
    if (weight(&behind) > weight(recognition) + weight(recognition) / 4)
        *recognition = behind;
    free(room);
    return !behind.fit.no_memory;
}

/* Counts the prefix in again: places are those of the file. */
static void add_prefix(void *context, const struct line *inner)
{
    const struct reader *reader = context;
    struct line line = *inner;
    line.column += (uint32_t)reader->cut;
    if (line.end_column > 0)
        line.end_column += (uint32_t)reader->cut;
    if (line.raw.data == reader->whole.data + reader->cut)
        line.raw = reader->whole;
    reader->outer->line(reader->outer->context, &line);
}

bool reader_open(struct reader *reader, const struct recognition *recognition, struct slice head,
                 const struct line_sink *sink)
{
    const struct format_family *family = recognition->format->family;
    *reader = (struct reader){.format = recognition->format, .sink = sink, .outer = sink};
    if (!recognition->prefixed || !family->read)
        return !family->open || family->open(reader, head);
    reader->prefixed = true;
    reader->prefix = recognition->prefix;
    reader->inner = (struct line_sink){add_prefix, reader};
    reader->sink = &reader->inner;
    if (!family->open)
        return true;
    char *room = malloc(head.size + 1);
    if (!room)
        return false;
    bool opened =
        family->open(reader, (struct slice){room, log_prefix_strip(&reader->prefix, head, room)});
    free(room);
    return opened;
}

bool reader_read(struct reader *reader, const struct source_line *line)
{
    const struct format_family *family = reader->format->family;
    if (!reader->prefixed)
        return family->read(reader, line);
    struct source_line rest = *line;
    struct mark_found found;
    reader->whole = line->text;
    reader->cut = mark_match(&reader->prefix, line->text, &found) ? found.length : 0;
    rest.text = slice_after(line->text, reader->cut);
    return family->read(reader, &rest);
}

bool reader_line(const struct reader *reader, const struct source_line *source, struct line *line)
{
    const struct format_family *family = reader->format->family;
    return family->line && !reader->prefixed && family->line(reader, source, line);
}

void reader_remark(const struct reader *reader, const char *format, ...)
{
    char text[REMARK_MOST];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (reader->remark)
        reader->remark(reader->remark_context, text);
}

bool reader_text_form(const struct reader *reader, struct line_form *form)
{
    const struct format_family *family = reader->format->family;
    return !reader->prefixed && family->text_form && family->text_form(reader, form);
}

bool reader_finish(struct reader *reader)
{
    const struct format_family *family = reader->format->family;
    return !family->finish || family->finish(reader);
}

void reader_close(struct reader *reader)
{
    if (reader->state && reader->format->family->close)
        reader->format->family->close(reader);
    *reader = (struct reader){0};
}
