/* tcpdump.c - tcpdump -A (text) and -X, -XX (hex), with any of -n -t -tttt -v -e -S.
 *
 *     14:21:05.369077 IP 127.0.0.1.12600 > 127.0.0.1.45938: Flags [P.], seq 1:36, ack 1, ...
 *     E..W^.@.@...........18.r\.".-Y.3...@.K.....
 *     ..).....220 mx.example.com ESMTP scripted
 *
 * With -v the addresses stand in a second line of the heading. In the text the CR of a CRLF is left
 * out, so octets cannot be counted from the end: what precedes the payload is counted from the IP
 * header on, with the options that the heading lists. The headers may have a CRLF in them as well;
 * then the payload begins an octet earlier, and what it says decides.
 */
#include "smtp/look.h"
#include "transcript/dumps/dump.h"

enum { TCPDUMP_TEXT, TCPDUMP_HEX };

/* The most of a packet that is kept to read its headers: IP and TCP at their longest, and what may
 * stand before them. */
#define PACKET_MAX ((size_t)65600)

/* CRLFs in the headers of a packet, at most. */
#define LOST_CR_MAX 2

/* The most that is kept of the payload's first line as the heading shows it. */
#define ECHO_MAX ((size_t)48)

struct packet {
    bool known; /* a heading of TCP has been read */
    uint64_t key;
    unsigned way;
    bool syn, first; /* SYN; without ACK */
    bool numbered;
    bool acknowledges;
    uint32_t acknowledged; /* of the other way */
    uint32_t start;        /* sequence numbers */
    size_t length;         /* of the payload */
    size_t options;        /* of TCP: octets */
    size_t echo_size;      /* "length 6: SMTP: QUIT": the payload's first line */
    char echo[ECHO_MAX];
    bool begun;   /* its first line has been read */
    size_t shown; /* of the payload's text, with a CRLF for each line end */
};

struct tcpdump {
    struct packet packet;
    struct dump_text text;
    /* Octets of the headers that are still to come, and of the payload that is known. */
    size_t skip;
    size_t payload_skip;
    /* -X */
    struct line at; /* of the packet's first row */
    size_t size;
    char octets[PACKET_MAX];
};

/* The octets of "options [nop,nop,TS val 1 ecr 2]", filled up to whole words. */
static size_t options_size(struct slice line)
{
    static const struct {
        const char *name;
        size_t size;
    } kinds[] = {{"mss ", 4},    {"sackOK", 2}, {"TS ", 10}, {"nop", 1},
                 {"wscale ", 3}, {"eol", 1},    {"md5", 18}};
    size_t size = 0, at = 0;
    while (at < line.size && !slice_starts(slice_after(line, at), SLICE("options [")))
        at++;
    struct slice list = slice_after(line, at + 9);
    list = slice_head(list, slice_find(list, ']'));
    while (list.size > 0) {
        size_t comma = slice_find(list, ','), digits;
        if (slice_starts(list, SLICE("sack ")))
            size += 2 + 8 * (size_t)(take_number(slice_after(list, 5), &digits) & 7);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (slice_starts(list, slice_of(kinds[i].name))) {
                size += kinds[i].size;
                break;
            }
        list = slice_after(list, comma + 1);
    }
    return (size + 3) / 4 * 4;
}

/* The word before `end`: an address with its port. */
static struct slice word_before(struct slice line, size_t end)
{
    size_t begin = end;
    while (begin > 0 && !ascii_space(line.data[begin - 1]))
        begin--;
    return slice_after(slice_head(line, end), begin);
}

static size_t find_text(struct slice line, struct slice text)
{
    for (size_t at = 0; at + text.size <= line.size; at++)
        if (slice_starts(slice_after(line, at), text))
            return at;
    return line.size;
}

