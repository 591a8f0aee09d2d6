/* scan.c - finds where SMTP may begin: three octets of a word first, then what stands around them. */
#include "smtp/scan.h"

#include "base/triples.h"

/* The octets that may follow a word. */
enum follow {
    FOLLOW_ARGUMENT, /* a blank and what is no prose, or the end */
    FOLLOW_COLON,    /* a colon, perhaps after blanks */
    FOLLOW_END,      /* the end of the line, a quote, a sign */
    FOLLOW_ANYTHING
};

/* A word, how far into it the three octets stand that are looked for, which had better be rare, and
 * whether it begins a line. A session has one of these commands; the others would only add to the
 * cost. */
#define WORDS(X)                                                                                 \
    X("ehlo", 1, FOLLOW_ARGUMENT, false, SCAN_HELLO)                                             \
    X("lhlo", 1, FOLLOW_ARGUMENT, false, SCAN_HELLO)                                             \
    X("helo", 1, FOLLOW_ARGUMENT, false, SCAN_HELLO)                                             \
    X("mail from", 3, FOLLOW_COLON, false, SCAN_MAIL)                                            \
    X("rcpt to", 0, FOLLOW_COLON, false, SCAN_RCPT)                                              \
    X("transcript of session", 3, FOLLOW_ANYTHING, false, SCAN_DUMP) /* a bounce */              \
    X("flags ", 2, FOLLOW_ANYTHING, false, SCAN_DUMP)                /* tcpdump */               \
    X("syn} seq=0", 2, FOLLOW_ANYTHING, false, SCAN_DUMP)            /* tshark: "[SYN] Seq=0" */ \
    X("frame 1:", 5, FOLLOW_ANYTHING, true, SCAN_DUMP)               /* tshark -V */             \
    X("\"packets-", 6, FOLLOW_ANYTHING, false, SCAN_DUMP)            /* tshark -T json, ek */    \
    X("<pdml", 2, FOLLOW_ANYTHING, false, SCAN_DUMP)                                             \
    X("follow: tcp", 5, FOLLOW_ANYTHING, true, SCAN_DUMP) /* tshark -z follow */                 \
    X("peers:", 3, FOLLOW_END, true, SCAN_DUMP)           /* the same as YAML */                 \
    X("from=0 to=", 4, FOLLOW_ANYTHING, false, SCAN_DUMP) /* socat -v, -x */                     \
    X("0000: ", 3, FOLLOW_ANYTHING, true, SCAN_DUMP)      /* curl --trace, tcpdump -x */

struct word {
    struct slice text; /* small letters; of signs what triple_fold makes of them */
    size_t at;
    enum follow follow;
    bool begins_line;
    enum scan_word what;
};

static const struct word words[] = {
#define X(text, at, follow, line, what) {{text, sizeof(text) - 1}, at, follow, line, what},
    WORDS(X)
#undef X
};

static bool is_word_at(struct slice text, size_t at, const struct word *word)
{
    if (at + word->text.size > text.size)
        return false;
    for (size_t i = 0; i < word->text.size; i++)
        if (triple_fold(text.data[at + i]) != word->text.data[i])
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

/* A word begins after no letter, digit or "_", except those of a line end that is written out. */
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

/* The word that has its three octets at this place and is what it seems to be; NULL: there is none. */
static const struct word *word_at(struct slice text, size_t at)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const struct word *word = &words[i];
        if (at >= word->at && is_word_at(text, at - word->at, word)) {
            size_t begin = at - word->at;
            if ((word->begins_line ? is_first(text, begin) : may_begin(text, begin)) &&
                may_follow(slice_after(text, begin + word->text.size), word->follow))
                return word;
        }
    }
    return NULL;
}

TRIPLES(find_triple, WORDS)

size_t scan_next(struct slice text, size_t from, enum scan_word *what)
{
    for (size_t at = find_triple(text, from); at < text.size; at = find_triple(text, at + 1)) {
        const struct word *word = word_at(text, at);
        if (word) {
            *what = word->what;
            return at;
        }
    }
    return text.size;
}

size_t scan_find(struct slice text, size_t from)
{
    enum scan_word what;
    return scan_next(text, from, &what);
}

bool scan_finds(struct slice line)
{
    return scan_find(line, 0) < line.size;
}

size_t scan_reply(struct slice text, struct slice code)
{
    for (size_t at = 0; at < text.size; at += code.size) {
        struct slice rest = slice_after(text, at);
        const char *found = memmem(rest.data, rest.size, code.data, code.size);
        if (!found)
            break;
        at = (size_t)(found - text.data);
        char before = at > 0 ? found[-1] : ' ';
        char after = at + code.size < text.size ? found[code.size] : ' ';
        if (!ascii_alphanumeric(before) && before != '.' && (after == ' ' || after == '-'))
            return at;
    }
    return text.size;
}
