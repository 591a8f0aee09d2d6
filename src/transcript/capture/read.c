/* read.c - reads a capture, frame by frame.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/plural.h"
#include "transcript/capture/capture.h"
#include "transcript/capture/frames.h"
#include "transcript/capture/link.h"
#include "transcript/capture/smtp.h"

/* A capture under reading. */
struct capture {
    struct reader *reader;
    struct frames frames;
    struct tcp tcp;
    struct capture_smtp smtp;
    uint64_t fragments, cut;
    uint64_t foreign; /* frames of a link type that is not known here ... */
    int foreign_link; /* ... this one */
};

/* Takes a frame. Returns false when out of memory. */
static bool take_frame(struct capture *capture, const struct frame *frame)
{
    struct segment segment;
    if (!link_known(frame->link)) {
        capture->foreign++;
        capture->foreign_link = frame->link;
        return true;
    }
    switch (packet_read(frame->link, frame->octets, &segment)) {
    case PACKET_TCP:
        capture->cut += segment.cut > 0;
        return tcp_take(&capture->tcp, &segment, capture->reader->lines);
    case PACKET_FRAGMENT:
        capture->fragments++;
        return true;
    case PACKET_CUT:
        capture->cut++;
        return true;
    case PACKET_OTHER:
        return true;
    }
    return true;
}

static int read_frames(struct capture *capture,
                       enum frames_next (*next)(struct frames *frames, struct frame *frame))
{
    struct frame frame;
    enum frames_next got;
    while ((got = next(&capture->frames, &frame)) == FRAMES_ONE) {
        capture->reader->lines++;
        if (!take_frame(capture, &frame))
            return 0;
    }
    int error = errno;
    if (!tcp_finish(&capture->tcp) || got == FRAMES_NO_MEMORY)
        return 0;
    if (got == FRAMES_CUT) /* so is every capture that is still being written */
        reader_remark(capture->reader, "the capture ends in the middle of frame %" PRIu64,
                      capture->reader->lines + 1);
    if (got == FRAMES_FAILED && capture->frames.message[0])
        snprintf(capture->reader->trouble, REMARK_MAX, "frame %" PRIu64 ": %s",
                 capture->reader->lines + 1, capture->frames.message);
    errno = error;
    return got == FRAMES_FAILED ? -1 : 1;
}

/* Reports a count that is not zero. */
#define REMARK_COUNT(capture, number, text)                                              \
    do {                                                                                 \
        if ((number) > 0)                                                                \
            reader_remark((capture)->reader, "%" PRIu64 text, (number), plural(number)); \
    } while (0)

/* Reports what could not be read, and why. */
static void remark(const struct capture *capture)
{
    const struct capture_count *count = &capture->smtp.count;
    if (capture->foreign > 0)
        reader_remark(
            capture->reader,
            "%" PRIu64 " frame%s captured on a link of type %d, which is not known here: "
            "Ethernet, Linux cooked (v1, v2), PPP, 802.11, NFLOG, loopback and raw IP are",
            capture->foreign, plural(capture->foreign), capture->foreign_link);
    REMARK_COUNT(capture, capture->fragments,
                 " fragment%s of IP packets: skipped, what was in them counts as missing");
    REMARK_COUNT(capture, capture->cut,
                 " frame%s captured incompletely (tcpdump -s 0 captures all)");
    if (count->holes > 0)
        reader_remark(capture->reader,
                      "%" PRIu64 " octets in %" PRIu64
                      " place%s are not in the capture; in %" PRIu64
                      " the session is not judged across it",
                      count->missing, count->holes, plural(count->holes), count->broken);
    REMARK_COUNT(capture, count->starttls, " session%s in TLS after STARTTLS: not judged further");
    REMARK_COUNT(capture, count->tls,
                 " connection%s in TLS from the first octet (smtps, or no mail): passed over");
    REMARK_COUNT(capture, count->one_way,
                 " connection%s of which only the client's side was captured: passed over");
    REMARK_COUNT(capture, count->other,
                 " connection%s without SMTP in what was captured: passed over");
    REMARK_COUNT(capture, capture->tcp.given_up,
                 " connection%s given up, because too much is open at a time");
}

int capture_read_all(struct reader *reader, struct source *source)
{
    struct capture capture = {.reader = reader, .frames.source = source};
    capture.smtp = (struct capture_smtp){.tcp = &capture.tcp, .sink = reader->sink};
    struct tcp_receiver receiver = capture_smtp_receiver(&capture.smtp);
    bool blocks = slice_starts(source_head(source), SLICE("\n\r\r\n"));
    int done = 0;
    if (tcp_open(&capture.tcp, &receiver))
        done = read_frames(&capture, blocks ? pcapng_next_frame : pcap_next_frame);
    int error = errno;
    remark(&capture);
    tcp_close(&capture.tcp);
    (blocks ? pcapng_close_frames : pcap_close_frames)(&capture.frames);
    errno = error;
    return done;
}
