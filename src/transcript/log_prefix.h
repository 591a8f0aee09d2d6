/* log_prefix.h - what a logger, a test runner or a CI system puts before every line.
 *
 * "2026-11-23T14:22:04.5Z ", "<13>Nov 23 14:22:07 mx swaks: ", "job<TAB>step<TAB>time ": the same
 * words on nearly all lines, but for times and numbers. What is behind it is the program's.
 */
#ifndef SMTPSEQ_LOG_PREFIX_H
#define SMTPSEQ_LOG_PREFIX_H

#include "transcript/mark.h"

/* Learns it from the head of a recording. False when there is none. */
bool log_prefix_learn(struct slice head, struct mark *prefix);

/* Copies the head without it into `room`, which has room for all of the head. Gives the size. */
size_t log_prefix_strip(const struct mark *prefix, struct slice head, char *room);

#endif
