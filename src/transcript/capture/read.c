/* read.c - reads a capture, frame by frame.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/catalogue.h"
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
        reader_remark(capture->reader, "the capture ends in the middle of frame %llu",
                      (unsigned long long)capture->reader->lines + 1);
    if (got == FRAMES_FAILED && capture->frames.message[0]) {
        char frame_name[40];
        snprintf(frame_name, sizeof frame_name, N_("frame %llu"),
                 (unsigned long long)capture->reader->lines + 1);
        snprintf(capture->reader->trouble, REMARK_MAX, "%s: %s", frame_name,
                 capture->frames.message);
    }
    errno = error;
    return got == FRAMES_FAILED ? -1 : 1;
}

/* Reports what could not be read, and why. */
static void remark(const struct capture *capture)
{
    const struct capture_count *count = &capture->smtp.count;
    reader_remark_count(
        capture->reader, capture->foreign,
        "%llu frame captured on a link of type %d, which is not known here: Ethernet, Linux "
        "cooked (v1, v2), PPP, 802.11, NFLOG, loopback and raw IP are",
        "%llu frames captured on a link of type %d, which is not known here: Ethernet, Linux "
        "cooked (v1, v2), PPP, 802.11, NFLOG, loopback and raw IP are",
        (unsigned long long)capture->foreign, capture->foreign_link);
    REMARK_COUNT(capture->reader, capture->fragments,
                 "%llu fragment of IP packets: skipped, what was in them counts as missing",
                 "%llu fragments of IP packets: skipped, what was in them counts as missing");
    REMARK_COUNT(capture->reader, capture->cut,
                 "%llu frame captured incompletely (tcpdump -s 0 captures all)",
                 "%llu frames captured incompletely (tcpdump -s 0 captures all)");
    reader_remark_count(
        capture->reader, count->holes,
        "%llu octets in %llu place are not in the capture; in %llu the session is not judged "
        "across it",
        "%llu octets in %llu places are not in the capture; in %llu the session is not judged "
        "across it",
        (unsigned long long)count->missing, (unsigned long long)count->holes,
        (unsigned long long)count->broken);
    REMARK_COUNT(capture->reader, count->starttls,
                 "%llu session in TLS after STARTTLS: not judged further",
                 "%llu sessions in TLS after STARTTLS: not judged further");
    REMARK_COUNT(capture->reader, count->tls,
                 "%llu connection in TLS from the first octet (smtps, or no mail): passed over",
                 "%llu connections in TLS from the first octet (smtps, or no mail): passed over");
    REMARK_COUNT(capture->reader, count->one_way,
                 "%llu connection of which only the client's side was captured: passed over",
                 "%llu connections of which only the client's side was captured: passed over");
    REMARK_COUNT(capture->reader, count->other,
                 "%llu connection without SMTP in what was captured: passed over",
                 "%llu connections without SMTP in what was captured: passed over");
    REMARK_COUNT(capture->reader, capture->tcp.given_up,
                 "%llu connection given up, because too much is open at a time",
                 "%llu connections given up, because too much is open at a time");
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
