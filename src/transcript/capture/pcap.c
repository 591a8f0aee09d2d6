/* pcap.c - reads the frames of a pcap file through libpcap, loaded when there is one.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>

#include "portable/stream.h"
#include "transcript/capture/frames.h"
#include "transcript/source/late_library.h"

#define STREAM_BUFFER ((size_t)256 << 10)

#define FUNCTIONS(X)      \
    X(pcap_fopen_offline) \
    X(pcap_next_ex)       \
    X(pcap_datalink)      \
    X(pcap_geterr)        \
    X(pcap_close)

static struct {
    FUNCTIONS(LATE_POINTER)
} lib;
static bool loaded;

static void load(void)
{
    static const char *const names[] = {FUNCTIONS(LATE_NAME)};
    loaded = late_library_load(LIBPCAP_SONAME, names, &lib, sizeof names / sizeof names[0]);
}

bool pcap_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return loaded;
}

/* libpcap reads from a stream; this makes one of the source, so that pipes and what libarchive
 * unpacks can be read like files. */
static ssize_t stream_read(void *cookie, char *room, size_t size)
{
    struct frames *frames = cookie;
    long got = source_read(frames->source, room, size);
    if (got < 0)
        frames->error = errno ? errno : EIO;
    return got;
}

static enum frames_next fail(struct frames *frames, const char *message)
{
    errno = frames->error;
    snprintf(frames->message, sizeof frames->message, "%s", frames->error ? "" : message);
    return FRAMES_FAILED;
}

static enum frames_next open_pcap(struct frames *frames)
{
    char message[PCAP_ERRBUF_SIZE] = "";
    if (!pcap_load())
        return fail(frames, LIBPCAP_SONAME " is not on this machine: install it, or make a pcapng "
                                           "file of this one: editcap -F pcapng IN OUT");
    FILE *stream = stream_open(frames, &(struct stream_functions){.read = stream_read});
    if (!stream)
        return FRAMES_NO_MEMORY;
    setvbuf(stream, NULL, _IOFBF, STREAM_BUFFER);
    frames->state = lib.pcap_fopen_offline(stream, message);
    if (frames->state)
        return FRAMES_ONE;
    fclose(stream);
    return fail(frames, message);
}

enum frames_next pcap_next_frame(struct frames *frames, struct frame *frame)
{
    struct pcap_pkthdr *header;
    const unsigned char *octets;
    enum frames_next opened = frames->state ? FRAMES_ONE : open_pcap(frames);
    if (opened != FRAMES_ONE)
        return opened;
    pcap_t *pcap = frames->state;
    int got = lib.pcap_next_ex(pcap, &header, &octets);
    if (got == 1) {
        *frame = (struct frame){lib.pcap_datalink(pcap), {(const char *)octets, header->caplen}};
        return FRAMES_ONE;
    }
    if (frames->error)
        return fail(frames, "");
    if (got == PCAP_ERROR_BREAK)
        return FRAMES_END;
    const char *message = lib.pcap_geterr(pcap);
    return strstr(message, "truncated") ? FRAMES_CUT : fail(frames, message);
}

void pcap_close_frames(struct frames *frames)
{
    if (frames->state)
        lib.pcap_close(frames->state);
    frames->state = NULL;
}
