/* read.c - reads the frames of a capture through libpcap.
 */
#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "base/plural.h"
#include "transcript/capture/capture.h"
#include "transcript/capture/smtp.h"

#define STREAM_BUFFER ((size_t)256 << 10)

/* A capture under reading. */
struct capture {
    struct reader *reader;
    struct source *source;
    pcap_t *pcap;
    int source_error; /* errno of the source */
    struct tcp tcp;
    struct capture_smtp smtp;
    uint64_t fragments, cut;
};

/* libpcap reads from a stream; this makes one of the source, so that pipes and what libarchive
 * unpacks can be read like files. */
static ssize_t stream_read(void *cookie, char *room, size_t size)
{
    struct capture *capture = cookie;
    long got = source_read(capture->source, room, size);
    if (got < 0)
        capture->source_error = errno ? errno : EIO;
    return got;
}

/* What libpcap says; a trouble of the source instead, where that is the cause. */
static int fail(struct capture *capture, const char *message)
{
    if (capture->source_error)
        errno = capture->source_error;
    else
        snprintf(capture->reader->trouble, REMARK_MAX, "frame %" PRIu64 ": %s",
                 capture->reader->lines + 1, message);
    return -1;
}

static int open_capture(struct capture *capture)
{
    char message[PCAP_ERRBUF_SIZE] = "";
    FILE *stream = fopencookie(capture, "r", (cookie_io_functions_t){.read = stream_read});
    if (!stream)
        return 0;
    setvbuf(stream, NULL, _IOFBF, STREAM_BUFFER);
    capture->pcap = pcap_fopen_offline(stream, message);
    if (!capture->pcap) {
        fclose(stream);
        return fail(capture, message);
    }
    int link_type = pcap_datalink(capture->pcap);
    if (packet_link_known(link_type))
        return 1;
    const char *name = pcap_datalink_val_to_name(link_type);
    snprintf(capture->reader->trouble, REMARK_MAX,
             "captured on a link of type %s (%d), which is not known here: Ethernet, Linux cooked "
             "(v1, v2), loopback and raw IP are",
             name ? name : "unknown", link_type);
    return -1;
}

static bool take_frame(struct capture *capture, const struct pcap_pkthdr *header,
                       const unsigned char *octets)
{
    struct segment segment;
    struct slice frame = {(const char *)octets, header->caplen};
    switch (packet_read(pcap_datalink(capture->pcap), frame, &segment)) {
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

static int read_frames(struct capture *capture)
{
    struct pcap_pkthdr *header;
    const unsigned char *octets;
    int got;
    while ((got = pcap_next_ex(capture->pcap, &header, &octets)) == 1) {
        capture->reader->lines++;
        if (!take_frame(capture, header, octets))
            return 0;
    }
    if (!tcp_finish(&capture->tcp))
        return 0;
    if (got == PCAP_ERROR_BREAK && !capture->source_error)
        return 1;
    const char *message = pcap_geterr(capture->pcap);
    if (capture->source_error || !strstr(message, "truncated"))
        return fail(capture, message);
    /* So is every capture that is still being written. */
    reader_remark(capture->reader, "the capture ends in the middle of frame %" PRIu64,
                  capture->reader->lines + 1);
    return 1;
}

/* Says a count that is not zero. */
#define REMARK_COUNT(capture, number, text)                                              \
    do {                                                                                 \
        if ((number) > 0)                                                                \
            reader_remark((capture)->reader, "%" PRIu64 text, (number), plural(number)); \
    } while (0)

/* Says what could not be read, and why. */
static void remark(const struct capture *capture)
{
    const struct capture_count *count = &capture->smtp.count;
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
    struct capture capture = {.reader = reader, .source = source};
    capture.smtp = (struct capture_smtp){.tcp = &capture.tcp, .sink = reader->sink};
    struct tcp_receiver receiver = capture_smtp_receiver(&capture.smtp);
    int done = open_capture(&capture);
    if (done > 0) {
        done = tcp_open(&capture.tcp, &receiver) ? read_frames(&capture) : 0;
        int error = errno;
        remark(&capture);
        tcp_close(&capture.tcp);
        errno = error;
    }
    if (capture.pcap)
        pcap_close(capture.pcap);
    return done;
}
