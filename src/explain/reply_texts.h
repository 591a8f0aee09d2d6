/* reply_texts.h - what a reply code means, when it comes and what to do.
 */
#ifndef SMTPSEQ_REPLY_TEXTS_H
#define SMTPSEQ_REPLY_TEXTS_H

#include <stdbool.h>

#include "explain/writer.h"

/* A row of replies.def. */
struct reply_text {
    int code;
    const char *digits, *title, *meaning, *when, *fix, *rfc, *rules;
};

/* The meaning of a reply's first digit, and the client's next step (RFC 5321 4.2.1). */
struct reply_class {
    const char *name, *calls_for, *fix; /* fix: as a sentence */
};

/* Returns the class of a code from 100 to 599. Static storage. */
const struct reply_class *reply_class(int code);

/* Find the text of a code, or the text at an index from 0. NULL where there is none. Static storage. */
const struct reply_text *reply_text_by_code(int code);
const struct reply_text *reply_text_at(size_t index);

/* The RFC's words for a code, else the text's title. Static storage. */
const char *reply_title(int code);

/* Returns true if the code's text names the rule. */
bool reply_has_rule(int code, const char *rule);

/* Writes what a code means; one that no RFC defines by its digits. */
void put_reply(struct writer *writer, int code);

#endif
