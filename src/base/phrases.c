/* phrases.c - looks for the phrases of a list in a text. */
#include "base/phrases.h"

/* The bit of an octet; small letters and capitals have the same one. */
static uint32_t bit_of(char c)
{
    return UINT32_C(1) << ((unsigned char)c & 31);
}

static bool starts_with_phrase(struct slice text, const char *phrase)
{
    size_t size = 0;
    while (phrase[size] && size < text.size &&
           ascii_upper(phrase[size]) == ascii_upper(text.data[size]))
        size++;
    return !phrase[size];
}

bool mentions_phrase(struct slice text, const char *const phrases[], size_t count)
{
    uint32_t first =
        0; /* what a phrase may begin with: most octets of a text are nothing of that */
    for (size_t i = 0; i < count; i++)
        first |= bit_of(phrases[i][0]);
    for (size_t at = 0; at < text.size; at++) {
        if (!(first & bit_of(text.data[at])))
            continue;
        for (size_t i = 0; i < count; i++)
            if (starts_with_phrase(slice_after(text, at), phrases[i]))
                return true;
    }
    return false;
}
