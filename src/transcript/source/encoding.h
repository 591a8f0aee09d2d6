/* encoding.h - UTF-16, in which Windows writes logs, and the byte order marks.
 */
#ifndef SMTPSEQ_TRANSCRIPT_SOURCE_ENCODING_H
#define SMTPSEQ_TRANSCRIPT_SOURCE_ENCODING_H

#include <stdint.h>

#include "base/slice.h"

enum encoding {
    ENCODING_OCTETS, /* ASCII, UTF-8, Latin-1, ...: as they are */
    ENCODING_UTF16_LITTLE,
    ENCODING_UTF16_BIG
};

/* The encoding of a recording that begins so, and the size of its byte order mark. */
enum encoding encoding_of(struct slice head, size_t *mark);

/* What is left over between two pieces of UTF-16. All zero at first. */
struct utf16 {
    bool big;
    bool has_half; /* the first octet of a unit */
    unsigned char half;
    uint16_t high; /* the first unit of a surrogate pair, or 0 */
};

/* The most octets that `size` octets of UTF-16 become. */
static inline size_t utf16_room(size_t size)
{
    return size / 2 * 3 + 9;
}

/* Turns octets into UTF-8; what is no character becomes U+FFFD. `room`: utf16_room(text.size).
 * Gives the size of what was written. */
size_t utf16_decode(struct utf16 *utf16, struct slice text, char *room);

/* The text has ended: writes at most 6 octets for what was begun. */
size_t utf16_end(struct utf16 *utf16, char *room);

#endif
