/* phrases.h - looks for the phrases of a list in a text. */
#ifndef SMTPSEQ_BASE_PHRASES_H
#define SMTPSEQ_BASE_PHRASES_H

#include "base/slice.h"

/* Returns true if one of the `count` phrases (none is empty) is in the text, in any case. */
bool mentions_phrase(struct slice text, const char *const phrases[], size_t count);
#define MENTIONS(text, phrases) mentions_phrase(text, phrases, sizeof phrases / sizeof phrases[0])

#endif
