/* pages_capture.c - packets of IPv4: a capture, and tcpdump -X. */
#include "pages.h"

#define HEADERS 40 /* IPv4 and TCP without options */

/* What a packet says on the wire. */
struct segment {
    uint8_t octets[HEADERS + sizeof((struct packet *)0)->octets];
    size_t size;
};

static void put_number(uint8_t *at, uint64_t number, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        at[i] = (uint8_t)(number >> 8 * (octets - 1 - i));
}

/* Sequence numbers count from 1 on, after the SYN. */
static void make_segment(struct segment *segment, struct page *page, const struct packet *packet)
{
    uint8_t *octets = segment->octets;
    static const uint8_t hosts[2][4] = {{192, 0, 2, 7}, {192, 0, 2, 1}};
    segment->size = HEADERS + packet->size;
    memset(octets, 0, HEADERS);
    octets[0] = 0x45;
    put_number(octets + 2, segment->size, 2);
    octets[8] = 64; /* hops */
    octets[9] = 6;  /* TCP */
    memcpy(octets + 12, hosts[packet->server], 4);
    memcpy(octets + 16, hosts[!packet->server], 4);
    put_number(octets + 20, packet->server ? 25 : 1025, 2);
    put_number(octets + 22, packet->server ? 1025 : 25, 2);
    put_number(octets + 24, page->octets[packet->server] + 1, 4);
    put_number(octets + 28, page->octets[!packet->server] + 1, 4);
    octets[32] = 5 << 4; /* words of the header */
    octets[33] = 0x18;   /* PSH, ACK */
    octets[34] = 1;      /* window */
    memcpy(octets + HEADERS, packet->octets, packet->size);
}

static void put_little(FILE *out, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        putc((int)(number >> 8 * i & 0xff), out);
}

void write_pcap(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    struct segment segment;
    put_little(page->out, 0xa1b2c3d4u);
    put_little(page->out, 2 | 4 << 16); /* version */
    put_little(page->out, 0);
    put_little(page->out, 0);
    put_little(page->out, 65535);
    put_little(page->out, 101); /* raw IP */
    for (; packet_next(&packet, script); page->line++) {
        make_segment(&segment, page, &packet);
        put_little(page->out, (uint32_t)page->line); /* seconds */
        put_little(page->out, 0);
        put_little(page->out, (uint32_t)segment.size);
        put_little(page->out, (uint32_t)segment.size);
        fwrite(segment.octets, 1, segment.size, page->out);
        page_location(page, &packet, 0, packet.size);
        page->octets[packet.server] += packet.size;
    }
}

void write_tcpdump_x(struct page *page, const struct script *script)
{
    struct packet packet = {0};
    struct segment segment;
    while (packet_next(&packet, script)) {
        unsigned long long sent = page->octets[packet.server] + 1;
        make_segment(&segment, page, &packet);
        page_put(
            page,
            "10:00:00.000000 IP %s: Flags [P.], seq %llu:%llu, ack %llu, win 256, length %zu\n",
            packet.server ? "192.0.2.1.25 > 192.0.2.7.1025" : "192.0.2.7.1025 > 192.0.2.1.25", sent,
            sent + packet.size, (unsigned long long)page->octets[!packet.server] + 1, packet.size);
        for (size_t i = 0; i < segment.size; i++) {
            if (i % 16 == 0)
                page_put(page, "\t0x%04zx: ", i);
            if (i >= HEADERS)
                page_location(page, &packet, i - HEADERS, i - HEADERS + 1);
            page_put(page, "%s%02x", i % 2 == 0 ? " " : "", segment.octets[i]);
            if (i % 16 == 15 || i + 1 == segment.size)
                page_put(page, "  ................\n");
        }
        page->octets[packet.server] += packet.size;
    }
}
