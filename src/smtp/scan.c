/* scan.c - finds where SMTP may begin, many octets at a time where the processor can.
 *
 * Three octets of each word are compared first, wherever they stand; what follows only looks at the
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

/* A word, how far into it the three octets stand that are looked for, which had better be rare, and
 * whether it begins a line. A session has one of these commands; the others would only add to the
 * cost. */
#define WORDS(X)                                                      \
    X("ehlo", 1, FOLLOW_ARGUMENT, false)                              \
    X("lhlo", 1, FOLLOW_ARGUMENT, false)                              \
    X("helo", 1, FOLLOW_ARGUMENT, false)                              \
    X("mail from", 3, FOLLOW_COLON, false)                            \
    X("rcpt to", 0, FOLLOW_COLON, false)                              \
    X("flags ", 2, FOLLOW_ANYTHING, false)     /* tcpdump */          \
    X("follow: tcp", 5, FOLLOW_ANYTHING, true) /* tshark -z follow */ \
    X("peers:", 3, FOLLOW_END, true)           /* the same as YAML */ \
    X("from=0 to=", 4, FOLLOW_ANYTHING, false) /* socat -v, -x */     \
    X("0000: ", 3, FOLLOW_ANYTHING, true)      /* curl --trace, tcpdump -x */

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

/* Returns true if one of the words has its three octets at this place and is what it seems to be. */
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
#include <immintrin.h>

typedef char sixteen __attribute__((vector_size(16)));
typedef char thirty_two __attribute__((vector_size(32)));

/* Adds to `any` the places where the three octets of a word stand: in `first`, and in what begins one
 * and two octets later. */
#define ADD_WORD(text, at, follow, line)                                        \
    any |= (first == none + (text)[at]) & (second == none + (text)[(at) + 1]) & \
           (third == none + (text)[(at) + 2]);
#define ADD_WORDS(vector)                         \
    vector none = {0}, first, second, third;      \
    memcpy(&first, octets, sizeof first);         \
    memcpy(&second, octets + 1, sizeof second);   \
    memcpy(&third, octets + 2, sizeof third);     \
    vector any = none, fold = none + 0x20;        \
    first |= fold, second |= fold, third |= fold; \
    WORDS(ADD_WORD)

/* A bit for each of the places. */
static uint32_t places_of_16(const char *octets)
{
    ADD_WORDS(sixteen)
    return (uint32_t)_mm_movemask_epi8((__m128i)any);
}

__attribute__((target("avx2"))) static uint32_t places_of_32(const char *octets)
{
    ADD_WORDS(thirty_two)
    return (uint32_t)_mm256_movemask_epi8((__m256i)any);
}

/* The first step from `at` on in which some word may be, and where in it; what is left is too short. */
static size_t steps(struct slice text, size_t at, uint32_t *marks)
{
    for (; text.size - at >= 16 + 2; at += 16)
        if ((*marks = places_of_16(text.data + at)) != 0)
            break;
    return at;
}

__attribute__((target("avx2"))) static size_t wide_steps(struct slice text, size_t at,
                                                         uint32_t *marks)
{
    for (; text.size - at >= 32 + 2; at += 32)
        if ((*marks = places_of_32(text.data + at)) != 0)
            break;
    return at;
}

size_t scan_find(struct slice text, size_t from)
{
    bool wide = __builtin_cpu_supports("avx2");
    size_t at = from;
    for (;;) {
        uint32_t marks = 0;
        at = wide ? wide_steps(text, at, &marks) : steps(text, at, &marks);
        if (marks == 0)
            return scan_plain(text, at);
        for (; marks != 0; marks &= marks - 1)
            if (is_found(text, at + (size_t)__builtin_ctz(marks)))
                return at + (size_t)__builtin_ctz(marks);
        at += wide ? 32 : 16;
    }
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
