/* comparison.h - what tells topics apart.
 */
#ifndef SMTPSEQ_COMPARISON_H
#define SMTPSEQ_COMPARISON_H

#include "explain/topic.h"
#include "explain/writer.h"

/* Writes, for two topics, what tells them apart; for any number a table. */
void put_comparison(struct writer *writer, const struct topic topics[], size_t count);

#endif
