/* reader.c - opens and closes a reader, and removes the prefix of every line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "smtp/look.h"
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

/* Adds the prefix to the columns again: they are those of the file. */
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
    reader->recognition = recognition;
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
    char text[REMARK_MAX];
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