/* "seq 1:36" or, of older versions, "P 1:36(35)"; "length 35". */
static void read_numbers(struct packet *packet, struct slice rest)
{
    size_t digits, more;
    size_t at = find_text(rest, SLICE("seq ")) + 4;
    bool flags = at < rest.size;
    struct slice range = slice_after(rest, flags ? at : slice_find(rest, ' ') + 1);
    uint64_t start = take_number(range, &digits);
    struct slice second = slice_after(range, digits + 1);
    uint64_t end = take_number(second, &more);
    packet->numbered = digits > 0 && more > 0 && range.data[digits] == ':';
    packet->syn = packet->syn && digits > 0;
    packet->start = (uint32_t)start;
    packet->length = packet->numbered ? (size_t)((uint32_t)end - (uint32_t)start) : 0;
    at = find_text(rest, SLICE("length ")) + 7;
    if (!packet->numbered && at < rest.size)
        packet->length = (size_t)take_number(slice_after(rest, at), &digits);
    if (packet->length > PACKET_MAX)
        packet->length = PACKET_MAX;
    packet->options = options_size(rest);
    at = find_text(rest, SLICE(": SMTP: ")) + 8;
    struct slice echo = slice_head(slice_after(rest, at), ECHO_MAX);
    packet->echo_size = echo.size;
    if (echo.size > 0)
        memcpy(packet->echo, echo.data, echo.size);
    at = find_text(rest, SLICE(" ack ")) + 5;
    packet->acknowledged = (uint32_t)take_number(slice_after(rest, at), &digits);
    packet->acknowledges = digits > 0;
}

/* "127.0.0.1.12600 > 127.0.0.1.45938: Flags [P.], ..." somewhere in the line. */
static bool read_addresses(struct tcpdump *tcpdump, struct slice line)
{
    size_t arrow = 0;
    struct slice rest = line;
    for (;; arrow++) { /* -e: the arrow between the link addresses comes first */
        arrow += find_text(slice_after(line, arrow), SLICE(" > "));
        if (arrow >= line.size)
            return false;
        rest = slice_after(line, arrow + 3);
        size_t colon = find_text(rest, SLICE(": "));
        struct slice behind = slice_after(rest, colon + 2);
        struct slice to = slice_head(rest, colon), from = word_before(line, arrow);
        bool flags = slice_starts(behind, SLICE("Flags [")) || slice_starts(behind, SLICE("P ")) ||
                     slice_starts(behind, SLICE("S ")) || slice_starts(behind, SLICE("F ")) ||
                     slice_starts(behind, SLICE(". "));
        if (!flags || from.size == 0 || slice_find(to, ' ') < to.size)
            continue;
        bool forward =
            from.size != to.size ? from.size < to.size : memcmp(from.data, to.data, to.size) < 0;
        struct packet *packet = &tcpdump->packet;
        *packet = (struct packet){.known = true, .way = forward};
        packet->key = flow_key(flow_key(0, forward ? from : to), forward ? to : from);
        packet->syn = slice_starts(behind, SLICE("Flags [S")) || slice_starts(behind, SLICE("S "));
        packet->first = slice_starts(behind, SLICE("Flags [S]")) ||
                        (packet->syn && find_text(behind, SLICE(" ack ")) == behind.size);
        read_numbers(packet, behind);
        return true;
    }
}

/* "14:21:05.369077 IP ...", "2026-11-23 14:21:05.36 IP ...", "1795443665.36 IP ...": how -t to -ttttt
 * begin a line. */
static bool is_dated(struct slice line)
{
    if (line.size > 0 && line.data[0] == ' ')
        line = slice_after(line, 1);
    if (line.size < 12 || !ascii_digit(line.data[0]) || !ascii_digit(line.data[1]))
        return false;
    struct slice time = slice_head(line, 32);
    return find_text(time, SLICE(".")) < time.size &&
           (line.data[2] == ':' || line.data[10] == '.' ||
            (line.data[4] == '-' && line.data[7] == '-'));
}

/* Whether a line is the first of a packet's heading. */
static bool begins_heading(struct slice line)
{
    struct slice head = slice_head(line, 200);
    bool dated = is_dated(head);
    if (!dated && !slice_starts(head, SLICE("IP ")) && !slice_starts(head, SLICE("IP6 ")))
        return false;
    static const char *const words[] = {" > ", " (tos 0x", " (flowlabel ", " (class ", " (hlim "};
    bool ip = !dated || find_text(head, SLICE(" IP ")) < head.size ||
              find_text(head, SLICE(" IP6 ")) < head.size;
    if (dated && (find_text(head, SLICE(" ARP, ")) < head.size ||
                  find_text(head, SLICE(", ethertype ")) < head.size))
        return true;
    for (size_t i = 0; ip && i < sizeof words / sizeof words[0]; i++)
        if (find_text(head, slice_of(words[i])) < head.size)
            return true;
    return false;
}

