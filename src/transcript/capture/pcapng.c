/* pcapng.c - the blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections, interfaces, packets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "transcript/capture/frames.h"

#define BLOCK_MAX      ((size_t)16 << 20)
#define INTERFACES_MAX ((size_t)65536)

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_OLD_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_PACKET = 6
};

struct interface {
    uint16_t link;
    uint32_t snap; /* 0: whole frames */
};

struct pcapng {
    bool big;                     /* the section's octet order */
    struct interface *interfaces; /* of the section */
    size_t interface_count, interface_room;
    char *block; /* the block that is being read, without type and lengths */
    size_t room;
};

static uint32_t number(const struct pcapng *pcapng, const char *octets, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)octets[pcapng->big ? i : size - 1 - i];
    return value;
}

/* Reads that many octets. Returns how many came; less at the end of the file and on an error. */
static size_t read_octets(struct frames *frames, char *room, size_t size)
{
    size_t had = 0;
    while (had < size) {
        long got = source_read(frames->source, room + had, size - had);
        if (got < 0)
            frames->error = errno ? errno : EIO;
        if (got <= 0)
            break;
        had += (size_t)got;
    }
    return had;
}

static enum frames_next fail(struct frames *frames, const char *message)
{
    errno = frames->error;
    snprintf(frames->message, sizeof frames->message, "%s", frames->error ? "" : message);
    return FRAMES_FAILED;
}

/* Reads what follows a block's head. */
static enum frames_next read_block(struct frames *frames, size_t size)
{
    struct pcapng *pcapng = frames->state;
    if (size > pcapng->room) {
        char *larger = realloc(pcapng->block, size);
        if (!larger)
            return FRAMES_NO_MEMORY;
        pcapng->block = larger;
        pcapng->room = size;
    }
    if (read_octets(frames, pcapng->block, size) == size)
        return FRAMES_ONE;
    return frames->error ? fail(frames, "") : FRAMES_CUT;
}

/* A section has its own octet order and interfaces. The order is known by the number after the length,
 * which is put back into the block. */
static bool begin_section(struct frames *frames, char order[4])
{
    struct pcapng *pcapng = frames->state;
    if (read_octets(frames, order, 4) < 4)
        return false;
    pcapng->big = memcmp(order, "\x1a\x2b\x3c\x4d", 4) == 0;
    pcapng->interface_count = 0;
    return pcapng->big || memcmp(order, "\x4d\x3c\x2b\x1a", 4) == 0;
}

static enum frames_next add_interface(struct frames *frames, struct slice body)
{
    struct pcapng *pcapng = frames->state;
    if (body.size < 8 || pcapng->interface_count >= INTERFACES_MAX)
        return fail(frames, N_("a damaged interface block"));
    if (pcapng->interface_count == pcapng->interface_room) {
        size_t room = pcapng->interface_room ? pcapng->interface_room * 2 : 8;
        struct interface *larger = realloc(pcapng->interfaces, room * sizeof *larger);
        if (!larger)
            return FRAMES_NO_MEMORY;
        pcapng->interfaces = larger;
        pcapng->interface_room = room;
    }
    pcapng->interfaces[pcapng->interface_count++] = (struct interface){
        (uint16_t)number(pcapng, body.data, 2), number(pcapng, body.data + 4, 4)};
    return FRAMES_ONE;
}

/* A packet of that interface, `size` octets of which stand at `at` in the block. */
static enum frames_next give_packet(struct frames *frames, struct slice body, size_t interface,
                                    size_t at, size_t size, struct frame *frame)
{
    const struct pcapng *pcapng = frames->state;
    if (interface >= pcapng->interface_count || at > body.size || size > body.size - at)
        return fail(frames, N_("a damaged packet block"));
    *frame =
        (struct frame){pcapng->interfaces[interface].link, slice_head(slice_after(body, at), size)};
    return FRAMES_ONE;
}

/* Takes a packet out of its block. */
static enum frames_next take_packet(struct frames *frames, uint32_t type, struct slice body,
                                    struct frame *frame)
{
    const struct pcapng *pcapng = frames->state;
    size_t head = type == BLOCK_SIMPLE_PACKET ? 4 : 20;
    if (body.size < head)
        return fail(frames, N_("a damaged packet block"));
    if (type != BLOCK_SIMPLE_PACKET) {
        size_t width = type == BLOCK_PACKET ? 4 : 2;
        return give_packet(frames, body, number(pcapng, body.data, width), head,
                           number(pcapng, body.data + 12, 4), frame);
    }
    /* The size is not said: that of the frame, or as much as the interface captures. */
    size_t size = number(pcapng, body.data, 4);
    size_t snap = pcapng->interface_count > 0 ? pcapng->interfaces[0].snap : 0;
    return give_packet(frames, body, 0, head, snap > 0 && snap < size ? snap : size, frame);
}

static bool is_packet(uint32_t type)
{
    return type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_OLD_PACKET;
}

/* Reads one block; *frame is set, and *got is true, if it was a packet. */
static enum frames_next next_block(struct frames *frames, struct frame *frame, bool *got)
{
    struct pcapng *pcapng = frames->state;
    char head[12];
    size_t had = read_octets(frames, head, 8), known = 8;
    if (had < 8)
        return frames->error ? fail(frames, "") : had == 0 ? FRAMES_END : FRAMES_CUT;
    uint32_t type = number(pcapng, head, 4);
    if (type == BLOCK_SECTION) { /* the same in both orders */
        if (!begin_section(frames, head + 8))
            return frames->error ? fail(frames, "") : fail(frames, N_("a damaged section block"));
        known = 12;
    }
    size_t size = number(pcapng, head + 4, 4);
    if (size < known + 4 || size > BLOCK_MAX || size % 4 != 0)
        return fail(frames, N_("a block of a length that cannot be"));
    enum frames_next done = read_block(frames, size - known);
    if (done != FRAMES_ONE)
        return done;
    struct slice body = {pcapng->block, size - known - 4}; /* the length again is at its end */
    *got = is_packet(type);
    if (type == BLOCK_INTERFACE)
        return add_interface(frames, body);
    return *got ? take_packet(frames, type, body, frame) : FRAMES_ONE;
}

enum frames_next pcapng_next_frame(struct frames *frames, struct frame *frame)
{
    if (!frames->state && !(frames->state = calloc(1, sizeof(struct pcapng))))
        return FRAMES_NO_MEMORY;
    enum frames_next done = FRAMES_ONE;
    bool got = false;
    while (done == FRAMES_ONE && !got)
        done = next_block(frames, frame, &got);
    return done;
}

void pcapng_close_frames(struct frames *frames)
{
    struct pcapng *pcapng = frames->state;
    if (!pcapng)
        return;
    free(pcapng->interfaces);
    free(pcapng->block);
    free(pcapng);
    frames->state = NULL;
}
