/* wrappings.h - which ways to take a log out of its wrapping its head calls for. */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_WRAPPINGS_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_WRAPPINGS_H

#include "transcript/formats/unwrap.h"
#include "transcript/recognise/anchors.h"

/* The most ways that are tried. */
#define WRAPPINGS_MAX 12

/* Fills in the steps that may be meant, the likeliest first. Returns how many. */
size_t wrappings_find(const struct anchors *anchors, struct slice head,
                      struct unwrap list[WRAPPINGS_MAX]);

/* Returns true if the head has colours for a terminal, or blanks that do not break: whatever a log is in,
 * it is read without them. */
bool has_colours(struct slice head);

/* Returns true if all lines end with a backslash: Markdown's line breaks. */
bool has_breaks(struct slice head);

/* Returns true if nearly all lines with SMTP end with something that nobody sent. */
bool has_tails(const struct anchors *anchors);

/* Returns true if nearly all lines with SMTP are there twice, one after the other. */
bool has_lines_twice(const struct anchors *anchors);

/* Returns true if lines without SMTP stand right before lines that are nothing else, again and again: marks
 * on lines of their own, which are filled in. */
bool has_own_lines(struct slice head, struct unwrap *unwrap);

/* Returns true if the last words of lines say whose they are: the same behind commands, another one behind replies. They
 * are filled in. */
bool has_marks_behind(struct slice head, struct unwrap *unwrap);

/* Returns true if the head has entities of HTML. */
bool has_entities(struct slice head);

/* Returns true if many lines of the head hold objects of JSON, or are rows of cells; *objects: nearly all lines
 * hold objects. */
bool has_fields(struct slice head, bool *objects);

/* Returns true if there are two hex dumps or more in the head. */
bool has_hex_dumps(struct slice head);

#endif
