/* reply_words.h - what the registered reply codes and enhanced status codes mean, in the words of the
 * RFCs and of IANA's registry.
 */
#ifndef SMTPSEQ_SMTP_REPLY_WORDS_H
#define SMTPSEQ_SMTP_REPLY_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* What the RFC that defines a reply code says of it, and which RFC that is. Static storage. */
struct reply_words {
    int code;
    const char *text, *rfc;
};

/* NULL where no RFC has words for the code. */
const struct reply_words *reply_words(int code);

/* An enhanced status code: "5.5.1" (RFC 3463). */
struct enhanced_code {
    unsigned class, subject, detail; /* class 0: any, as the registry has it: "X.5.1" */
};

/* Returns true if the text is an enhanced status code of a class that exists: 2, 4 or 5. */
bool enhanced_parse(struct slice text, struct enhanced_code *code);
/* The same of a code without a class: "X.5.1". */
bool enhanced_parse_any(struct slice text, struct enhanced_code *code);

/* Octets of a code, with the NUL. */
#define ENHANCED_NAME 16
void enhanced_name(const struct enhanced_code *code, char *name, size_t size);

/* Its text in the registry and the RFC that defines it, NULL where it is not registered; what its subject
 * is about, NULL as well. Static storage. */
const char *enhanced_title(const struct enhanced_code *code);
const char *enhanced_rfc(const struct enhanced_code *code);
const char *enhanced_subject(const struct enhanced_code *code);

#endif
