/* backwards.h - recordings whose newest line comes first, as tables in a browser have them. */
#ifndef SMTPSEQ_CHECK_BACKWARDS_H
#define SMTPSEQ_CHECK_BACKWARDS_H

#include "base/slice.h"

/* Such a recording is turned round in memory, if it has at most so many octets. */
#define BACKWARDS_MAX ((size_t)8 << 20)

/* The lines in the opposite order, in memory that is the caller's. NULL when out of memory. */
char *lines_reversed(struct slice text);

/* Sets *backwards if the text makes a better dialogue from its end to its beginning. Returns false when
 * out of memory. */
bool is_backwards(struct slice head, bool *backwards);

#endif
