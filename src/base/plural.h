/* plural.h - words that are counted. */
#ifndef SMTPSEQ_BASE_PLURAL_H
#define SMTPSEQ_BASE_PLURAL_H

#include <stdint.h>

/* The letter behind a word that is counted. */
static inline const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

#endif
