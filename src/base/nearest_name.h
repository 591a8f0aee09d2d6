/* nearest_name.h - finds the known name that a misspelt one was meant to be.
 */
#ifndef SMTPSEQ_BASE_NEAREST_NAME_H
#define SMTPSEQ_BASE_NEAREST_NAME_H

#include <stddef.h>

/* Returns how many letters must be changed, inserted or deleted to turn one word into the other
 * (Levenshtein). Case is ignored; only the first 63 letters count. */
size_t spelling_distance(const char *a, const char *b);

/* Returns the name that is spelled most like `word`, the first if several are. `names`: at least
 * one, NULL-terminated. */
const char *nearest_name(const char *word, const char *const names[]);

/* Returns the same if it is similar enough to be meant, else NULL. */
const char *similar_name(const char *word, const char *const names[]);

#endif
