/* writer.c - lays text out in columns, or marks it up.
 */
#include "explain/writer.h"

#include <string.h>

#include "base/utf8.h"
#include "report/html.h"

enum { LABEL_WIDTH = 9 };

/* Octets as they stand in a text of the format. */
static void put_octets(const struct writer *writer, const char *text, size_t length)
{
    static const char *const special[] = {[WRITE_TEXT] = "",
                                          [WRITE_MARKDOWN] = "\\`*_<>[]|#",
                                          [WRITE_HTML] = "",
                                          [WRITE_JSON] = "\\\""};
    if (writer->format == WRITE_HTML) {
        html_plain(writer->out, (struct slice){text, length});
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (strchr(special[writer->format], text[i]))
            fputc('\\', writer->out);
        fputc(text[i], writer->out);
    }
}

/* The end of a paragraph in the middle of a text; `item`: the next one is of a list. */
static void new_paragraph(struct writer *writer, int indent, bool item)
{
    switch (writer->format) {
    case WRITE_TEXT:
        fprintf(writer->out, "\n%*s", indent, "");
        break;
    case WRITE_MARKDOWN:
        fputs(item ? "\n" : "\n\n", writer->out);
        break;
    case WRITE_HTML:
        if (item)
            fputs(writer->in_list ? "</li>\n<li>" : "\n<ul>\n<li>", writer->out);
        else
            fputs(writer->in_list ? "</li>\n</ul>\n" : "<br>\n", writer->out);
        writer->in_list = item;
        break;
    case WRITE_JSON:
        fputs("\\n", writer->out);
        break;
    }
    writer->column = indent;
    writer->line_started = false;
}

void put_word(struct writer *writer, const char *word, size_t length)
{
    int columns = (int)utf8_columns((struct slice){word, length});
    bool wraps = writer->format == WRITE_TEXT && writer->column + 1 + columns > writer->width;
    if (writer->line_started && wraps) {
        new_paragraph(writer, writer->indent, false);
    } else if (writer->line_started) {
        fputc(' ', writer->out);
        writer->column++;
    }
    put_octets(writer, word, length);
    writer->column += columns;
    writer->line_started = true;
}

void put_mark(struct writer *writer, char mark)
{
    fputc(mark, writer->out);
    writer->column++;
}

void put_text(struct writer *writer, const char *text)
{
    int indent = writer->indent;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        if (length > 0)
            put_word(writer, text, length);
        text += length;
        if (*text == '\n') {
            bool item = strncmp(text + 1, "- ", 2) == 0;
            new_paragraph(writer, indent, item);
            writer->indent = indent + (item ? 2 : 0);
            text += item && writer->format == WRITE_HTML ? 2 : 0;
        }
        if (*text != '\0')
            text++;
    }
    writer->indent = indent;
}

void put_marked(struct writer *writer, const char *text)
{
    const char *blank = strrchr(text, ' '), *last = blank ? blank + 1 : text;
    size_t length;
    for (const char *word = text; word < last; word += length + 1) {
        length = strcspn(word, " ");
        put_word(writer, word, length);
    }
    length = strlen(last);
    bool marked = length > 1 && strchr(").", last[length - 1]);
    put_word(writer, last, length - marked);
    if (marked)
        put_mark(writer, last[length - 1]);
}

void put_plain(const struct writer *writer, const char *text)
{
    put_octets(writer, text, strlen(text));
}

void put_key(const struct writer *writer, const char *label)
{
    for (; *label; label++)
        if (*label != ':')
            fputc(*label == ' ' ? '_' : ascii_lower(*label), writer->out);
}

/* Begins a member of a JSON object: a label in small letters without its colon. */
static void begin_member(struct writer *writer, const char *label)
{
    fputs(", \"", writer->out);
    put_key(writer, label);
    fputs("\": \"", writer->out);
}

/* HTML: opens or closes the list of fields. */
static void set_fields(struct writer *writer, bool in_fields)
{
    if (writer->format == WRITE_HTML && writer->in_fields != in_fields)
        fputs(in_fields ? "<dl>\n" : "</dl>\n", writer->out);
    writer->in_fields = in_fields;
}

/* A label before its text; a wide one has a line of its own. */
static void put_label(const struct writer *writer, const char *label)
{
    int columns = (int)utf8_columns(slice_of(label));
    if (columns > LABEL_WIDTH)
        fprintf(writer->out, "  %s\n%*s", label, writer->indent, "");
    else
        fprintf(writer->out, "  %s%*s ", label, LABEL_WIDTH - columns, "");
}

