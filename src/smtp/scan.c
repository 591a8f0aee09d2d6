/* scan.c - finds where SMTP may begin, sixteen octets at a time where the processor can.
 *
 * Four octets of each word are compared first, wherever they stand; what follows only looks at the
 * few places where they are.
 */
#include "smtp/scan.h"

/* What must follow a word. */
enum follow {
    FOLLOW_ARGUMENT, /* a blank and what is no prose, or the end */
    FOLLOW_COLON,    /* a colon, perhaps after blanks */
    FOLLOW_END,      /* the end of the line, a quote, a sign */
    FOLLOW_ANYTHING
};

/* A word, how far into it the four octets that are looked for stand, and whether it begins a line. */
#define WORDS(X)                                                      \
    X("ehlo", 0, FOLLOW_ARGUMENT, false)                              \
    X("lhlo", 0, FOLLOW_ARGUMENT, false)                              \
    X("helo", 0, FOLLOW_ARGUMENT, false)                              \
    X("mail from", 3, FOLLOW_COLON, false)                            \
    X("rcpt to", 1, FOLLOW_COLON, false)                              \
    X("rset", 0, FOLLOW_END, false)                                   \
    X("quit", 0, FOLLOW_END, false)                                   \
    X("starttls", 3, FOLLOW_END, false)                               \
    X("flags ", 2, FOLLOW_ANYTHING, false)     /* tcpdump */          \
    X("follow: tcp", 4, FOLLOW_ANYTHING, true) /* tshark -z follow */ \
    X("peers:", 1, FOLLOW_END, true)           /* the same as YAML */ \
    X("from=0 to=", 4, FOLLOW_ANYTHING, false) /* socat -v, -x */     \
    X("0000: ", 1, FOLLOW_ANYTHING, true)      /* curl --trace, tcpdump -x */

struct word {
    struct slice text; /* small letters */
    size_t at;
    enum follow follow;
    bool begins_line;
};

static const struct word words[] = {
#define X(text, at, follow, line) {{text, sizeof(text) - 1}, at, follow, line},
    WORDS(X)
#undef X
};

/* Of letters the small one; of the digits and signs that are looked for the same. */
static char folded(char c)
{
    return (char)(c | 0x20);
}

static bool is_word_at(struct slice text, size_t at, const struct word *word)
{
    if (at + word->text.size > text.size)
        return false;
    for (size_t i = 0; i < word->text.size; i++)
        if (folded(text.data[at + i]) != word->text.data[i])
            return false;
    return true;
}

/* Returns true if nothing but blanks, and the "0x" of an offset, stands before it in its line. */
static bool is_first(struct slice text, size_t at)
{
    if (at >= 2 && text.data[at - 1] == 'x' && text.data[at - 2] == '0')
        at -= 2;
    while (at > 0 && (text.data[at - 1] == ' ' || text.data[at - 1] == '\t'))
        at--;
    return at == 0 || text.data[at - 1] == '\n' || text.data[at - 1] == '\r';
}

/* A word begins behind no letter, digit or "_", except those of a line end that is written out. */
static bool may_begin(struct slice text, size_t at)
{
    char before = at > 0 ? text.data[at - 1] : '\n';
    if (at > 1 && (before == 'n' || before == 'r' || before == 't') && text.data[at - 2] == '\\')
        return true;
    return !ascii_alphanumeric(before) && before != '_' && before != '=';
}

/* "after EHLO from unknown", "the EHLO command". */
static bool is_prose(struct slice argument)
{
    static const char *const prose[] = {"from ", "command", "and ", "or ", "is ", "failed"};
    for (size_t i = 0; i < sizeof prose / sizeof prose[0]; i++)
        if (slice_starts(argument, slice_of(prose[i])))
            return true;
    return false;
}

static bool may_follow(struct slice rest, enum follow follow)
{
    char next = rest.size > 0 ? rest.data[0] : '\n';
    switch (follow) {
    case FOLLOW_ARGUMENT:
        if (next == ' ')
            return !is_prose(slice_trim(slice_head(rest, SCAN_REACH / 2)));
        return next == '\n' || next == '\r' || next == '\\';
    case FOLLOW_COLON:
        while (rest.size > 0 && rest.data[0] == ' ')
            rest = slice_after(rest, 1);
        return rest.size > 0 && rest.data[0] == ':';
    case FOLLOW_END:
        return !ascii_alphanumeric(next) && next != ' ' && next != '_' && next != '-' &&
               next != '=';
    case FOLLOW_ANYTHING:
        break;
    }
    return true;
}

/* Returns true if one of the words has its four octets at this place and is what it seems to be. */
static bool is_found(struct slice text, size_t at)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const struct word *word = &words[i];
        if (at >= word->at && is_word_at(text, at - word->at, word)) {
            size_t begin = at - word->at;
            if ((word->begins_line ? is_first(text, begin) : may_begin(text, begin)) &&
                may_follow(slice_after(text, begin + word->text.size), word->follow))
                return true;
        }
    }
    return false;
}

static size_t scan_plain(struct slice text, size_t from)
{
    for (size_t at = from; at < text.size; at++)
        if (is_found(text, at))
            return at;
    return text.size;
}

#ifdef __SSE2__ /* every x86-64 has it */
#include <emmintrin.h>

static __m128i sixteen_at(const char *octets)
{
    return _mm_or_si128(_mm_loadu_si128((const __m128i *)octets), _mm_set1_epi8(0x20));
}

/* A bit for each of the sixteen places where the four octets of a word stand. */
static unsigned places(const char *octets)
{
    __m128i first = sixteen_at(octets), second = sixteen_at(octets + 1);
    __m128i third = sixteen_at(octets + 2), fourth = sixteen_at(octets + 3);
    __m128i any = _mm_setzero_si128();
#define X(text, at, follow, line)                                                             \
    any = _mm_or_si128(                                                                       \
        any,                                                                                  \
        _mm_and_si128(_mm_and_si128(_mm_cmpeq_epi8(first, _mm_set1_epi8((text)[at])),         \
                                    _mm_cmpeq_epi8(second, _mm_set1_epi8((text)[(at) + 1]))), \
                      _mm_and_si128(_mm_cmpeq_epi8(third, _mm_set1_epi8((text)[(at) + 2])),   \
                                    _mm_cmpeq_epi8(fourth, _mm_set1_epi8((text)[(at) + 3])))));
    WORDS(X)
#undef X
    return (unsigned)_mm_movemask_epi8(any);
}

size_t scan_find(struct slice text, size_t from)
{
    size_t at = from;
    for (; text.size - at >= 16 + 3; at += 16)
        for (unsigned marks = places(text.data + at); marks != 0; marks &= marks - 1) {
            size_t place = at + (size_t)__builtin_ctz(marks);
            if (is_found(text, place))
                return place;
        }
    return scan_plain(text, at);
}
#else
size_t scan_find(struct slice text, size_t from)
{
    return scan_plain(text, from);
}
#endif

bool scan_finds(struct slice line)
{
    return scan_find(line, 0) < line.size;
}
