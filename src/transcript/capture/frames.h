/* frames.h - the frames of a capture file, one by one: pcap through libpcap, pcapng by its blocks.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_FRAMES_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_FRAMES_H

#include "transcript/source/source.h"

enum frames_next {
    FRAMES_ONE,
    FRAMES_END,
    FRAMES_CUT,    /* the file ends in the middle of a frame */
    FRAMES_FAILED, /* `message` says why; where that is empty, errno does */
    FRAMES_NO_MEMORY
};

struct frame {
    int link;            /* the link type, see link.h */
    struct slice octets; /* valid until the next frame is read */
};

struct frames {
    struct source *source;
    char message[200];
    int error;   /* of the source: errno */
    void *state; /* the reader's own */
};

/* Loads libpcap, which a sandbox may not let in later. Returns false if it is not there: pcap_next_frame
 * will then say so. */
bool pcap_load(void);

/* What libpcap reads. The first call opens the file. pcap_absent.c stands in where libpcap is missing. */
enum frames_next pcap_next_frame(struct frames *frames, struct frame *frame);
void pcap_close_frames(struct frames *frames);

/* pcapng. libpcap refuses a file with interfaces of several link types or snapshot lengths, and does not
 * say which interface a frame came from; so this reads the blocks itself. */
enum frames_next pcapng_next_frame(struct frames *frames, struct frame *frame);
void pcapng_close_frames(struct frames *frames);

#endif
