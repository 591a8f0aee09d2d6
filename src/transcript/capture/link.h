/* link.h - takes the heads of the link layer off a frame.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_LINK_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_LINK_H

#include "base/slice.h"

/* Link types as files of captures number them (LINKTYPE_... of tcpdump.org). libpcap's own numbers
 * (DLT_...) are the same, except that raw IP is 12 or 14 as well. */
enum link {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_DLT_RAW = 12,
    LINK_DLT_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPP_ETHER = 51,
    LINK_RAW = 101,
    LINK_CISCO_HDLC = 104,
    LINK_IEEE802_11 = 105,
    LINK_LOOP = 108,
    LINK_LINUX_SLL = 113,
    LINK_IEEE802_11_PRISM = 119,
    LINK_IEEE802_11_RADIOTAP = 127,
    LINK_IEEE802_11_AVS = 163,
    LINK_PPP_PPPD = 166,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_LINUX_SLL2 = 276
};

/* Returns true if frames of that link type can be read. */
bool link_known(int link_type);

/* Takes the head off *frame. Returns true if IP is what follows. */
bool link_take(int link_type, struct slice *frame);

#endif
