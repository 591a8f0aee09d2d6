/* every_line.h - the lines of every file under a folder, for properties that all lines must have.
 */
#ifndef SMTPSEQ_EVERY_LINE_H
#define SMTPSEQ_EVERY_LINE_H

#include <stddef.h>

#include "base/slice.h"

/* Passes each line to `take`: whole, and again without its first octet, its first two, and so on,
 * because marks and log prefixes come before the payload. Returns the number of calls. */
size_t every_line(const char *folder, void (*take)(struct slice line));

#endif
