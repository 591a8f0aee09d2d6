/* secrets.h - the secrets of a recording, and how a text is shown without them.
 *
 * A secret is known by its octets, not by the place where it stands. Each part of SECRET_PART octets
 * is kept, blind to case, so that a text that repeats the secret cut, in other case or inside
 * something else is blanked there. A shorter secret is known as a whole word.
 *
 * Some secrets need no AUTH to be one: the password in "//user:password@host", and the value after
 * "password=" and the like. They are blanked in every text.
 */
#ifndef SMTPSEQ_CHECK_SECRETS_H
#define SMTPSEQ_CHECK_SECRETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define REDACTED     "[redacted]"
#define SECRET_PART  8
/* Shorter words say nothing by themselves and are not kept. */
#define SECRET_SHORT 3

/* A set of parts: open addressing, 0 is free. */
struct secret_parts {
    uint64_t *table;
    size_t count, capacity;
};

/* All zero at first; secrets_free when done. What is known is forgotten in halves, the older one
 * first, so that a recording of any length needs a bounded memory. */
struct secrets {
    struct secret_parts young, old;
    char *room; /* of the text that was blanked last */
    size_t room_size;
    bool quotes;    /* secrets_add_quote has been called */
    bool no_memory; /* something could not be kept, or not be blanked */
    /* Where it is set, what would be kept is told here instead: as it was added, and whether as a quotation. */
    void (*told)(void *context, struct slice text, bool quoted);
    void *context;
};
void secrets_free(struct secrets *secrets);

static inline bool secrets_any(const struct secrets *secrets)
{
    return secrets->young.count + secrets->old.count > 0;
}

/* Remembers a text as it is. */
void secrets_add(struct secrets *secrets, struct slice text);

/* Remembers words that a server quotes of a message: twice as many octets of them, since eight letters stand
 * in many other texts. */
void secrets_add_quote(struct secrets *secrets, struct slice text);

/* Remembers a text and its base64, wherever in a longer text that has been encoded it stands. */
void secrets_add_plain(struct secrets *secrets, struct slice text);

/* Remembers what the text itself says is a password: of a URL, or after "password=". */
void secrets_add_named(struct secrets *secrets, struct slice text);

/* Returns the text with REDACTED in the place of each secret; valid until the next call. If there is
 * none it is the text itself. `marks`: offsets into the text, which are moved along; NULL: none. When
 * out of memory the whole text is REDACTED. */
struct slice secrets_blank(struct secrets *secrets, struct slice text, size_t marks[2]);

#endif
