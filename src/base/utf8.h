/* utf8.h - characters of a text that may hold any octets. */
#ifndef SMTPSEQ_BASE_UTF8_H
#define SMTPSEQ_BASE_UTF8_H

#include "base/slice.h"

/* Decodes the first character of `text` (not empty). Returns its length in octets; 0 if it is
 * not valid UTF-8 (overlong, surrogate, cut). */
size_t utf8_decode(struct slice text, uint32_t *character);

/* Returns at most `max` octets of a text, cut between two characters. */
struct slice utf8_head(struct slice text, size_t max);

/* Returns a text that was cut somewhere without what is left of a character at its end. */
struct slice utf8_whole(struct slice text);

/* Returns the columns of a text on a terminal: every character counts as one. */
size_t utf8_columns(struct slice text);

/* Returns the beginning of a text that has at most so many columns. */
struct slice utf8_fitting(struct slice text, size_t columns);

#endif
