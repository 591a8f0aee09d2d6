/* lines.h - from the lines of a source to those of a reading.
 */
#ifndef SMTPSEQ_CHECK_LINES_H
#define SMTPSEQ_CHECK_LINES_H

#include "check/reading.h"

/* Reads lines through the reader into the conversations: to where the source ends or stops, or up to where the reading is
 * over. `only`: no other reading is looked for. */
enum smtpseq_status lines_read(struct reading *reading, bool only);

#endif
