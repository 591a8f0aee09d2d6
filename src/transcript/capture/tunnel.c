/* tunnel.c - follows the handshake with a proxy, octet by octet: a message may come in pieces, and SMTP
 * may follow its last octet in the same packet.
 */
#include "transcript/capture/tunnel.h"

#include <string.h>

/* One message. A row of messages ends where `ends` is NULL. */
struct tunnel_step {
    bool by_proxy;
    /* Returns true if the message is complete. */
    bool (*ends)(const struct tunnel *tunnel);
    /* Returns how many steps to go on, counted from this one; 0: the proxy refuses. */
    unsigned (*next)(const struct tunnel *tunnel);
};

static unsigned next_one(const struct tunnel *tunnel)
{
    (void)tunnel;
    return 1;
}

static bool is_two_octets(const struct tunnel *tunnel)
{
    return tunnel->size == 2;
}

static bool is_eight_octets(const struct tunnel *tunnel)
{
    return tunnel->size == 8;
}

/* Version, a length, and as many octets: the methods, the user's name (RFC 1929). */
static bool is_counted_list(const struct tunnel *tunnel)
{
    return tunnel->size >= 2 && tunnel->size == 2u + tunnel->head[1];
}

static bool is_counted_text(const struct tunnel *tunnel)
{
    return tunnel->size == 1u + tunnel->head[0];
}

/* RFC 1928 4 to 6: version, command or reply, reserved, address type, address, port. */
static bool is_address(const struct tunnel *tunnel)
{
    enum { IPV4 = 1, NAME = 3, IPV6 = 4 };
    if (tunnel->size < 5)
        return false;
    switch (tunnel->head[3]) {
    case IPV4:
        return tunnel->size == 10;
    case NAME:
        return tunnel->size == 7u + tunnel->head[4];
    case IPV6:
        return tunnel->size == 22;
    default:
        return true; /* what follows cannot be told apart: next_granted refuses it */
    }
}

static bool is_text(const struct tunnel *tunnel)
{
    return (tunnel->last & 0xffu) == 0;
}

/* A head of HTTP ends with an empty line. */
static bool is_http_head(const struct tunnel *tunnel)
{
    return (tunnel->last & 0xffffu) == 0x0a0au || (tunnel->last & 0xffffffu) == 0x0a0d0au;
}

static bool is_proxy_header(const struct tunnel *tunnel)
{
    size_t rest = (size_t)tunnel->head[14] << 8 | tunnel->head[15];
    return tunnel->size >= 16 && tunnel->size == 16 + rest;
}

/* The method that the proxy has chosen: none, or name and password; no other one is known here. */
static unsigned next_method(const struct tunnel *tunnel)
{
    return tunnel->head[1] == 0 ? 4 : tunnel->head[1] == 2 ? 1 : 0;
}

static unsigned next_granted(const struct tunnel *tunnel)
{
    bool known =
        tunnel->size == 2 || tunnel->head[3] == 1 || tunnel->head[3] == 3 || tunnel->head[3] == 4;
    return tunnel->head[1] == 0 && known;
}

/* SOCKS 4A: the address 0.0.0.x says that a name follows the user. */
static unsigned next_named(const struct tunnel *tunnel)
{
    static const unsigned char none[3] = {0};
    bool named = memcmp(tunnel->head + 4, none, sizeof none) == 0 && tunnel->head[7] != 0;
    return named ? 1 : 2;
}

static unsigned next_granted_4(const struct tunnel *tunnel)
{
    return tunnel->head[1] == 0x5a;
}

/* "HTTP/1.1 200 Connection established" */
static unsigned next_granted_http(const struct tunnel *tunnel)
{
    return memcmp(tunnel->head, "HTTP/1.", 7) == 0 && tunnel->head[9] == '2';
}

static const struct tunnel_step socks5[] = {
    {false, is_counted_list, next_one},  {true, is_two_octets, next_method},
    {false, is_counted_list, next_one},  {false, is_counted_text, next_one},
    {true, is_two_octets, next_granted}, {false, is_address, next_one},
    {true, is_address, next_granted},    {0},
};
static const struct tunnel_step socks4[] = {
    {false, is_eight_octets, next_named},
    {false, is_text, next_one},
    {false, is_text, next_one},
    {true, is_eight_octets, next_granted_4},
    {0},
};
static const struct tunnel_step http[] = {
    {false, is_http_head, next_one}, {true, is_http_head, next_granted_http}, {0}};
static const struct tunnel_step proxy[] = {{false, is_proxy_header, next_one}, {0}};

/* How each begins; no command of SMTP does. The piece may be shorter than the beginning. */
static const struct {
    struct slice head;
    const struct tunnel_step *steps;
} kinds[] = {
    {{"\x05", 1}, socks5},
    {{"\x04\x01", 2}, socks4},
    {{"CONNECT ", 8}, http},
    {{"\r\n\r\n\0\r\nQUIT\n", 12}, proxy},
};

static const struct tunnel_step *begin(struct slice octets)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct slice head = slice_head(kinds[i].head, octets.size);
        if (slice_starts(octets, head))
            return kinds[i].steps;
    }
    return NULL;
}

static void end_message(struct tunnel *tunnel)
{
    unsigned steps = tunnel->step->next(tunnel);
    const struct tunnel_step *step = tunnel->step + steps;
    *tunnel = (struct tunnel){.step = step, .client = tunnel->client, .refused = steps == 0};
    if (!step->ends)
        *tunnel = (struct tunnel){0};
}

void tunnel_take(struct tunnel *tunnel, unsigned side, bool first, struct slice *octets)
{
    if (first && !tunnel->step && octets->size > 0) {
        tunnel->step = begin(*octets);
        tunnel->client = side;
    }
    while (tunnel->step && octets->size > 0 && !tunnel->refused) {
        if ((side != tunnel->client) != tunnel->step->by_proxy) {
            tunnel->refused = true;
            return;
        }
        unsigned char octet = (unsigned char)octets->data[0];
        if (tunnel->size < sizeof tunnel->head)
            tunnel->head[tunnel->size] = octet;
        tunnel->last = tunnel->last << 8 | octet;
        tunnel->size++;
        *octets = slice_after(*octets, 1);
        if (tunnel->step->ends(tunnel))
            end_message(tunnel);
    }
}
