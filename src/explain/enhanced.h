/* enhanced.h - enhanced status codes: "5.5.1" (RFC 3463). */
#ifndef SMTPSEQ_ENHANCED_H
#define SMTPSEQ_ENHANCED_H

#include "base/slice.h"
#include "explain/writer.h"

struct enhanced_code {
    unsigned class, subject, detail;
};

/* Returns true if the text is an enhanced status code of a class that exists: 2, 4 or 5. */
bool enhanced_parse(struct slice text, struct enhanced_code *code);

/* Writes what it means; codes that are not registered by their class and subject. */
void put_enhanced(struct writer *writer, const struct enhanced_code *code);

#endif
