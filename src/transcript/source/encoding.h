/* encoding.h - byte order marks, and UTF-16, in which Windows writes logs.
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

/* Returns the encoding of a recording by its head, and sets *mark to the size of its byte order
 * mark. */
enum encoding encoding_of(struct slice head, size_t *mark);

/* The state between two pieces of UTF-16. Initialise with zeros. */
struct utf16 {
    bool big;
    bool has_half; /* the first octet of a unit */
    unsigned char half;
    uint16_t high; /* the first unit of a surrogate pair, or 0 */
};

/* Returns the most octets of UTF-8 that `size` octets of UTF-16 can become. */
static inline size_t utf16_room(size_t size)
{
    return size / 2 * 3 + 9;
}

/* Converts octets to UTF-8; invalid ones become U+FFFD. `room` must hold utf16_room(text.size).
 * Returns the octets written. */
size_t utf16_decode(struct utf16 *utf16, struct slice text, char *room);

/* The text has ended: writes at most 6 octets for an incomplete character. */
size_t utf16_end(struct utf16 *utf16, char *room);

#endif
