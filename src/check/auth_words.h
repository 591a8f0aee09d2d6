/* auth_words.h - what the words of a client's line look like: a verb, a login, text.
 *
 * All slices that are returned are parts of those that were passed in.
 */
#ifndef SMTPSEQ_CHECK_AUTH_WORDS_H
#define SMTPSEQ_CHECK_AUTH_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* Takes the next word off a text; empty: there is none. */
struct slice next_word(struct slice *text);
size_t count_words(struct slice text);

/* A word without the quotes, brackets and full stops around it. */
struct slice bare_word(struct slice word);

/* Returns true for a verb that is meant for a login: "AUHT", "AUTH=PLAIN", "USER", "PASS". */
bool means_auth(struct slice verb);

/* A word without what stands in front of a response: "AUTH", "=", a mechanism. */
struct slice without_auth(struct slice word);

/* Returns true for letters as a verb has them: few, in one case, perhaps with a hyphen or digits. */
bool is_verb(struct slice word);

/* Returns true if the argument has an address or a parameter, as those of SMTP have. */
bool has_command_words(struct slice text);

/* Returns true if a command of SMTP ends the line's verb or is its argument, or a path is in it:
 * "\xff\xfdEHLO", "x MAIL FROM:<a@b>". */
bool has_command(struct slice verb, struct slice argument);

#endif
