/* packet.h - from a captured frame to its TCP segment.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_PACKET_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_PACKET_H

#include <stdint.h>

#include "base/slice.h"

/* An address and a port. IPv4 addresses stand as IPv4-mapped ones (RFC 4291 2.5.5.2). */
struct endpoint {
    unsigned char address[16];
    uint16_t port;
};

struct segment {
    struct endpoint source, destination;
    uint32_t sequence;     /* of the first octet of the payload, or of the SYN */
    uint32_t acknowledged; /* where `acknowledges` is set */
    bool syn, fin, reset, acknowledges;
    struct slice payload; /* as much of it as was captured */
    uint32_t cut;         /* octets of the payload that were not captured */
};

enum packet {
    PACKET_TCP,
    PACKET_FRAGMENT, /* a part of an IP packet with TCP in it */
    PACKET_CUT,      /* captured too short for its headers */
    PACKET_OTHER
};

/* Takes a frame of that link type (link.h) apart. Checksums are not checked: network cards fill them in after the capture's
 * back. */
enum packet packet_read(int link_type, struct slice frame, struct segment *segment);

#endif
