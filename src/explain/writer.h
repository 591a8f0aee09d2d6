/* writer.h - text in paragraphs and labelled fields, wrapped to a width.
 *
 * Words go out one by one, so that lists need no buffer.
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

/* A word, on the next line where it does not fit on this one. */
void put_word(struct writer *writer, const char *word, size_t length);

/* A comma or bracket right behind the last word. */
void put_mark(struct writer *writer, char mark);

/* Words. A newline begins a paragraph; one that begins with "- " hangs behind its mark. */
void put_text(struct writer *writer, const char *text);

/* The label of a field, or a paragraph: text for it follows, then end_text. */
void begin_field(struct writer *writer, const char *label);
void begin_paragraph(struct writer *writer);
void end_text(struct writer *writer);

/* A whole field, a heading of two parts, and lines of dialogue under a label, as they are. */
void put_field(struct writer *writer, const char *label, const char *text);
void put_heading(struct writer *writer, const char *name, const char *title);
void put_dialogue(struct writer *writer, const char *label, const char *lines);

#endif
