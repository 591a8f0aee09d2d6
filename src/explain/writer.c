/* writer.c - lays text out in columns.
 */
#include "explain/writer.h"

#include <string.h>

enum { LABEL_WIDTH = 9 };

static void new_line(struct writer *writer, int indent)
{
    fprintf(writer->out, "\n%*s", indent, "");
    writer->column = indent;
    writer->line_started = false;
}

void put_word(struct writer *writer, const char *word, size_t length)
{
    int columns = (int)length;
    if (writer->line_started) {
        if (writer->column + 1 + columns > writer->width) {
            new_line(writer, writer->indent);
        } else {
            fputc(' ', writer->out);
            writer->column++;
        }
    }
    fwrite(word, 1, length, writer->out);
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
            new_line(writer, indent);
            writer->indent = indent + (strncmp(text + 1, "- ", 2) == 0 ? 2 : 0);
        }
        if (*text != '\0')
            text++;
    }
    writer->indent = indent;
}

void begin_field(struct writer *writer, const char *label)
{
    fprintf(writer->out, "  %-*s ", LABEL_WIDTH, label);
    writer->indent = 2 + LABEL_WIDTH + 1;
    writer->column = writer->indent;
    writer->line_started = false;
}

void begin_paragraph(struct writer *writer)
{
    fputs("  ", writer->out);
    writer->indent = 2;
    writer->column = 2;
    writer->line_started = false;
}

void end_text(struct writer *writer)
{
    fputc('\n', writer->out);
}

void put_field(struct writer *writer, const char *label, const char *text)
{
    begin_field(writer, label);
    put_text(writer, text);
    end_text(writer);
}

void put_heading(struct writer *writer, const char *name, const char *title)
{
    begin_paragraph(writer);
    put_text(writer, name);
    put_text(writer, title);
    end_text(writer);
    fputc('\n', writer->out);
}

void put_dialogue(struct writer *writer, const char *label, const char *lines)
{
    fprintf(writer->out, "\n  %s\n", label);
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        fprintf(writer->out, "      %.*s\n", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}
