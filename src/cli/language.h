/* language.h - the language of what people read. What programs read is English always.
 */
#ifndef SMTPSEQ_LANGUAGE_H
#define SMTPSEQ_LANGUAGE_H

#include <stdbool.h>

#include "base/catalogue.h"

/* The languages there are, with blanks; English, the first, has no catalogue. Set by po/meson.build. */
#ifndef SMTPSEQ_LANGUAGES
#define SMTPSEQ_LANGUAGES "en"
#endif

/* Chooses the language that the environment asks for: the first one there is of LANGUAGE, else that of
 * LC_ALL, LC_MESSAGES or LANG. LC_ALL=C asks for English. The catalogue is read now, before the sandbox. */
void language_from_environment(void);

/* Chooses a language by its name (--lang). Returns false with errno if its catalogue cannot be read. */
bool language_choose(const char *name);

/* Returns the catalogue of the language that was chosen; NULL: English. */
const struct catalogue *language(void);

/* Frees the catalogue. */
void language_end(void);

#endif
