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

/* Whether the text has this computer's name or address at `at`. An address must not be the end of
 * another: 10.127.0.1. */
static bool is_loopback(struct slice text, size_t at)
{
    struct slice rest = slice_after(text, at);
    char before = at > 0 ? text.data[at - 1] : ' ';
    bool begins = !ascii_digit(before) && before != '.' && before != ':';
    switch (rest.data[0]) {
    case '1':
        return begins && slice_starts(rest, SLICE("127."));
    case ':':
        return begins && slice_starts(rest, SLICE("::1"));
    case '[':
        return slice_starts(rest, SLICE("[IPv6:::1]"));
    case '0': /* tcpflow */
        return slice_starts(rest, SLICE("0000:0000:0000:0000:0000:0000:0000:0001"));
    case 'l':
    case 'L':
        return slice_starts(rest, SLICE("localhost")) || slice_starts(rest, SLICE("Localhost")) ||
               slice_starts(rest, SLICE("LOCALHOST"));
    default:
        return false;
    }
}

bool names_loopback(struct slice text)
{
    for (size_t at = 0; at < text.size; at++)
        if (is_loopback(text, at))
            return true;
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
#define SIGNS(X)      \
    X("127.", 0)      \
    X("::1", 0)       \
    X("localhost", 4) \
    X("0000:", 0)     \
    X("tls", 0)       \
    X("ssl", 0)       \
    X("smtps", 2)     \
    X("465", 0)       \
    X("cipher", 2)    \
    X("handshake", 3) \
    X("secure", 1)

TRIPLES(find_sign, SIGNS)

static bool has_sign(struct slice text)
{
    size_t at = find_sign(text, 0);
    while (at < text.size && text.data[at] == '0' &&
           !slice_starts(slice_after(text, at), SLICE("0000:")))
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
    unsigned said = names_loopback(head) ? HINT_LOOPBACK : 0;
    if ((has_tls(head) || has_any(head, tls, sizeof tls / sizeof tls[0])) &&
        !has_any(head, off, sizeof off / sizeof off[0]))
        said |= HINT_TLS;
    return said;
}
