/* glob.h - patterns for files, as in .gitignore.
 *
 *   *          any octets but /
 *   ?          one character but /
 *   [a-z]      one of these octets, [!a-z] none of these; never /
 *   **         any octets, / as well; followed by / any number of folders, even none
 *   \c         c itself
 *   name       without a / (except at the end): in any folder
 *   folder/    everything below it
 */
#ifndef SMTPSEQ_GLOB_H
#define SMTPSEQ_GLOB_H

#include "base/slice.h"

struct glob;

/* Returns a pattern, owned by the caller. Returns NULL when out of memory, and if the pattern is
 * wrong; *error (static storage) then says why. */
struct glob *glob_new(struct slice pattern, const char **error);
void glob_free(struct glob *glob);

/* Returns true if the pattern matches the whole path, which is relative to the same folder.
 * Takes time proportional to the product of both lengths. */
bool glob_matches(const struct glob *glob, struct slice path);

#endif
