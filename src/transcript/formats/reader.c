/* reader.c - opens and closes a reader, and removes the prefix of every line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/translated_format.h"
#include "smtp/look.h"
#include "base/octet_buffer.h"
#include "transcript/formats/format.h"

size_t log_prefix_strip(const struct mark *prefix, struct slice head, char *room)
{
    size_t size = 0;
    while (head.size > 0) {
        const char *begin = head.data;
        struct slice line = head_line(&head);
        size_t all = (size_t)(head.data - begin); /* with its line end */
        struct mark_found found;
        size_t cut = mark_match(prefix, line, &found) ? found.length : 0;
        memcpy(room + size, begin + cut, all - cut);
        size += all - cut;
    }
    return size;
}

/* The text of a head whose wrappings are being undone. */
struct unwrapped {
    const struct unwrap *unwraps;
    size_t count;
    struct unwrap_room rooms[UNWRAPS_MAX];
    struct octet_buffer text;
    bool failed;
};

static void append_line(void *context, struct slice line)
{
    struct unwrapped *out = context;
    if (!octet_buffer_append(&out->text, line) || !octet_buffer_append(&out->text, SLICE("\n")))
        out->failed = true;
}

static void append_inner(void *context, struct slice line)
{
    struct unwrapped *out = context;
    if (out->count < 2)
        append_line(out, line);
    else if (!unwrap_line(&out->unwraps[1], &out->rooms[1], line, append_line, out))
        out->failed = true;
}

bool unwrap_text(const struct unwrap unwraps[], size_t count, struct slice head, char **text,
                 size_t *size)
{
    struct unwrapped out = {.unwraps = unwraps, .count = count};
    while (head.size > 0 && !out.failed) {
        struct slice line = head_line(&head);
        if (!unwrap_line(&unwraps[0], &out.rooms[0], line, append_inner, &out))
            out.failed = true;
    }
    for (size_t i = 0; i < UNWRAPS_MAX; i++)
        unwrap_room_free(&out.rooms[i]);
    if (!out.failed && out.text.size == 0)
        append_line(&out, SLICE(""));
    if (out.failed)
        octet_buffer_free(&out.text);
    *text = out.text.octets;
    *size = out.text.size;
    return !out.failed;
}

/* Where a payload that was unwrapped stands in the recorded line: at its first octets, as far as they
 * are the same. */
static void find_columns(struct line *line, struct slice recorded)
{
    struct slice word = slice_word(slice_head(line->payload, 32));
    const char *found = word.size > 0 && recorded.size > 0
                            ? memmem(recorded.data, recorded.size, word.data, word.size)
                            : NULL;
    line->column = found ? (uint32_t)(found - recorded.data) + 1 : 1;
    line->end_column = line->column + (uint32_t)(found ? word.size : 1);
    line->raw = recorded;
}

/* Makes columns those of the file again: of an unwrapped line, or of one without its prefix. */
static void relocate(void *context, const struct line *inner)
{
    const struct reader *reader = context;
    struct line line = *inner;
    if (reader->unwrap_count > 0) {
        /* A line that was held until now keeps its text as it was unwrapped. */
        if (reader->wrapped && reader->wrapped->number == line.number)
            find_columns(&line, reader->wrapped->text);
        reader->outer->line(reader->outer->context, &line);
        return;
    }
    line.column += (uint32_t)reader->cut;
    if (line.end_column > 0)
        line.end_column += (uint32_t)reader->cut;
    if (line.raw.data == reader->whole.data + reader->cut)
        line.raw = reader->whole;
    reader->outer->line(reader->outer->context, &line);
}

