/* every_line.h - the lines of every file under a folder, for what must hold of all of them.
 */
#ifndef SMTPSEQ_EVERY_LINE_H
#define SMTPSEQ_EVERY_LINE_H

#include <stddef.h>

#include "base/slice.h"

/* Gives each line to `take`: whole, and without each of its first octets, because marks and log
 * prefixes stand before what is said. Gives how many slices that were. */
size_t every_line(const char *folder, void (*take)(struct slice line));

#endif
