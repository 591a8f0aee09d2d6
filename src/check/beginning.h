/* beginning.h - what a recording, or a part of it, begins with.
 */
#ifndef SMTPSEQ_CHECK_BEGINNING_H
#define SMTPSEQ_CHECK_BEGINNING_H

#include "transcript/recognise/recognise.h"

/* Returns the text up to `at` and so many lines more. */
struct slice lines_after(struct slice text, size_t at, unsigned lines);

/* Recognises what the text begins with: where the reading that explains most of it does not explain its
 * first session, or has learnt the marks of several programs, the one that does. Returns false when out
 * of memory. */
bool recognise_beginning(struct slice text, struct recognition *recognition);

#endif