/* Opens the family's part with the head as it will see the lines. */
static bool open_family(struct reader *reader, struct slice head)
{
    const struct format_family *family = reader->format->family;
    char *text = NULL, *stripped = NULL;
    size_t size;
    if (!family->open)
        return true;
    bool opened = true;
    if (reader->unwrap_count > 0) {
        opened = unwrap_text(reader->unwraps, reader->unwrap_count, head, &text, &size);
        head = (struct slice){text, opened ? size : 0};
    }
    if (opened && reader->prefixed) {
        stripped = malloc(head.size + 1);
        opened = stripped != NULL;
        if (opened)
            head = (struct slice){stripped, log_prefix_strip(&reader->prefix, head, stripped)};
    }
    opened = opened && family->open(reader, head);
    free(text);
    free(stripped);
    return opened;
}

bool reader_open(struct reader *reader, const struct recognition *recognition, struct slice head,
                 const struct line_sink *sink)
{
    const struct format_family *family = recognition->format->family;
    *reader = (struct reader){.format = recognition->format, .sink = sink, .outer = sink};
    reader->recognition = recognition;
    if (family->read) {
        reader->prefixed = recognition->prefixed;
        reader->prefix = recognition->prefix;
        reader->unwrap_count = recognition->unwrap_count;
        memcpy(reader->unwraps, recognition->unwraps, sizeof reader->unwraps);
    }
    if (reader->prefixed || reader->unwrap_count > 0) {
        reader->inner = (struct line_sink){relocate, reader};
        reader->sink = &reader->inner;
    }
    return open_family(reader, head);
}

static bool read_prefixed(struct reader *reader, const struct source_line *line)
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

static void read_unwrapped(void *context, struct slice text)
{
    struct reader *reader = context;
    struct source_line line = {.text = text, .number = reader->wrapped->number, .ended = true};
    if (!reader->failed && !read_prefixed(reader, &line))
        reader->failed = true;
}

static void read_inner(void *context, struct slice text)
{
    struct reader *reader = context;
    if (reader->unwrap_count < 2)
        read_unwrapped(reader, text);
    else if (!unwrap_line(&reader->unwraps[1], &reader->rooms[1], text, read_unwrapped, reader))
        reader->failed = true;
}

bool reader_read(struct reader *reader, const struct source_line *line)
{
    if (reader->unwrap_count == 0)
        return read_prefixed(reader, line);
    reader->wrapped = line;
    bool done = unwrap_line(&reader->unwraps[0], &reader->rooms[0], line->text, read_inner, reader);
    reader->wrapped = NULL;
    return done && !reader->failed;
}

bool reader_line(const struct reader *reader, const struct source_line *source, struct line *line)
{
    const struct format_family *family = reader->format->family;
    return family->line && !reader->prefixed && reader->unwrap_count == 0 &&
           family->line(reader, source, line);
}

void reader_remark(const struct reader *reader, const char *format, ...)
{
    char text[REMARK_MAX];
    va_list values;
    va_start(values, format);
    print_translated(text, sizeof text, reader->language, format, values);
    va_end(values);
    if (reader->remark)
        reader->remark(reader->remark_context, text);
}

void reader_remark_count(const struct reader *reader, uint64_t number, const char *one,
                         const char *many, ...)
{
    char text[REMARK_MAX];
    va_list values;
    if (number == 0)
        return;
    va_start(values, many);
    print_translation(text, sizeof text, reader->language, many,
                      translate_count(reader->language, one, many, number), values);
    va_end(values);
    if (reader->remark)
        reader->remark(reader->remark_context, text);
}

bool reader_text_form(const struct reader *reader, struct line_form *form)
{
    const struct format_family *family = reader->format->family;
    return !reader->prefixed && reader->unwrap_count == 0 && family->text_form &&
           family->text_form(reader, form);
}

bool reader_rests(const struct reader *reader, uint64_t *memory)
{
    const struct format_family *family = reader->format->family;
    *memory = 0;
    return reader->unwrap_count == 0 && family->rests && family->rests(reader, memory);
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
    for (size_t i = 0; i < UNWRAPS_MAX; i++)
        unwrap_room_free(&reader->rooms[i]);
    *reader = (struct reader){0};
}
