/* glob.h - patterns for files, as in .gitignore.
 *
 *   *          any octets but /
 *   ?          one character but /
 *   [a-z]      one of these octets, [!a-z] none of these; never /
 *   **         any octets, / as well; with a / behind it any number of folders, none too
 *   \c         c itself
 *   name       without a / (but at its end): in whatever folder
 *   folder/    everything below it
 */
#ifndef SMTPSEQ_GLOB_H
#define SMTPSEQ_GLOB_H

#include "base/slice.h"

struct glob;

/* A pattern, owned by the caller. NULL when out of memory, or with *error (static storage) set when
 * the pattern is wrong. */
struct glob *glob_new(struct slice pattern, const char **error);
void glob_free(struct glob *glob);

/* Whether the pattern matches the whole path, which is relative to the folder that patterns are
 * relative to. Takes at most the time of both lengths multiplied. */
bool glob_matches(const struct glob *glob, struct slice path);

#endif