void begin_field(struct writer *writer, const char *label)
{
    set_fields(writer, true);
    label = in_language(writer, label);
    writer->in_field = true;
    writer->indent = 2 + LABEL_WIDTH + 1;
    switch (writer->format) {
    case WRITE_TEXT:
        put_label(writer, label);
        break;
    case WRITE_MARKDOWN:
        fprintf(writer->out, "**%s**: ", label);
        break;
    case WRITE_HTML:
        fprintf(writer->out, "<dt>%s</dt><dd>", label);
        break;
    case WRITE_JSON:
        begin_member(writer, label);
        break;
    }
    writer->column = writer->indent;
    writer->line_started = false;
}

void begin_paragraph(struct writer *writer)
{
    set_fields(writer, false);
    writer->in_field = false;
    writer->indent = 2;
    writer->column = 2;
    writer->line_started = false;
    if (writer->format == WRITE_TEXT)
        fputs("  ", writer->out);
    else if (writer->format == WRITE_HTML)
        fputs("<p>", writer->out);
    else if (writer->format == WRITE_JSON)
        begin_member(writer, "text");
}

void end_text(struct writer *writer)
{
    if (writer->in_list)
        fputs("</li>\n</ul>\n", writer->out);
    writer->in_list = false;
    static const char *const ends[] = {"\n", "\n\n", NULL, "\""};
    fputs(writer->format != WRITE_HTML ? ends[writer->format]
          : writer->in_field           ? "</dd>\n"
                                       : "</p>\n",
          writer->out);
}

void put_field(struct writer *writer, const char *label, const char *text)
{
    begin_field(writer, label);
    put_text(writer, in_language(writer, text));
    end_text(writer);
}

static void end_topic(struct writer *writer)
{
    if (!writer->topic_open)
        return;
    set_fields(writer, false);
    static const char *const ends[] = {"\n", "", "</section>\n", "},\n"};
    fputs(ends[writer->format], writer->out);
    writer->topic_open = false;
}

/* A heading of a name and a title; either may be empty. */
static void begin_topic(struct writer *writer, const char *key, const char *name)
{
    end_topic(writer);
    writer->topic_open = true;
    writer->line_started = false;
    if (writer->format == WRITE_JSON)
        fprintf(writer->out, "{\"%s\": \"", key);
    else if (writer->format != WRITE_TEXT)
        fputs(writer->format == WRITE_HTML ? "<section>\n<h2>" : "## ", writer->out);
    put_octets(writer, name, strlen(name));
}

void put_heading(struct writer *writer, const char *name, const char *title)
{
    if (writer->format == WRITE_TEXT) {
        begin_topic(writer, "name", "");
        begin_paragraph(writer);
        put_text(writer, name);
        put_text(writer, title);
        fputs("\n\n", writer->out);
        return;
    }
    begin_topic(writer, "name", name);
    fputs(writer->format == WRITE_JSON ? "\", \"title\": \"" : " ", writer->out);
    put_octets(writer, title, strlen(title));
    static const char *const ends[] = {"", "\n\n", "</h2>\n", "\""};
    fputs(ends[writer->format], writer->out);
}

void put_section(struct writer *writer, const char *title)
{
    static const char *const ends[] = {"\n\n", "\n\n", "</h2>\n", "\""};
    begin_topic(writer, "section", title);
    fputs(ends[writer->format], writer->out);
}

void put_dialogue(struct writer *writer, const char *label, const char *lines)
{
    static const char *const befores[] = {"\n  %s\n", "**%s**\n\n```\n", "<dt>%s</dt><dd><pre>",
                                          ""};
    static const char *const afters[] = {"", "```\n\n", "</pre></dd>\n", "\""};
    set_fields(writer, true);
    if (writer->format == WRITE_JSON)
        begin_member(writer, label);
    else
        fprintf(writer->out, befores[writer->format], in_language(writer, label));
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        fputs(writer->format == WRITE_TEXT ? "      " : "", writer->out);
        if (writer->format == WRITE_MARKDOWN)
            fwrite(lines, 1, length, writer->out);
        else
            put_octets(writer, lines, length);
        fputs(writer->format == WRITE_JSON ? "\\n" : "\n", writer->out);
        lines += length + (lines[length] == '\n');
    }
    fputs(afters[writer->format], writer->out);
}

void writer_begin(struct writer *writer)
{
    if (writer->format == WRITE_JSON)
        fputs("[", writer->out);
    if (writer->format != WRITE_HTML)
        return;
    html_head(writer->out, catalogue_language(writer->language),
              in_language(writer, N_("Explained")));
    fputs("<main>\n", writer->out);
}

void writer_end(struct writer *writer)
{
    set_fields(writer, false);
    if (writer->format == WRITE_JSON)
        fputs(writer->topic_open ? "}]\n" : "]\n", writer->out);
    if (writer->format != WRITE_HTML)
        return;
    end_topic(writer);
    html_end(writer->out);
}
