/* nearest.h - the name that was probably meant.
 */
#ifndef SMTPSEQ_NEAREST_H
#define SMTPSEQ_NEAREST_H

/* The name in `names` (NULL-terminated, at least one) that is spelled most like `word`. */
const char *nearest_name(const char *word, const char *const names[]);

#endif
