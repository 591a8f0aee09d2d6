/* pcap_absent.c - a build without libpcap says so.
 */
#include <stdio.h>

#include "base/catalogue.h"
#include "transcript/capture/frames.h"

bool pcap_load(void)
{
    return false;
}

enum frames_next pcap_next_frame(struct frames *frames, struct frame *frame)
{
    (void)frame;
    snprintf(
        frames->message, sizeof frames->message,
        N_("this smtpseq was built without libpcap and cannot read pcap files: build it again with "
           "libpcap's header files (Debian: libpcap-dev), or make a pcapng file of it: editcap -F "
           "pcapng IN OUT"));
    return FRAMES_FAILED;
}

void pcap_close_frames(struct frames *frames)
{
    (void)frames;
}
