/* named.h - what a text itself says is a secret.
 */
#ifndef SMTPSEQ_CHECK_NAMED_H
#define SMTPSEQ_CHECK_NAMED_H

#include "base/slice.h"

/* Octets of a URL or value that are looked at. */
#define NAMED_MAX 2048

/* The octets of what the text says is a secret, if one begins at that place; else 0. */
size_t named_at(struct slice text, size_t at);

/* The next place from `at` on where a text may name a secret. */
size_t next_name(struct slice text, size_t at);

#endif
