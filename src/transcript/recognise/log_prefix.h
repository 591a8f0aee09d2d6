/* log_prefix.h - what a logger, a test runner or a CI system puts before every line.
 *
 * "2026-11-23T14:22:04.5Z ", "<13>Nov 23 14:22:07 mx swaks: ", "job<TAB>step<TAB>time ": the same
 * words on nearly all lines, but for times and numbers. What follows it is the program's.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_LOG_PREFIX_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_LOG_PREFIX_H

#include "transcript/formats/mark.h"

/* Learns it from the head of a recording. False when there is none. */
bool log_prefix_learn(struct slice head, struct mark *prefix);

/* Returns true if it holds an arrow of two signs or more: a program's own mark, and what follows may be a message. */
bool log_prefix_has_arrow(const struct mark *prefix);

/* Takes the last word off it. False when it had one only. */
bool log_prefix_shorten(struct mark *prefix);

#endif
