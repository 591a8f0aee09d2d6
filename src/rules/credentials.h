/* credentials.h - whether what a client sends with AUTH is a password or a token.
 */
#ifndef SMTPSEQ_CREDENTIALS_H
#define SMTPSEQ_CREDENTIALS_H

#include "base/slice.h"

enum mechanism {
    MECHANISM_OTHER, /* sends a digest, or nothing that would let somebody else in; or not known */
    MECHANISM_PLAIN, /* RFC 4616 */
    MECHANISM_LOGIN, /* draft-murchison-sasl-login */
    MECHANISM_BEARER /* XOAUTH2, OAUTHBEARER (RFC 7628) */
};

/* The mechanism in the argument of AUTH. */
enum mechanism mechanism_in(struct slice argument);

/* Whether the text, in base64 or as it is, holds a password or token. What a log has put in its place
 * ("***", "[redacted]", base64 of such), and what cannot be one, is none. For LOGIN, where a name and
 * a password look the same, the caller says which it is. */
bool holds_credentials(enum mechanism mechanism, struct slice text, bool password);

/* Whether the challenge of LOGIN asks for the password: 1, for something else: 0, not to be told: -1.
 * In base64 or as it is. */
int asks_for_password(struct slice challenge);

/* Whether the text has the form of base64: groups of four, padded (RFC 4648 4). */
bool is_base64(struct slice text);

#endif
