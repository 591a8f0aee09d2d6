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

/* Returns true for the name of a mechanism that IANA lists or that is widely used, in whatever case. */
bool mechanism_is_known(struct slice word);

/* The known mechanism whose name the word begins with, as a part of the word; empty: none. */
struct slice mechanism_prefix(struct slice word);

/* The mechanism in the argument of AUTH. */
enum mechanism mechanism_in(struct slice argument);

/* Returns true if the text, in base64 or as it is, holds a password or token. What a log has put in its place
 * ("***", "[redacted]", base64 of such), and what cannot be one, is none. For LOGIN, where a name and
 * a password look the same, the caller says which it is. */
bool holds_credentials(enum mechanism mechanism, struct slice text, bool password);

/* What the challenge of LOGIN asks for: 1 the password, 0 something else, -1 if that cannot be seen.
 * In base64 or as it is. */
int asks_for_password(struct slice challenge);

/* What AUTH sends, decoded. Tokens may be long, but begin with what they are. */
#define MATERIAL_MAX 3072
struct material {
    size_t size;
    char octets[MATERIAL_MAX];
};

/* Undoes base64 or its form for URLs (RFC 4648 4, 5), padded or not, as far as there is room. Returns
 * false, with *material empty, if the text is neither. */
bool material_decode(struct slice text, struct material *material);

/* Returns true for what a log writes where it leaves something out: "***", "[redacted]". */
bool is_placeholder(struct slice text);

/* Returns true for UTF-8 without control characters. */
bool is_plain_text(struct slice text);

/* Returns true for a word that by its look is a password, a token or base64: of SECRET_LOOK octets and
 * more, with capitals, small letters and digits, or with the padding of base64. */
#define SECRET_LOOK 12
bool looks_like_secret(struct slice word);

/* Returns true if the text has the form of base64: groups of four, padded (RFC 4648 4). */
bool is_base64(struct slice text);

#endif
