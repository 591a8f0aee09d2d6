/* extension.h - the extensions that a server offers in its reply to EHLO (RFC 5321 4.1.1.1). */
#ifndef SMTPSEQ_SMTP_EXTENSION_H
#define SMTPSEQ_SMTP_EXTENSION_H

#include "base/slice.h"

/* The extensions that smtpseq knows the rules of, each with its keyword. */
#define EXTENSIONS(X)                                \
    X(PIPELINING, "PIPELINING")       /* RFC 2920 */ \
    X(CHUNKING, "CHUNKING")           /* RFC 3030 */ \
    X(BINARYMIME, "BINARYMIME")       /* RFC 3030 */ \
    X(STARTTLS, "STARTTLS")           /* RFC 3207 */ \
    X(AUTH, "AUTH")                   /* RFC 4954 */ \
    X(SIZE, "SIZE")                   /* RFC 1870 */ \
    X(8BITMIME, "8BITMIME")           /* RFC 6152 */ \
    X(SMTPUTF8, "SMTPUTF8")           /* RFC 6531 */ \
    X(DSN, "DSN")                     /* RFC 3461 */ \
    X(DELIVERBY, "DELIVERBY")         /* RFC 2852 */ \
    X(FUTURERELEASE, "FUTURERELEASE") /* RFC 4865 */ \
    X(MT_PRIORITY, "MT-PRIORITY")     /* RFC 6710 */ \
    X(REQUIRETLS, "REQUIRETLS")       /* RFC 8689 */ \
    X(BURL, "BURL")                   /* RFC 4468 */ \
    X(RRVS, "RRVS")                   /* RFC 7293 */ \
    X(CONPERM, "CONPERM")             /* RFC 4141 */

enum extension {
#define X(name, keyword) EXTENSION_##name,
    EXTENSIONS(X)
#undef X
        EXTENSION_COUNT
};

/* Returns the keyword of an extension: "PIPELINING". Static storage. */
const char *extension_keyword(enum extension extension);

/* Returns the extension with that keyword, in any case; EXTENSION_COUNT if none has it. */
enum extension extension_of(struct slice keyword);

#endif
