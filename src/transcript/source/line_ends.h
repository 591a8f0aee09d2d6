/* line_ends.h - where the lines of a text end.
 *
 * Lines of SMTP are short: to search for one end after the other takes longer than to mark all ends
 * of sixty-four octets at once.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_LINE_ENDS_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_LINE_ENDS_H

#include <stdint.h>

#include "base/slice.h"

/* Line ends are looked for in steps of so many octets; `found` needs that much room at least. */
#define LINE_ENDS_STEP 64

/* Puts the places of `end` in text[*from ...] into `found`, as many as there are or as there is room
 * for, and moves *from behind what has been looked at. Gives how many. */
size_t line_ends(struct slice text, char end, size_t *from, uint32_t found[], size_t room);

/* How many there are. */
uint64_t line_ends_count(struct slice text, char end);

/* line_ends octet by octet: what the other does where it cannot do better, and what tests hold it
 * against. */
size_t line_ends_plain(struct slice text, char end, size_t *from, uint32_t found[], size_t room);

#endif
