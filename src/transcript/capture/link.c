/* link.c - Ethernet, Linux cooked, loopback, PPP, IEEE 802.11 and NFLOG.
 */
#include "transcript/capture/link.h"

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,          /* IEEE 802.1Q */
    ETHERTYPE_PROVIDER_VLAN = 0x88a8, /* IEEE 802.1ad */
    ETHERTYPE_OLD_VLAN = 0x9100,      /* stacked, before 802.1ad */
    ETHERTYPE_PPPOE = 0x8864          /* RFC 2516 */
};

enum { PPP_IPV4 = 0x21, PPP_IPV6 = 0x57 }; /* RFC 1332, RFC 5072 */

static unsigned octet(struct slice text, size_t at)
{
    return (unsigned char)text.data[at];
}

static unsigned number16(struct slice text, size_t at)
{
    return octet(text, at) << 8 | octet(text, at + 1);
}

static unsigned number16_little(struct slice text, size_t at)
{
    return octet(text, at + 1) << 8 | octet(text, at);
}

/* A head of that size. Returns false if the frame is too short for it. */
static bool take(struct slice *frame, size_t size)
{
    if (frame->size < size)
        return false;
    *frame = slice_after(*frame, size);
    return true;
}

/* RFC 1661 2, RFC 1662 3.1: address and control may be left out, and the first octet of the protocol
 * where it is zero. */
static bool take_ppp(struct slice *frame)
{
    if (frame->size >= 2 && octet(*frame, 0) == 0xff && octet(*frame, 1) == 0x03)
        take(frame, 2);
    if (frame->size >= 1 && octet(*frame, 0) == 0)
        take(frame, 1);
    if (frame->size < 1)
        return false;
    unsigned protocol = octet(*frame, 0);
    take(frame, 1);
    return protocol == PPP_IPV4 || protocol == PPP_IPV6;
}

/* Takes VLAN tags, however many, and a PPPoE head off. */
static bool take_tags(struct slice *frame, unsigned ethertype)
{
    while (ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_PROVIDER_VLAN ||
           ethertype == ETHERTYPE_OLD_VLAN) {
        if (frame->size < 4)
            return false;
        ethertype = number16(*frame, 2);
        take(frame, 4);
    }
    if (ethertype == ETHERTYPE_PPPOE)
        return take(frame, 6) && take_ppp(frame);
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6;
}

/* A head of that size with an EtherType in it. */
static bool take_typed(struct slice *frame, size_t size, size_t type_at)
{
    if (frame->size < size)
        return false;
    unsigned ethertype = number16(*frame, type_at);
    take(frame, size);
    return take_tags(frame, ethertype);
}

/* IEEE 802.11-2020 9.2: a data frame that is not encrypted, with one packet in it. */
static bool take_wireless(struct slice *frame)
{
    enum { DATA = 2, QOS = 0x80, NULL_DATA = 0x40 };
    enum { TO_AP = 1, FROM_AP = 2, PROTECTED = 0x40, ORDER = 0x80 };
    if (frame->size < 24)
        return false;
    unsigned control = octet(*frame, 0), flags = octet(*frame, 1);
    bool quality = control & QOS;
    if ((control >> 2 & 3) != DATA || control & NULL_DATA || flags & PROTECTED)
        return false;
    size_t head = 24;
    if ((flags & (TO_AP | FROM_AP)) == (TO_AP | FROM_AP))
        head += 6; /* a fourth address */
    if (quality) {
        bool several = frame->size > head && octet(*frame, head) & 0x80; /* an A-MSDU */
        if (several)
            return false;
        head += flags & ORDER ? 6 : 2;
    }
    /* LLC and SNAP (RFC 1042). */
    return take(frame, head) && slice_starts(*frame, (struct slice){"\xaa\xaa\x03\0\0\0", 6}) &&
           take_typed(frame, 8, 6);
}

/* The receiver's header of a wireless frame; it has its own length in it. */
static bool take_radio(int link_type, struct slice *frame)
{
    size_t size;
    if (frame->size < 8)
        return false;
    switch (link_type) {
    case LINK_IEEE802_11_RADIOTAP:
        size = number16_little(*frame, 2);
        break;
    case LINK_IEEE802_11_AVS:
        size = number16(*frame, 6);
        break;
    default:
        size = 144;
        break;
    }
    return take(frame, size) && take_wireless(frame);
}

/* Linux's netfilter log: an address family, then attributes with length and type in the octet order of
 * the machine; that of the packet is 9. The family may be told from the packet itself. */
static bool take_nflog(struct slice *frame)
{
    enum { PAYLOAD = 9 };
    if (!take(frame, 4))
        return false;
    while (frame->size >= 4) {
        bool little = octet(*frame, 3) == 0; /* no type is above 255 */
        size_t size = little ? number16_little(*frame, 0) : number16(*frame, 0);
        unsigned type = little ? octet(*frame, 2) : octet(*frame, 3);
        if (size < 4)
            return false;
        if (type == PAYLOAD) {
            *frame = slice_after(slice_head(*frame, size), 4);
            return true;
        }
        *frame = slice_after(*frame, (size + 3) / 4 * 4);
    }
    return false;
}

bool link_known(int link_type)
{
    switch (link_type) {
    case LINK_NULL:
    case LINK_ETHERNET:
    case LINK_PPP:
    case LINK_DLT_RAW:
    case LINK_DLT_RAW_OPENBSD:
    case LINK_PPP_HDLC:
    case LINK_PPP_ETHER:
    case LINK_RAW:
    case LINK_CISCO_HDLC:
    case LINK_IEEE802_11:
    case LINK_LOOP:
    case LINK_LINUX_SLL:
    case LINK_IEEE802_11_PRISM:
    case LINK_IEEE802_11_RADIOTAP:
    case LINK_IEEE802_11_AVS:
    case LINK_PPP_PPPD:
    case LINK_IPV4:
    case LINK_IPV6:
    case LINK_NFLOG:
    case LINK_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}

bool link_take(int link_type, struct slice *frame)
{
    switch (link_type) {
    case LINK_ETHERNET:
        return take_typed(frame, 14, 12);
    case LINK_LINUX_SLL:
        return take_typed(frame, 16, 14);
    case LINK_LINUX_SLL2:
        return take_typed(frame, 20, 0);
    case LINK_CISCO_HDLC:
        return take_typed(frame, 4, 2);
    case LINK_NULL: /* the address family, in whatever octet order: IP says its version itself */
    case LINK_LOOP:
        return take(frame, 4);
    case LINK_PPP:
    case LINK_PPP_HDLC:
        return take_ppp(frame);
    case LINK_PPP_ETHER: /* the head of PPPoE */
        return take(frame, 6) && take_ppp(frame);
    case LINK_PPP_PPPD: /* the direction stands where the address does */
        return take(frame, 2) && take_ppp(frame);
    case LINK_IEEE802_11:
        return take_wireless(frame);
    case LINK_IEEE802_11_PRISM:
    case LINK_IEEE802_11_RADIOTAP:
    case LINK_IEEE802_11_AVS:
        return take_radio(link_type, frame);
    case LINK_NFLOG:
        return take_nflog(frame);
    default:
        return true;
    }
}