/* Where the payload begins in a packet that has been read from its hex; SIZE_MAX if it is no TCP. */
static size_t find_payload(const char *octets, size_t size, size_t *end)
{
    static const size_t links[] = {0, 14, 4, 16, 18, 20, 22};
    const unsigned char *packet = (const unsigned char *)octets;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        size_t ip = links[i];
        if (ip + 40 > size)
            continue;
        size_t tcp = 0, total = 0;
        if (packet[ip] >> 4 == 4 && packet[ip + 9] == 6 && (packet[ip] & 15) >= 5) {
            tcp = ip + (size_t)(packet[ip] & 15) * 4;
            total = ip + ((size_t)packet[ip + 2] << 8 | packet[ip + 3]);
        } else if (packet[ip] >> 4 == 6 && packet[ip + 6] == 6) {
            tcp = ip + 40;
            total = tcp + ((size_t)packet[ip + 4] << 8 | packet[ip + 5]);
        }
        if (tcp == 0 || tcp + 20 > size)
            continue;
        *end = total > tcp && total < size ? total : size;
        return tcp + (size_t)(packet[tcp + 12] >> 4) * 4;
    }
    return SIZE_MAX;
}

/* Sets the payload's place in the stream. Gives how much of its beginning is known already. */
static size_t sequence(struct dump *dump, struct flow *flow, const struct line *at)
{
    const struct packet *packet = &((struct tcpdump *)dump->state)->packet;
    bool gap;
    if (!packet->numbered)
        return 0;
    size_t known = flow_sequence(flow, packet->way, packet->start, packet->length, &gap);
    if (gap)
        flow_gap(&dump->flows, flow, packet->way, at);
    return known;
}

/* -X: the packet is whole. */
static bool end_hex(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    const struct packet *packet = &tcpdump->packet;
    size_t end = 0, size = tcpdump->size;
    tcpdump->size = 0;
    size_t payload = find_payload(tcpdump->octets, size, &end);
    if (!packet->known || payload >= end || packet->length == 0)
        return true;
    struct flow *flow = flow_find(&dump->flows, packet->key);
    if (!flow)
        return false;
    bool cut = end - payload < packet->length;
    payload += sequence(dump, flow, &tcpdump->at);
    struct slice octets =
        payload < end ? slice_after((struct slice){tcpdump->octets, end}, payload) : SLICE("");
    /* Cut line by line: the rows of a packet are gone, but each line can still name its own. */
    uint64_t first = tcpdump->at.number;
    while (octets.size > 0) {
        size_t offset = (size_t)(octets.data - tcpdump->octets);
        size_t line = slice_find(octets, '\n') + 1;
        struct line at = tcpdump->at;
        at.number = first + offset / 16;
        at.column = (uint32_t)(11 + offset % 16 / 2 * 5 + offset % 2 * 2);
        at.raw = SLICE("");
        if (!flow_take(&dump->flows, flow, packet->way, &at, slice_head(octets, line)))
            return false;
        octets = slice_after(octets, line);
    }
    if (cut) /* tcpdump -s */
        flow_gap(&dump->flows, flow, packet->way, &tcpdump->at);
    return true;
}

static bool end_packet(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    bool done = dump_text_end(dump, &tcpdump->text, 1);
    if (tcpdump->size > 0)
        done = end_hex(dump) && done;
    tcpdump->packet = (struct packet){0};
    return done;
}

/* -A: the text of a packet is whole. What tcpdump -s has cut off is missing; a line end or two may have
 * been lost to whoever copied the text. */
static bool end_text(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    const struct packet packet = tcpdump->packet;
    struct flow *flow = tcpdump->text.flow;
    struct line at = tcpdump->text.at;
    bool cut = flow && packet.begun && packet.shown + 2 <= packet.length;
    bool done = end_packet(dump);
    if (cut)
        flow_gap(&dump->flows, flow, packet.way, &at);
    return done;
}

static bool heading(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    const struct packet *packet = &tcpdump->packet;
    struct line at = dump_at(source, 0);
    if (!read_addresses(tcpdump, source->text))
        return dump_heading(dump, source);
    struct flow *flow = flow_find(&dump->flows, packet->key);
    bool again = flow && packet->first && (flow->ways[0].spoke || flow->ways[1].spoke);
    if (!flow || (again && !flow_restart(&dump->flows, flow, &at)))
        return false;
    if (packet->syn)
        flow_syn(flow, packet->way, packet->start);
    else if (packet->acknowledges && flow_acknowledged(flow, 1 - packet->way, packet->acknowledged))
        flow_gap(&dump->flows, flow, 1 - packet->way, &at);
    dump->flows.said = 0; /* each heading has the addresses of its packet */
    return dump_heading(dump, source);
}

