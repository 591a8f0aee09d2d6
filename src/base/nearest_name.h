/* nearest_name.h - which known name was meant by one that is not known.
 */
#ifndef SMTPSEQ_BASE_NEAREST_NAME_H
#define SMTPSEQ_BASE_NEAREST_NAME_H

#include <stddef.h>

/* How many letters have to be changed, put in or left out to make one word of the other; blind to
 * case. Of longer words the first 63 letters count. */
size_t spelling_distance(const char *a, const char *b);

/* The name that is spelled most like `word`; of equals the first. `names`: NULL-terminated, at
 * least one.
 */
const char *nearest_name(const char *word, const char *const names[]);

#endif
