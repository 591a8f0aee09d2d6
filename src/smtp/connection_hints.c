/* connection_hints.c - addresses of this computer, and words for TLS. */
#include "smtp/connection_hints.h"

#include "base/triples.h"

/* Octets of a note that are looked at. */
#define NOTE_HEAD 256

static bool has_any(struct slice text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_contains(text, slice_of(words[i])))
            return true;
    return false;
}

/* Returns true if the text begins with that address and nothing that makes it another one: more digits,
 * or the length of a network's prefix ("127.0.0.0/8"). */
static bool is_address(struct slice text, struct slice address)
{
    if (!slice_starts_nocase(text, address))
        return false;
    struct slice rest = slice_after(text, address.size);
    while (rest.size > 0 && (ascii_digit(rest.data[0]) || rest.data[0] == '.'))
        rest = slice_after(rest, 1);
    if (rest.size > 0 && rest.data[0] == ']')
        rest = slice_after(rest, 1);
    return rest.size == 0 || rest.data[0] != '/';
}

/* Returns true if the text has this computer's name or address at `at`. An address must not be the end of
 * another: 10.127.0.1. */
static bool is_loopback(struct slice text, size_t at)
{
    struct slice rest = slice_after(text, at), mapped = SLICE("::ffff:");
    char before = at > 0 ? text.data[at - 1] : ' ';
    bool begins = !ascii_digit(before) && before != '.' && before != ':';
    switch (rest.data[0]) {
    case '1': /* also the last part of ::ffff:127.0.0.1 */
        return (begins || (at >= mapped.size &&
                           slice_starts_nocase(slice_after(text, at - mapped.size), mapped))) &&
               is_address(rest, SLICE("127."));
    case ':':
        return begins && is_address(rest, SLICE("::1")) &&
               (rest.size == 3 || (!ascii_digit(rest.data[3]) && rest.data[3] != ':'));
    case '[':
        return slice_starts_nocase(rest, SLICE("[IPv6:::1]"));
    case '0': /* tcpflow writes all digits */
        return begins && (is_address(rest, SLICE("0:0:0:0:0:0:0:1")) ||
                          is_address(rest, SLICE("0000:0000:0000:0000:0000:0000:0000:0001")));
    case 'l':
    case 'L':
        return slice_starts_nocase(rest, SLICE("localhost"));
    default:
        return false;
    }
}

bool names_loopback(struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        char c = text.data[at];
        bool may_begin = c == '1' || c == ':' || c == '[' || c == '0' || (c | 0x20) == 'l';
        if (may_begin && is_loopback(text, at))
            return true;
    }
    return false;
}

/* TLS, but not STARTTLS, which is yet to come. */
static bool has_tls(struct slice text)
{
    struct slice word = SLICE("TLS");
    for (struct slice rest = text; slice_contains(rest, word);) {
        size_t at =
            (size_t)((const char *)memmem(rest.data, rest.size, word.data, word.size) - rest.data);
        if (!slice_ends(slice_head(rest, at), SLICE("START")))
            return true;
        rest = slice_after(rest, at + word.size);
    }
    return false;
}

/* What every hint has in it: most notes have none of these. */
#define SIGNS(X)         \
    X("127.", 0, 0)      \
    X("::1", 0, 0)       \
    X("localhost", 4, 0) \
    X("0000:", 0, 0)     \
    X("0:0:", 0, 0)      \
    X("tls", 0, 0)       \
    X("ssl", 0, 0)       \
    X("smtps", 2, 0)     \
    X("465", 0, 0)       \
    X("cipher", 2, 0)    \
    X("handshake", 3, 0) \
    X("secure", 1, 0)

TRIPLES(find_sign, SIGNS)

static bool has_sign(struct slice text)
{
    size_t at = find_sign(text, 0);
    while (at < text.size && text.data[at] == '0' &&
           !slice_starts(slice_after(text, at), SLICE("0000:")) &&
           !slice_starts(slice_after(text, at), SLICE("0:0:")))
        at = find_sign(text, at + 1);
    return at < text.size;
}

unsigned connection_hints_in(struct slice note)
{
    static const char *const tls[] = {"SSL true",  "SSL connection",  "SSL-Session", "smtps",
                                      "SMTPS",     "ssl://",          "port 465",    ":465",
                                      "\"465\"",   ", 465)",          "htons(465)",  "cipher",
                                      "handshake", "ecure connection"};
    static const char *const off[] = {"false",       "= off",    "tls:no",
                                      "not offered", "disabled", "failed"}; /* "isSSL false" */
    struct slice head = slice_head(note, NOTE_HEAD);
    if (!has_sign(head))
        return 0;
    /* "~?": Postfix compares the client with a list of its own. */
    bool compares = slice_contains(head, SLICE("~?"));
    unsigned said = !compares && names_loopback(head) ? HINT_LOOPBACK : 0;
    if ((has_tls(head) || has_any(head, tls, sizeof tls / sizeof tls[0])) &&
        !has_any(head, off, sizeof off / sizeof off[0]))
        said |= HINT_TLS;
    return said;
}