/* A row of -X: "\t0x0010:  4006 de98 7f00 0001  @......." into the packet. */
static bool take_row(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    struct slice line = source->text;
    size_t colon = slice_find(line, ':');
    if (tcpdump->size == 0)
        tcpdump->at = dump_at(source, 0);
    struct decoder decoder = {
        .encoding = ENCODING_HEX, .text = slice_after(line, colon + 2), .left = 16};
    char octet;
    while (tcpdump->size < PACKET_MAX && decoder_next(&decoder, &octet))
        tcpdump->octets[tcpdump->size++] = octet;
    return true;
}

/* The first line of the text of a packet: what precedes the payload. */
static bool begin_text(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    struct packet *packet = &tcpdump->packet;
    struct slice line = source->text;
    if (line.size > 0 && line.data[0] == '\t') /* what -v says of the payload */
        return true;
    packet->begun = true;
    size_t ip = line.size > 0 && line.data[0] == '`' ? 40 : 20;
    if (line.size > 14 && line.data[0] != 'E' && line.data[0] != 'F' && line.data[0] != '`')
        ip = line.data[14] == '`' ? 54 : 34; /* -AA: the Ethernet header first */
    tcpdump->skip = ip + 20 + packet->options;
    if (packet->length == 0)
        return true;
    struct flow *flow = flow_find(&dump->flows, packet->key);
    struct line at = dump_at(source, 0);
    if (!flow)
        return false;
    tcpdump->payload_skip = sequence(dump, flow, &at);
    if (tcpdump->payload_skip == packet->length)
        return true;
    tcpdump->text = (struct dump_text){.flow = flow, .way = packet->way, .at = at};
    return true;
}

/* Returns true if the payload begins with that text, as far as can be told. */
static bool is_payload(const struct packet *packet, struct slice text)
{
    if (packet->echo_size > 0)
        return slice_starts(text, (struct slice){packet->echo, packet->echo_size});
    return looks_like_command(text) || looks_like_reply(text);
}

/* Where the payload begins in the last line of the headers, which end `headers` octets into it unless
 * they have lost a CR. */
static size_t payload_at(const struct packet *packet, struct slice line, size_t headers)
{
    for (size_t lost = 0; lost <= LOST_CR_MAX && lost <= headers; lost++)
        if (is_payload(packet, slice_after(line, headers - lost)))
            return headers - lost;
    return headers;
}

/* A line of the text of a packet. */
static bool take_text(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    if (!tcpdump->packet.begun) {
        if (!begin_text(dump, source))
            return false;
        if (!tcpdump->packet.begun)
            return true;
    }
    if (!tcpdump->text.flow)
        return true;
    size_t size = source->text.size, headers = tcpdump->skip < size ? tcpdump->skip : size;
    if (tcpdump->skip > size) { /* the line end is an octet of the headers */
        tcpdump->skip -= size + 1;
        return true;
    }
    if (headers > 0)
        headers = payload_at(&tcpdump->packet, source->text, headers);
    tcpdump->skip = 0;
    tcpdump->packet.shown += size - headers + 2;
    if (tcpdump->payload_skip > 0) {
        size_t known =
            size - headers < tcpdump->payload_skip ? size - headers : tcpdump->payload_skip;
        headers += known;
        tcpdump->payload_skip -= known;
        if (headers == size && tcpdump->payload_skip > 0) {
            tcpdump->payload_skip -= tcpdump->payload_skip < 2 ? 1 : 2; /* CRLF */
            return true;
        }
    }
    return dump_text_line(dump, &tcpdump->text, source, headers);
}

static bool tcpdump_line(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    struct slice line = source->text;
    bool row = slice_starts(line, SLICE("\t0x"));
    if (!row && begins_heading(line))
        return end_text(dump) && heading(dump, source);
    if (!tcpdump->packet.known) { /* the second line of -v */
        if (slice_starts(line, SLICE("    ")))
            return heading(dump, source);
        return line.size == 0 ? true : dump_unplaced(dump, source);
    }
    if (dump->format->mode == TCPDUMP_HEX)
        return row ? take_row(dump, source) : true;
    return row ? true : take_text(dump, source);
}

static bool tcpdump_finish(struct dump *dump)
{
    return end_packet(dump);
}

const struct dump_format tcpdump_format = {
    .state_size = sizeof(struct tcpdump),
    .mode = TCPDUMP_TEXT,
    .line = tcpdump_line,
    .finish = tcpdump_finish,
};

const struct dump_format tcpdump_hex_format = {
    .state_size = sizeof(struct tcpdump),
    .mode = TCPDUMP_HEX,
    .exact = true,
    .line = tcpdump_line,
    .finish = tcpdump_finish,
};
