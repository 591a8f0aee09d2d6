/* capture.c - knows captures by how they begin.
 */
#include "transcript/capture/capture.h"

#include "transcript/capture/frames.h"

/* In either order of octets; the second pair has times in nanoseconds, the third is that of an old
 * Linux. */
static const char *const pcap_magics[] = {"\xa1\xb2\xc3\xd4",
                                          "\xd4\xc3\xb2\xa1",
                                          "\xa1\xb2\x3c\x4d",
                                          "\x4d\x3c\xb2\xa1",
                                          "\xa1\xb2\xcd\x34",
                                          "\x34\xcd\xb2\xa1",
                                          NULL};
static const char *const pcapng_magics[] = {"\x0a\x0d\x0d\x0a", NULL};

const struct capture_kind pcap_capture = {pcap_magics};
const struct capture_kind pcapng_capture = {pcapng_magics};

/* A section header of pcapng repeats its length in an order that 1a2b3c4d tells; an empty line at the
 * head of a text does not. */
static bool is_section(struct slice head)
{
    return head.size >= 12 && (memcmp(head.data + 8, "\x1a\x2b\x3c\x4d", 4) == 0 ||
                               memcmp(head.data + 8, "\x4d\x3c\x2b\x1a", 4) == 0);
}

static bool has_magic(struct slice head, const struct capture_kind *kind)
{
    const char *const *magic = kind->magics;
    while (*magic && !slice_starts(head, (struct slice){*magic, 4}))
        magic++;
    return *magic != NULL;
}

bool capture_wants_library(struct slice head)
{
    return has_magic(head, &pcap_capture);
}

void capture_prepare(void)
{
    pcap_load();
}

static bool capture_is_sure(const struct format *format, struct slice head, struct fit *fit)
{
    const struct capture_kind *kind = format->detail;
    if (!has_magic(head, kind) || (kind == &pcapng_capture && !is_section(head)))
        return false;
    /* The lines inside it must not make it a text. */
    *fit = (struct fit){.commands = 1u << 20, .replies = 1u << 20};
    return true;
}

static struct fit capture_recognise(const struct format *format, struct slice head)
{
    struct fit fit = {0};
    capture_is_sure(format, head, &fit);
    return fit;
}

const struct format_family capture_family = {
    .recognise = capture_recognise,
    .is_sure = capture_is_sure,
    .read_all = capture_read_all,
    .ordered = true,
};
