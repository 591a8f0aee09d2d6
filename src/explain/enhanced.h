/* enhanced.h - enhanced status codes: "5.5.1" (RFC 3463). */
#ifndef SMTPSEQ_ENHANCED_H
#define SMTPSEQ_ENHANCED_H

#include "explain/writer.h"
#include "smtp/reply_words.h"

/* Writes what it means; codes that are not registered by their class and subject. */
void put_enhanced(struct writer *writer, const struct enhanced_code *code);

#endif
