/* encoding.c - converts UTF-16 to UTF-8 piece by piece.
 */
#include "transcript/source/encoding.h"

/* Units examined to recognise UTF-16 without a byte order mark, and the least number of them. */
#define UNITS_LOOKED_AT 64
#define UNITS_LEAST     4

static bool is_text(char c)
{
    return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

/* Returns true if the head is ASCII in units of two octets; `character`, 0 or 1, is the octet
 * that holds the character. */
static bool is_wide_ascii(struct slice head, size_t character)
{
    size_t units = head.size / 2;
    if (units > UNITS_LOOKED_AT)
        units = UNITS_LOOKED_AT;
    for (size_t i = 0; i < units; i++)
        if (!is_text(head.data[2 * i + character]) || head.data[2 * i + 1 - character] != '\0')
            return false;
    return units >= UNITS_LEAST;
}

enum encoding encoding_of(struct slice head, size_t *mark)
{
    *mark = 0;
    if (slice_starts(head, SLICE("\xef\xbb\xbf"))) {
        *mark = 3;
        return ENCODING_OCTETS;
    }
    bool little = slice_starts(head, SLICE("\xff\xfe"));
    /* A recording has commands, which hold NULs in UTF-16. */
    bool wide = slice_find(head, '\0') < head.size;
    if (wide && (little || slice_starts(head, SLICE("\xfe\xff")))) {
        *mark = 2;
        return little ? ENCODING_UTF16_LITTLE : ENCODING_UTF16_BIG;
    }
    if (is_wide_ascii(head, 0))
        return ENCODING_UTF16_LITTLE;
    return is_wide_ascii(head, 1) ? ENCODING_UTF16_BIG : ENCODING_OCTETS;
}

static size_t put(char *room, uint32_t character)
{
    if (character < 0x80) {
        room[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        room[0] = (char)(0xc0 | character >> 6);
        room[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        room[0] = (char)(0xe0 | character >> 12);
        room[1] = (char)(0x80 | (character >> 6 & 0x3f));
        room[2] = (char)(0x80 | (character & 0x3f));
        return 3;
    }
    room[0] = (char)(0xf0 | character >> 18);
    room[1] = (char)(0x80 | (character >> 12 & 0x3f));
    room[2] = (char)(0x80 | (character >> 6 & 0x3f));
    room[3] = (char)(0x80 | (character & 0x3f));
    return 4;
}

#define NO_CHARACTER 0xfffdu

/* Takes a unit, and writes a character if it is complete. */
static size_t take_unit(struct utf16 *utf16, uint16_t unit, char *room)
{
    size_t size = 0;
    bool low = unit >= 0xdc00 && unit < 0xe000;
    uint32_t high = utf16->high;
    utf16->high = 0;
    if (high && low)
        return put(room, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00u));
    if (high)
        size = put(room, NO_CHARACTER);
    if (unit >= 0xd800 && unit < 0xdc00) {
        utf16->high = unit;
        return size;
    }
    return size + put(room + size, low ? NO_CHARACTER : unit);
}

size_t utf16_decode(struct utf16 *utf16, struct slice text, char *room)
{
    size_t written = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char octet = (unsigned char)text.data[i];
        if (!utf16->has_half) {
            utf16->half = octet;
            utf16->has_half = true;
            continue;
        }
        utf16->has_half = false;
        unsigned unit =
            utf16->big ? (unsigned)utf16->half << 8 | octet : (unsigned)octet << 8 | utf16->half;
        written += take_unit(utf16, (uint16_t)unit, room + written);
    }
    return written;
}

size_t utf16_end(struct utf16 *utf16, char *room)
{
    size_t written = utf16->high ? put(room, NO_CHARACTER) : 0;
    if (utf16->has_half)
        written += put(room + written, NO_CHARACTER);
    *utf16 = (struct utf16){.big = utf16->big};
    return written;
}
