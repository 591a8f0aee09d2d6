/* explain.h - what a reply code or a rule means, for somebody with a failing client.
 *
 * A topic is a reply code ("503"), an enhanced status code ("5.5.1"), a whole reply ("503 5.5.1 Error:
 * need MAIL"), the name of a rule ("nested-mail") or its code ("SQ002", in either case).
 */
#ifndef SMTPSEQ_EXPLAIN_H
#define SMTPSEQ_EXPLAIN_H

#include <stddef.h>
#include <stdio.h>

#include "explain/writer.h"

#define TOPICS_MAX 64

/* How topics are laid out. */
struct page {
    enum writer_format format;
    const struct catalogue *language; /* NULL: English. JSON is English always */
    int width; /* text: columns; 0: 80; at least 60. Dialogues are not wrapped */
};

/* Prints up to TOPICS_MAX topics, of two also what tells them apart, of more a comparison. If a topic is
 * not known, prints nothing, returns -1 and sets `error` to one line without a newline. Else returns 0;
 * write errors are for the caller to find (ferror). */
int explain(FILE *out, const char *const *topics, size_t count, const struct page *page,
            char *error, size_t error_size);

/* Returns the rule that a word which is no topic was meant to be: the one spelled like it, or the only
 * one whose name has it in it. NULL: the word is a topic, or no rule is near. Static storage. */
const char *explain_meant(const char *topic);

#endif
