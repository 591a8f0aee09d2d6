/* writer.h - writes text in paragraphs and labelled fields, wrapped to a width.
 *
 * Words are written one by one, so that lists need no buffer.
 */
#ifndef SMTPSEQ_WRITER_H
#define SMTPSEQ_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct writer {
    FILE *out;
    int width, indent, column; /* width without the column kept for a comma or bracket */
    bool line_started;         /* whether a word stands on this line already */
};

/* Writes a word, on the next line if it does not fit on this one. */
void put_word(struct writer *writer, const char *word, size_t length);

/* Writes a comma or bracket directly after the last word. */
void put_mark(struct writer *writer, char mark);

/* Writes words. A newline begins a paragraph; one that begins with "- " is a list item. */
void put_text(struct writer *writer, const char *text);

/* Begin a field with a label, or a paragraph; its text follows, then end_text. */
void begin_field(struct writer *writer, const char *label);
void begin_paragraph(struct writer *writer);
void end_text(struct writer *writer);

/* Write a whole field; a heading of two parts; lines of dialogue under a label, not wrapped. */
void put_field(struct writer *writer, const char *label, const char *text);
void put_heading(struct writer *writer, const char *name, const char *title);
void put_dialogue(struct writer *writer, const char *label, const char *lines);

#endif
