/* explain.h - what a reply code or a rule means, for somebody with a failing client.
 *
 * A topic is a reply code ("503"), an enhanced status code ("5.5.1"), a whole reply ("503 5.5.1 Error:
 * need MAIL"), the name of a rule ("nested-mail") or its code ("SQ002", in either case).
 */
#ifndef SMTPSEQ_EXPLAIN_H
#define SMTPSEQ_EXPLAIN_H

#include <stddef.h>
#include <stdio.h>

#define TOPICS_MAX 64

/* Prints up to TOPICS_MAX topics, of two also what tells them apart, as text of at most `width` columns
 * (0: 80; at least 60; example dialogues are not wrapped). If a topic is not known, prints
 * nothing, returns -1 and sets `error` to one line without a newline. Else returns 0; write
 * errors are for the caller to find (ferror). */
int explain(FILE *out, const char *const *topics, size_t count, int width, char *error,
            size_t error_size);

/* Returns the known topic that is spelled most like `topic`. Static storage, never NULL. */
const char *explain_nearest(const char *topic);

#endif
