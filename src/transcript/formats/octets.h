/* octets.h - decodes the octets of a dump one at a time.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_OCTETS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_OCTETS_H

#include "base/slice.h"

enum encoding {
    ENCODING_TEXT,   /* as they are; what is no text may be shown as "." */
    ENCODING_HEX,    /* "32 32 30", "3232 30": ends at two blanks or at what is no digit */
    ENCODING_BASE64, /* RFC 4648 */
    ENCODING_C       /* C escapes, as in a string literal: \r \303 \x0d */
};

struct decoder {
    enum encoding encoding;
    struct slice text;
    size_t at;           /* what of `text` has been read */
    size_t left;         /* octets that may still come of it */
    unsigned count;      /* octets that have come */
    unsigned half;       /* hex: blanks are doubled after so many octets; 0: nowhere */
    unsigned bits, held; /* base64: bits that make no octet yet, and how many */
};

/* Gets the next octet. Returns false at the end. */
bool decoder_next(struct decoder *decoder, char *octet);

/* Returns the value of a hex digit; -1 if it is none. */
int hex_digit(char c);

#endif
