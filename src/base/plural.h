/* plural.h - the plural of words that are counted. */
#ifndef SMTPSEQ_BASE_PLURAL_H
#define SMTPSEQ_BASE_PLURAL_H

#include <stdint.h>

/* Returns what to append to a word: "" for one, else "s". */
static inline const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

#endif
