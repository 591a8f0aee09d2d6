/* fuzz_packets.c - packets made up from octets: every link type, tunnels, and what networks do to TCP.
 *
 * Mutated captures are mostly damaged ones; here every frame has good heads, so that all that is odd is in
 * the packets and in what they carry. The same frames as pcapng in both octet orders and as pcap are the
 * same recording. Where nothing is lost or sent again, one octet in each packet says the same as well.
 */
#include "target.h"
#include "transcript/capture/link.h"
#include "transcript/recognise/recognise.h"

#define PACKETS_MAX 64
#define PAYLOAD_MAX 128
#define HEAD_MAX    256

struct packet {
    bool server;
    uint8_t flags;
    uint32_t number;
    size_t size;
    char payload[PAYLOAD_MAX];
};

struct traffic {
    struct packet packets[PACKETS_MAX];
    size_t count;
    uint32_t sent[2];
    bool
        disturbed; /* something is lost or was sent again, or a packet ends in the middle of a line */
    bool begins;   /* so that nobody need find out by what a packet begins with who is who */
    unsigned link;
    bool ipv6;
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct feed {
    const uint8_t *data;
    size_t size;
};

static unsigned feed_next(struct feed *feed)
{
    if (feed->size == 0)
        return 0;
    feed->size--;
    return *feed->data++;
}

static void send(struct traffic *traffic, bool server, uint8_t flags, struct slice payload)
{
    if (traffic->count == PACKETS_MAX)
        return;
    struct packet *packet = &traffic->packets[traffic->count++];
    *packet = (struct packet){.server = server, .flags = flags, .number = traffic->sent[server]};
    packet->size = payload.size < PAYLOAD_MAX ? payload.size : PAYLOAD_MAX;
    if (packet->size > 0)
        memcpy(packet->payload, payload.data, packet->size);
    traffic->disturbed = traffic->disturbed || !slice_ends(payload, SLICE("\n"));
    traffic->sent[server] += (uint32_t)packet->size + ((flags & (SYN | FIN)) != 0);
}

#define OCTETS(text)          \
    {                         \
        text, sizeof text - 1 \
    }

/* What stands before SMTP: whose each message is, and the messages. */
static const struct {
    const char *sides;
    struct slice messages[6];
} tunnels[] = {
    {"", {{0}}},
    {"CSCS",
     {OCTETS("\x05\x01\0"), OCTETS("\x05\0"), OCTETS("\x05\x01\0\x03\x02mx\0\x19"),
      OCTETS("\x05\0\0\x01\0\0\0\0\0\0")}},
    {"CSCSCS",
     {OCTETS("\x05\x02\0\x02"), OCTETS("\x05\x02"), OCTETS("\x01\x01u\x01p"), OCTETS("\x01\0"),
      OCTETS("\x05\x01\0\x01\x7f\0\0\x01\0\x19"), OCTETS("\x05\0\0\x01\0\0\0\0\0\0")}},
    {"CS", {OCTETS("\x04\x01\0\x19\0\0\0\x01u\0mx\0"), OCTETS("\0\x5a\0\0\0\0\0\0")}},
    {"CS",
     {OCTETS("CONNECT mx:25 HTTP/1.1\r\nHost: mx\r\n\r\n"), OCTETS("HTTP/1.1 200 ok\r\n\r\n")}},
    {"C",
     {OCTETS("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\0\x19\0\x19")}},
    {"C", {OCTETS("PROXY TCP4 192.0.2.7 192.0.2.1 1025 25\r\n")}},
};

static const struct slice said[2][16] = {
    {OCTETS("EHLO a.example\r\n"), OCTETS("MAIL FROM:<a@b>\r\n"), OCTETS("RCPT TO:<c@d>\r\n"),
     OCTETS("DATA\r\n"), OCTETS("a\r\n.\r\n"), OCTETS("QUIT\r\n"), OCTETS("STARTTLS\r\n"),
     OCTETS("AUTH LOGIN\r\n"), OCTETS("YWxpY2U=\r\n"), OCTETS("BDAT 5\r\nabcde"),
     OCTETS("BDAT 0 LAST\r\n"), OCTETS("RSET\r\nMAIL FROM:<>\r\n"),
     OCTETS("\x16\x03\x01\0\x02\x01\0"), OCTETS("GET / HTTP/1.1\r\n\r\n"), OCTETS("\r\n.\r"),
     OCTETS("NOOP")},
    {OCTETS("220 mx ESMTP\r\n"), OCTETS("250-mx\r\n250 CHUNKING\r\n"), OCTETS("250 Ok\r\n"),
     OCTETS("354 go\r\n"), OCTETS("221 bye\r\n"), OCTETS("503 no\r\n"), OCTETS("220 go\r\n"),
     OCTETS("334 VXNlcm5hbWU6\r\n"), OCTETS("235 ok\r\n"), OCTETS("250-mx\r\n250-"),
     OCTETS("STARTTLS\r\n250 AUTH LOGIN\r\n"), OCTETS("421 late\r\n"),
     OCTETS("\x16\x03\x03\0\x02\x02\0"), OCTETS("554 no\r\n"), OCTETS("2"), OCTETS("50 Ok\r\n")},
};

/* What a network does, or a connection that begins or ends. */
static void disturb(struct traffic *traffic, bool server, unsigned how)
{
    struct packet *last = traffic->count > 0 ? &traffic->packets[traffic->count - 1] : NULL;
    traffic->disturbed = true;
    if (how % 8 == 0 && traffic->count < PACKETS_MAX && last)
        traffic->packets[traffic->count++] = *last; /* sent again */
    else if (how % 8 == 1 && last)
        last->number -= how >> 3; /* overlaps what was sent */
    else if (how % 8 == 2)
        traffic->sent[server] += how >> 3; /* a hole */
    else if (how % 8 == 3 && traffic->count > 1) {
        struct packet other = last[-1]; /* out of order */
        last[-1] = *last;
        *last = other;
    } else if (how % 8 == 4)
        send(traffic, server, FIN | ACK, SLICE(""));
    else if (how % 8 == 5)
        send(traffic, server, RST, SLICE(""));
    else if (how % 8 == 6)
        send(traffic, server, SYN, SLICE(""));
    else
        traffic->sent[server] = how << 28; /* numbers that pass the end of 32 bits */
}

static void make_traffic(struct traffic *traffic, struct feed *feed)
{
    *traffic = (struct traffic){.link = feed_next(feed)};
    unsigned choice = feed_next(feed);
    size_t tunnel = choice % (sizeof tunnels / sizeof tunnels[0]);
    traffic->ipv6 = choice & 0x80;
    traffic->begins = choice & 0x40;
    if (traffic->begins) {
        send(traffic, false, SYN, SLICE(""));
        send(traffic, true, SYN | ACK, SLICE(""));
    }
    for (size_t i = 0; tunnels[tunnel].sides[i]; i++)
        send(traffic, tunnels[tunnel].sides[i] == 'S', PSH | ACK, tunnels[tunnel].messages[i]);
    traffic->disturbed = false;
    while (feed->size > 0 && traffic->count < PACKETS_MAX) {
        unsigned what = feed_next(feed);
        bool server = what & 1, calm = choice & 0x20;
        if (calm) {
            if (slice_ends(said[server][what >> 4], SLICE("\n")))
                send(traffic, server, PSH | ACK, said[server][what >> 4]);
        } else if ((what >> 1 & 7) == 7) {
            disturb(traffic, server, feed_next(feed));
        } else if ((what >> 1 & 7) == 6) {
            size_t size = feed_next(feed) % PAYLOAD_MAX;
            size = size < feed->size ? size : feed->size;
            send(traffic, server, PSH | ACK, (struct slice){(const char *)feed->data, size});
            *feed = (struct feed){feed->data + size, feed->size - size};
        } else {
            send(traffic, server, PSH | ACK, said[server][what >> 4]);
        }
    }
}

/* Link types, and what stands before IP in each; %: the EtherType or the protocol of PPP. */
static const struct {
    int type;
    struct slice ipv4, ipv6;
} links[] = {
    {LINK_RAW, {0}, {0}},
    {LINK_NULL, {"\x02\0\0\0", 4}, {"\x1e\0\0\0", 4}},
    {LINK_ETHERNET, {"abcdefghijkl\x08\0", 14}, {"abcdefghijkl\x86\xdd", 14}},
    {LINK_ETHERNET,
     {"abcdefghijkl\x81\0\0\x01\x08\0", 18},
     {"abcdefghijkl\x88\xa8\0\x01\x81\0\0\x02\x86\xdd", 22}},
    {LINK_ETHERNET,
     {"abcdefghijkl\x88\x64\x11\0\0\x01\0\0\0\x21", 22},
     {"abcdefghijkl\x88\x64\x11\0\0\x01\0\0\0\x57", 22}},
    {LINK_PPP, {"\xff\x03\0\x21", 4}, {"\x57", 1}},
    {LINK_PPP_HDLC, {"\xff\x03\0\x21", 4}, {"\xff\x03\0\x57", 4}},
    {LINK_PPP_ETHER, {"\x11\0\0\x01\0\0\0\x21", 8}, {"\x11\0\0\x01\0\0\0\x57", 8}},
    {LINK_PPP_PPPD, {"\0\x03\0\x21", 4}, {"\x01\x03\0\x57", 4}},
    {LINK_CISCO_HDLC, {"\x0f\0\x08\0", 4}, {"\x0f\0\x86\xdd", 4}},
    {LINK_LOOP, {"\0\0\0\x02", 4}, {"\0\0\0\x1e", 4}},
    {LINK_LINUX_SLL,
     {"\0\0\0\x01\0\x06"
      "abcdefgh\x08\0",
      16},
     {"\0\0\0\x01\0\x06"
      "abcdefgh\x86\xdd",
      16}},
    {LINK_LINUX_SLL2,
     {"\x08\0abcdefghijklmnopqr", 20},
     {"\x86\xdd"
      "abcdefghijklmnopqr",
      20}},
    {LINK_IEEE802_11,
     {"\x08\0abcdefghijklmnopqrstuv\xaa\xaa\x03\0\0\0\x08\0", 32},
     {"\x88\x03"
      "abcdefghijklmnopqrstuvwxyzab\0\0\xaa\xaa\x03\0\0\0\x86\xdd",
      40}},
    {LINK_IEEE802_11_RADIOTAP,
     {"\0\0\x08\0\0\0\0\0\x08\0abcdefghijklmnopqrstuv\xaa\xaa\x03\0\0\0\x08\0", 40},
     {"\0\0\x08\0\0\0\0\0\x08\0abcdefghijklmnopqrstuv\xaa\xaa\x03\0\0\0\x86\xdd", 40}},
    {LINK_IEEE802_11_AVS,
     {"\x80\x21\x10\x01\0\0\0\x08\x08\0abcdefghijklmnopqrstuv\xaa\xaa\x03\0\0\0\x08\0", 40},
     {"\x80\x21\x10\x01\0\0\0\x08\x08\0abcdefghijklmnopqrstuv\xaa\xaa\x03\0\0\0\x86\xdd", 40}},
    {LINK_NFLOG, {"\x02\0\0\0", 4}, {"\x0a\0\0\0", 4}},
    {LINK_IPV4, {0}, {0}},
};

static void put_big(uint8_t *at, uint64_t number, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        at[i] = (uint8_t)(number >> 8 * (octets - 1 - i));
}

/* IP and TCP. Returns the size of both heads. */
static size_t put_heads(uint8_t *at, const struct packet *packet, bool ipv6, size_t payload)
{
    size_t ip = ipv6 ? 40 : 20;
    memset(at, 0, ip + 20);
    if (ipv6) {
        at[0] = 0x60;
        put_big(at + 4, 20 + payload, 2);
        at[6] = 6;
        at[8 + packet->server] = at[24 + !packet->server] = 1;
    } else {
        at[0] = 0x45;
        put_big(at + 2, 40 + payload, 2);
        at[9] = 6;
        at[12 + packet->server] = at[16 + !packet->server] = 1;
    }
    put_big(at + ip, packet->server ? 25 : 1025, 2);
    put_big(at + ip + 2, packet->server ? 1025 : 25, 2);
    put_big(at + ip + 4, packet->number, 4);
    at[ip + 12] = 5 << 4;
    at[ip + 13] = packet->flags;
    return ip + 20;
}

enum container { PCAPNG_LITTLE, PCAPNG_BIG, PCAP, CONTAINERS };

static void put_number(FILE *out, bool big, uint32_t number, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        putc((int)(number >> 8 * (big ? octets - 1 - i : i) & 0xff), out);
}

static void put_head(FILE *out, enum container container, int link)
{
    bool big = container == PCAPNG_BIG;
    if (container == PCAP) {
        const uint32_t words[] = {0xa1b2c3d4u, 2 | 4 << 16, 0, 0, 65535, (uint32_t)link};
        for (size_t i = 0; i < 6; i++)
            put_number(out, false, words[i], 4);
        return;
    }
    const uint32_t words[] = {0x0a0d0d0au, 28, 0x1a2b3c4du};
    for (size_t i = 0; i < 3; i++)
        put_number(out, big, words[i], 4);
    put_number(out, big, 1, 2);
    put_number(out, big, 0, 2);
    for (size_t i = 0; i < 8; i++)
        putc(0xff, out);
    put_number(out, big, 28, 4);
    const uint32_t interface[] = {1, 20, 0, 0, 20};
    for (size_t i = 0; i < 5; i++)
        if (i == 2) {
            put_number(out, big, (uint32_t)link, 2);
            put_number(out, big, 0, 2);
        } else {
            put_number(out, big, interface[i], 4);
        }
}

static void put_frame(FILE *out, enum container container, const uint8_t *frame, size_t size)
{
    bool big = container == PCAPNG_BIG;
    uint32_t padded = (uint32_t)(size + 3) / 4 * 4;
    const uint32_t before[] = {6, 32 + padded, 0, 0, 0, (uint32_t)size, (uint32_t)size};
    size_t first = container == PCAP ? 3 : 0; /* there the time and the sizes alone */
    for (size_t i = first; i < 7; i++)
        put_number(out, big, before[i], 4);
    fwrite(frame, 1, size, out);
    for (size_t i = size; i < padded && container != PCAP; i++)
        putc(0, out);
    if (container != PCAP)
        put_number(out, big, 32 + padded, 4);
}

/* Part of a packet in a frame. */
static void put_packet(FILE *out, enum container container, const struct traffic *traffic,
                       const struct packet *packet, size_t from, size_t size)
{
    uint8_t frame[HEAD_MAX + PAYLOAD_MAX];
    size_t link = traffic->link % (sizeof links / sizeof links[0]);
    bool ipv6 = traffic->ipv6 && links[link].type != LINK_IPV4;
    struct slice head = ipv6 ? links[link].ipv6 : links[link].ipv4;
    struct packet part = *packet;
    size_t at = head.size, heads = ipv6 ? 60 : 40;
    if (at > 0)
        memcpy(frame, head.data, at);
    if (links[link].type == LINK_NFLOG) {
        uint8_t attribute[4] = {(uint8_t)(4 + heads + size), (uint8_t)((4 + heads + size) >> 8), 9,
                                0};
        memcpy(frame + at, attribute, 4);
        at += 4;
    }
    part.number += (uint32_t)from;
    at += put_heads(frame + at, &part, ipv6, size);
    if (size > 0)
        memcpy(frame + at, packet->payload + from, size);
    put_frame(out, container, frame, at + size);
}

/* What is found, without where. */
struct sum {
    uint64_t exchanges, findings, lines;
};

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct sum *sum = context;
    sum->exchanges = (sum->exchanges ^ (uint64_t)exchange->command ^ session << 8 ^
                      (uint64_t)verdict->next << 16 ^ (uint64_t)exchange->reply_count << 24) *
                     UINT64_C(0x100000001b3);
    sum->lines = sum->lines * 31 + exchange->location.line;
}

