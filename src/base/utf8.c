/* utf8.c - strict: nothing overlong, no surrogates. */
#include "base/utf8.h"

/* Returns true for the second octet of a character, and those after it. */
static bool continues(char octet)
{
    return ((unsigned char)octet & 0xc0) == 0x80;
}

size_t utf8_decode(struct slice text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text.data[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 0 || first > 0xf4 || size > text.size)
        return 0;
    uint32_t value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!continues(text.data[i]))
            return 0;
        value = value << 6 | ((unsigned char)text.data[i] & 0x3fu);
    }
    if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return size;
}

struct slice utf8_head(struct slice text, size_t max)
{
    if (text.size <= max)
        return text;
    size_t size = max;
    while (size > 0 && max - size < 3 && continues(text.data[size]))
        size--;
    return slice_head(text, size);
}

struct slice utf8_whole(struct slice text)
{
    uint32_t character;
    size_t last = text.size;
    while (last > 0 && text.size - last < 3 && continues(text.data[last - 1]))
        last--;
    last -= last > 0;
    bool cut = last < text.size && utf8_decode(slice_after(text, last), &character) == 0;
    return slice_head(text, cut ? last : text.size);
}

size_t utf8_columns(struct slice text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.size; i++)
        columns += !continues(text.data[i]);
    return columns;
}

struct slice utf8_fitting(struct slice text, size_t columns)
{
    size_t size = 0;
    for (; size < text.size; size++)
        if (!continues(text.data[size]) && columns-- == 0)
            break;
    return slice_head(text, size);
}
