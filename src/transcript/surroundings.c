/* surroundings.c - addresses of this computer, and words for TLS. */
#include "transcript/surroundings.h"

/* Octets of a note that are looked at. */
#define NOTE_HEAD 256

static bool has_any(struct slice text, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_contains(text, slice_of(words[i])))
            return true;
    return false;
}

/* Whether the address stands in the text and is not the end of another: 10.127.0.1. */
static bool has_address(struct slice text, struct slice address)
{
    for (struct slice rest = text; slice_contains(rest, address);) {
        const char *found = memmem(rest.data, rest.size, address.data, address.size);
        char before = found > text.data ? found[-1] : ' ';
        if (!ascii_digit(before) && before != '.' && before != ':')
            return true;
        rest = slice_after(rest, (size_t)(found - rest.data) + 1);
    }
    return false;
}

bool names_loopback(struct slice text)
{
    static const char *const names[] = {"localhost", "Localhost", "LOCALHOST", "[IPv6:::1]",
                                        "0000:0000:0000:0000:0000:0000:0000:0001"}; /* tcpflow */
    return has_address(text, SLICE("127.")) || has_address(text, SLICE("::1")) ||
           has_any(text, names, sizeof names / sizeof names[0]);
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

unsigned surroundings_in(struct slice note)
{
    static const char *const tls[] = {"SSL true",  "SSL connection",  "SSL-Session", "smtps",
                                      "SMTPS",     "ssl://",          "port 465",    ":465",
                                      "\"465\"",   ", 465)",          "htons(465)",  "cipher",
                                      "handshake", "ecure connection"};
    static const char *const off[] = {"false",       "= off",    "tls:no",
                                      "not offered", "disabled", "failed"}; /* "isSSL false" */
    struct slice head = slice_head(note, NOTE_HEAD);
    unsigned said = names_loopback(head) ? SURROUNDINGS_LOOPBACK : 0;
    if ((has_tls(head) || has_any(head, tls, sizeof tls / sizeof tls[0])) &&
        !has_any(head, off, sizeof off / sizeof off[0]))
        said |= SURROUNDINGS_TLS;
    return said;
}
