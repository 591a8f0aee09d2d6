/* packet.c - IPv4, IPv6 and the head of TCP.
 */
#include "transcript/capture/packet.h"

#include "transcript/capture/link.h"

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_AUTHENTICATION = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_HOST_IDENTITY = 139,
    PROTOCOL_SHIM6 = 140
};

#define IP_MORE_FRAGMENTS  0x2000u
#define IP_FRAGMENT_OFFSET 0x1fffu

/* The payload of an IP packet. */
struct carried {
    unsigned protocol;
    struct slice octets; /* that were captured */
    size_t declared;     /* octets there were */
    const unsigned char *source, *destination;
    size_t address_size;
};

static unsigned octet(struct slice text, size_t at)
{
    return (unsigned char)text.data[at];
}

static unsigned number16(struct slice text, size_t at)
{
    return octet(text, at) << 8 | octet(text, at + 1);
}

static uint32_t number32(struct slice text, size_t at)
{
    return (uint32_t)number16(text, at) << 16 | number16(text, at + 2);
}

static enum packet take_ipv4(struct slice packet, struct carried *carried)
{
    if (packet.size < 20)
        return PACKET_CUT;
    size_t head = (octet(packet, 0) & 15) * 4;
    size_t total = number16(packet, 2);
    if (total == 0) /* the network card cuts it into packets: all there is */
        total = packet.size;
    if (head < 20 || total < head)
        return PACKET_OTHER;
    carried->protocol = octet(packet, 9);
    if (number16(packet, 6) & (IP_MORE_FRAGMENTS | IP_FRAGMENT_OFFSET))
        return carried->protocol == PROTOCOL_TCP ? PACKET_FRAGMENT : PACKET_OTHER;
    carried->source = (const unsigned char *)packet.data + 12;
    carried->destination = (const unsigned char *)packet.data + 16;
    carried->address_size = 4;
    carried->declared = total - head;
    carried->octets = slice_head(slice_after(packet, head), carried->declared);
    return PACKET_TCP;
}

/* The size of an extension header, 0 for what is none. */
static size_t extension_size(unsigned protocol, struct slice octets)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_MOBILITY:
    case PROTOCOL_HOST_IDENTITY:
    case PROTOCOL_SHIM6:
        return (octet(octets, 1) + 1) * 8;
    case PROTOCOL_AUTHENTICATION:
        return (octet(octets, 1) + 2) * 4;
    case PROTOCOL_FRAGMENT:
        return 8;
    default:
        return 0;
    }
}

static enum packet take_ipv6(struct slice packet, struct carried *carried)
{
    if (packet.size < 40)
        return PACKET_CUT;
    size_t declared = number16(packet, 4);
    struct slice octets = slice_after(packet, 40);
    if (declared == 0)
        declared = octets.size;
    octets = slice_head(octets, declared);
    unsigned protocol = octet(packet, 6);
    while (octets.size >= 8) {
        size_t size = extension_size(protocol, octets);
        if (size == 0)
            break;
        unsigned next = octet(octets, 0);
        bool fragment = protocol == PROTOCOL_FRAGMENT && (number16(octets, 2) & 0xfff9u) != 0;
        if (fragment)
            return next == PROTOCOL_TCP ? PACKET_FRAGMENT : PACKET_OTHER;
        if (size > declared)
            return PACKET_OTHER;
        declared -= size;
        octets = slice_after(octets, size);
        protocol = next;
    }
    *carried = (struct carried){
        .protocol = protocol,
        .octets = octets,
        .declared = declared,
        .source = (const unsigned char *)packet.data + 8,
        .destination = (const unsigned char *)packet.data + 24,
        .address_size = 16,
    };
    return PACKET_TCP;
}

static void set_address(struct endpoint *endpoint, const unsigned char *octets, size_t size)
{
    *endpoint = (struct endpoint){0};
    if (size == 4)
        endpoint->address[10] = endpoint->address[11] = 0xff;
    memcpy(endpoint->address + sizeof endpoint->address - size, octets, size);
}

static enum packet take_tcp(const struct carried *carried, struct segment *segment)
{
    struct slice octets = carried->octets;
    if (octets.size < 20)
        return carried->declared < 20 ? PACKET_OTHER : PACKET_CUT;
    size_t head = (octet(octets, 12) >> 4) * 4;
    if (head < 20 || head > carried->declared)
        return PACKET_OTHER;
    if (head > octets.size)
        return PACKET_CUT;
    set_address(&segment->source, carried->source, carried->address_size);
    set_address(&segment->destination, carried->destination, carried->address_size);
    segment->source.port = (uint16_t)number16(octets, 0);
    segment->destination.port = (uint16_t)number16(octets, 2);
    segment->sequence = number32(octets, 4);
    segment->acknowledged = number32(octets, 8);
    unsigned flags = octet(octets, 13);
    segment->fin = flags & 1;
    segment->syn = flags & 2;
    segment->reset = flags & 4;
    segment->acknowledges = flags & 16;
    segment->payload = slice_after(octets, head);
    segment->cut = (uint32_t)(carried->declared - octets.size);
    return PACKET_TCP;
}

enum packet packet_read(int link_type, struct slice frame, struct segment *segment)
{
    if (!link_take(link_type, &frame))
        return PACKET_OTHER;
    /* A packet may carry another one (RFC 2003, RFC 4213); each head makes the rest shorter. */
    while (frame.size > 0) {
        struct carried carried = {0};
        unsigned version = octet(frame, 0) >> 4;
        enum packet packet = version == 4   ? take_ipv4(frame, &carried)
                             : version == 6 ? take_ipv6(frame, &carried)
                                            : PACKET_OTHER;
        if (packet != PACKET_TCP)
            return packet;
        if (carried.protocol == PROTOCOL_TCP)
            return take_tcp(&carried, segment);
        if (carried.protocol != PROTOCOL_IPV4 && carried.protocol != PROTOCOL_IPV6)
            return PACKET_OTHER;
        frame = carried.octets;
    }
    return PACKET_OTHER;
}