static void on_finding(void *context, const struct finding *finding)
{
    struct sum *sum = context;
    sum->findings = sum->findings * 31 + (uint64_t)(finding->rule - smtpseq_rules);
    sum->lines = sum->lines * 31 + finding->line;
}

/* `pieces`: each octet in a packet of its own. */
static struct sum check(const struct traffic *traffic, enum container container, bool pieces)
{
    struct sum sum = {0};
    char *text = NULL;
    size_t size = 0, link = traffic->link % (sizeof links / sizeof links[0]);
    FILE *out = open_memstream(&text, &size);
    demand(out);
    put_head(out, container, links[link].type);
    for (size_t i = 0; i < traffic->count; i++) {
        const struct packet *packet = &traffic->packets[i];
        size_t step = pieces && packet->size > 0 ? 1 : packet->size;
        for (size_t at = 0; at < packet->size || at == 0; at += step > 0 ? step : 1)
            put_packet(out, container, traffic, packet, at, step);
    }
    demand(fclose(out) == 0);
    struct octets_origin octets = {{text, size}, SIZE_MAX};
    struct source *source = fuzz_source(&octets);
    struct smtpseq_callbacks callbacks = {
        .context = &sum, .exchange = on_exchange, .finding = on_finding};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    struct smtpseq_recording recording;
    demand(checker);
    const struct format *format = format_by_name(container == PCAP ? "pcap" : "pcapng");
    demand(smtpseq_check(checker, source, format, &recording) != SMTPSEQ_NO_MEMORY);
    smtpseq_checker_free(checker);
    source_close(source);
    free(text);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct traffic traffic;
    struct feed feed = {data, size};
    make_traffic(&traffic, &feed);
    struct sum little = check(&traffic, PCAPNG_LITTLE, false);
    struct sum big = check(&traffic, PCAPNG_BIG, false);
    demand(memcmp(&little, &big, sizeof little) == 0);
#ifdef WITH_LIBPCAP
    struct sum pcap = check(&traffic, PCAP, false);
    demand(memcmp(&little, &pcap, sizeof little) == 0);
#endif
    if (traffic.begins && !traffic.disturbed) {
        struct sum pieces = check(&traffic, PCAPNG_LITTLE, true);
        demand(pieces.exchanges == little.exchanges); /* findings of one frame are folded */
    }
    return 0;
}
