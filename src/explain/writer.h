/* writer.h - writes topics in paragraphs and labelled fields: as text wrapped to a width, as Markdown,
 * as a page of HTML or as a JSON array of one object a topic.
 *
 * Words are written one by one, so that lists need no buffer.
 */
#ifndef SMTPSEQ_WRITER_H
#define SMTPSEQ_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/catalogue.h"

enum writer_format { WRITE_TEXT, WRITE_MARKDOWN, WRITE_HTML, WRITE_JSON };

/* All zero but the first members at first. */
struct writer {
    FILE *out;
    enum writer_format format;
    const struct catalogue *language; /* NULL: English, as JSON always is */
    int width;                        /* text: without the column kept for a comma or bracket */
    int indent, column;
    bool line_started; /* whether a word stands on this line already */
    bool topic_open;   /* a heading has been written ... */
    bool in_fields;    /* ... HTML: and its list of fields has begun */
    bool in_list;      /* HTML: so has a list in the field */
    int columns[3];    /* text: widths of a table's columns */
    bool row_written;  /* JSON: the table has a row */
    bool in_field;     /* HTML: the text is that of a field, not of a paragraph */
};

/* Write what comes before the first topic and after the last. */
void writer_begin(struct writer *writer);
void writer_end(struct writer *writer);

/* Writes a word, on the next line if it does not fit on this one. */
void put_word(struct writer *writer, const char *word, size_t length);

/* Writes a comma or bracket directly after the last word. */
void put_mark(struct writer *writer, char mark);

/* Returns a text in the writer's language. */
__attribute__((format_arg(2), returns_nonnull)) static inline const char *
in_language(const struct writer *writer, const char *text)
{
    return translate(writer->language, text);
}

/* Writes words, of which the last has a mark that may stand in the column kept for it. */
void put_marked(struct writer *writer, const char *text);

/* Writes words. A newline begins a paragraph; one that begins with "- " is a list item. */
void put_text(struct writer *writer, const char *text);

/* Labels and the texts of whole fields are translated here; what the others write is in the writer's
 * language already. */

/* Begin a field with a label, or a paragraph; its text follows, then end_text. */
void begin_field(struct writer *writer, const char *label);
void begin_paragraph(struct writer *writer);
void end_text(struct writer *writer);

/* Begin a topic: a heading of two parts, or of one for a section about the topics. */
void put_heading(struct writer *writer, const char *name, const char *title);
void put_section(struct writer *writer, const char *title);

/* Write a text without wrapping it, or a label as the key of a JSON object. */
void put_plain(const struct writer *writer, const char *text);
void put_key(const struct writer *writer, const char *label);

/* Write a whole field; lines of dialogue under a label, not wrapped. */
void put_field(struct writer *writer, const char *label, const char *text);
void put_dialogue(struct writer *writer, const char *label, const char *lines);

#endif
