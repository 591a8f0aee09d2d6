/* table.c - writes tables. */
#include "explain/table.h"

#include <string.h>

#include "base/utf8.h"

/* Columns of text between two cells, and before the first. */
enum { GAP = 2 };

/* Returns the octets of a cell's next line: as many words as fit, at least a part of one. */
static size_t line_size(const char *text, size_t width)
{
    const size_t most = utf8_fitting(slice_of(text), width).size;
    size_t size = most;
    while (size > 0 && text[size] != ' ' && text[size] != '\0')
        size--;
    return size > 0 ? size : most;
}

/* Writes a row as text: line after line, each cell in its column, until all cells are written. */
static void put_wrapped(struct writer *writer, const char *const cells[TABLE_COLUMNS])
{
    const char *rest[TABLE_COLUMNS];
    bool more = true;
    memcpy(rest, cells, sizeof rest);
    while (more) {
        size_t blanks = GAP;
        more = false;
        for (int i = 0; i < TABLE_COLUMNS; i++) {
            size_t width = (size_t)writer->columns[i], size = line_size(rest[i], width);
            size_t columns = utf8_columns((struct slice){rest[i], size});
            if (size > 0)
                fprintf(writer->out, "%*s%.*s", (int)blanks, "", (int)size, rest[i]);
            blanks = size > 0 ? width - columns + GAP : blanks + width + GAP;
            rest[i] += size + (rest[i][size] == ' ');
            more = more || *rest[i] != '\0';
        }
        fputc('\n', writer->out);
    }
}

/* Writes a row of HTML or Markdown. */
static void put_marked_up(struct writer *writer, const char *const cells[TABLE_COLUMNS],
                          const char *element)
{
    bool html = writer->format == WRITE_HTML;
    fputs(html ? "<tr>" : "|", writer->out);
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        if (html)
            fprintf(writer->out, "<%s>", element);
        else
            fputc(' ', writer->out);
        put_plain(writer, cells[i]);
        fprintf(writer->out, html ? "</%.2s>" : " |", element);
    }
    fputs(html ? "</tr>\n" : "\n", writer->out);
}

void begin_table(struct writer *writer, const char *const heads[TABLE_COLUMNS], int first)
{
    int rest = writer->width - first - TABLE_COLUMNS * GAP;
    writer->columns[0] = first;
    writer->columns[1] = rest / 2;
    writer->columns[2] = rest - rest / 2;
    writer->row_written = false;
    switch (writer->format) {
    case WRITE_TEXT:
        put_wrapped(writer, heads);
        break;
    case WRITE_MARKDOWN:
        put_marked_up(writer, heads, "");
        fputs("|---|---|---|\n", writer->out);
        break;
    case WRITE_HTML:
        fputs("<table>\n<thead>\n", writer->out);
        put_marked_up(writer, heads, "th scope=\"col\"");
        fputs("</thead>\n<tbody>\n", writer->out);
        break;
    case WRITE_JSON:
        fputs(", \"topics\": [", writer->out);
        break;
    }
}

void put_table_row(struct writer *writer, const char *const heads[TABLE_COLUMNS],
                   const char *const cells[TABLE_COLUMNS])
{
    if (writer->format == WRITE_TEXT) {
        put_wrapped(writer, cells);
        return;
    }
    if (writer->format != WRITE_JSON) {
        put_marked_up(writer, cells, "td");
        return;
    }
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        fputs(i > 0 ? "\", \"" : writer->row_written ? ", {\"" : "{\"", writer->out);
        put_key(writer, heads[i]);
        fputs("\": \"", writer->out);
        put_plain(writer, cells[i]);
    }
    fputs("\"}", writer->out);
    writer->row_written = true;
}

void end_table(struct writer *writer)
{
    static const char *const ends[] = {"", "\n", "</tbody>\n</table>\n", "]"};
    fputs(ends[writer->format], writer->out);
}
