/* tunnel.h - what a client and a proxy say before SMTP begins: SOCKS 4 and 5 (RFC 1928, RFC 1929), HTTP
 * CONNECT (RFC 9110 9.3.6) and the binary header of the PROXY protocol (version 2).
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_TUNNEL_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_TUNNEL_H

#include "base/slice.h"

struct tunnel_step;

/* All zero at first, and again once SMTP begins. */
struct tunnel {
    const struct tunnel_step *step; /* the message that is being read; NULL: none */
    unsigned client;                /* which side asked for the tunnel */
    size_t size;                    /* octets of this message so far */
    unsigned char head[16];         /* its first octets */
    uint32_t last;                  /* its last four octets */
    bool refused; /* the proxy said no, or one of the two said something else: no SMTP follows */
};

/* Takes from *octets what belongs to the handshake. `first`: nobody has said anything else yet, so a
 * tunnel may begin here. What is left of *octets is SMTP. */
void tunnel_take(struct tunnel *tunnel, unsigned side, bool first, struct slice *octets);

#endif
