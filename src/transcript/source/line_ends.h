/* line_ends.h - where the lines of a text end.
 *
 * Lines of SMTP are short: finding all ends in sixty-four octets at once is faster than one search
 * for each.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_LINE_ENDS_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_LINE_ENDS_H

#include <stdint.h>

#include "base/slice.h"

/* The octets of a step; `found` must have room for as many. */
#define LINE_ENDS_STEP 64

/* Writes the indexes of `end` in text[*from ...] to `found`, until it is full, and sets *from to
 * the end of the part searched. Returns how many were found. */
size_t line_ends(struct slice text, char end, size_t *from, uint32_t found[], size_t room);

/* Returns how many there are. */
uint64_t line_ends_count(struct slice text, char end);

/* line_ends octet by octet: for processors without SSE2, and for tests to compare with. */
size_t line_ends_plain(struct slice text, char end, size_t *from, uint32_t found[], size_t room);

#endif
