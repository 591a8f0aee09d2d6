/* tcpdump.c - tcpdump -A (text), -X, -XX (hex) or neither, with any of -n -t -tttt -v -e -S.
 *
 *     14:21:05.369077 IP 127.0.0.1.12600 > 127.0.0.1.45938: Flags [P.], seq 1:36, ack 1, ...
 *     E..W^.@.@...........18.r\.".-Y.3...@.K.....
 *     ..).....220 mx.example.com ESMTP scripted
 *
 * With -v the addresses stand in a second line of the heading. In the text the CR of a CRLF is left
 * out, so octets cannot be counted from the end: what precedes the payload is counted from the IP
 * header on, with the options that the heading lists. The headers may have a CRLF in them as well;
 * then the payload begins an octet earlier, and what it says decides.
 *
 * Without -A and -X the heading shows the first line of the payload to or from port 25, and with -v all
 * of it, each line after a tab.
 */
#include "smtp/look.h"
#include "transcript/dumps/dump.h"
#include "transcript/dumps/tcpdump_heading.h"

enum { TCPDUMP_TEXT, TCPDUMP_HEX, TCPDUMP_HEADINGS };

/* CRLFs in the headers of a packet, at most. */
#define LOST_CR_MAX 2

struct tcpdump {
    struct tcpdump_packet packet;
    struct dump_text text;
    /* Octets of the headers that are still to come, and of the payload that is known. */
    size_t skip;
    size_t payload_skip;
    /* -X */
    struct line at; /* of the packet's first row */
    size_t size;
    char octets[TCPDUMP_PACKET_MAX];
};

/* Where the payload begins in a packet that has been read from its hex; SIZE_MAX if it is no
 * TCP. */
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

/* Finds the position of the payload in the stream. Returns how many of its first octets are
 * known. */
static size_t sequence(struct dump *dump, struct flow *flow, const struct line *at)
{
    const struct tcpdump_packet *packet = &((struct tcpdump *)dump->state)->packet;
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
    const struct tcpdump_packet *packet = &tcpdump->packet;
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

/* A line of the payload that the heading shows. */
static bool take_shown(struct dump *dump, const struct source_line *source, size_t column)
{
    struct tcpdump_packet *packet = &((struct tcpdump *)dump->state)->packet;
    struct slice text = slice_after(source->text, column);
    struct flow *flow = flow_find(&dump->flows, packet->key);
    struct line at = dump_at(source, column);
    if (!flow)
        return false;
    if (!packet->begun)
        packet->known_before = packet->length > 0 && sequence(dump, flow, &at) == packet->length;
    packet->begun = true;
    packet->shown += text.size + 2;
    bool goes_on = looks_like_reply(text) && text.size > 3 && text.data[3] == '-';
    memcpy(packet->code, goes_on ? text.data : "\0\0", sizeof packet->code);
    return packet->known_before || (flow_take(&dump->flows, flow, packet->way, &at, text) &&
                                    flow_take(&dump->flows, flow, packet->way, &at, SLICE("\r\n")));
}

/* The headings of a packet are complete. What of its payload they do not show is missing, but
 * for the rest of a reply, whose code is known. */
static bool end_headings(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    const struct tcpdump_packet *packet = &tcpdump->packet;
    struct flow *flow = flow_find(&dump->flows, packet->key);
    bool hidden = packet->shown + 2 < packet->length && !packet->known_before;
    if (!hidden || !packet->known)
        return true;
    if (!flow)
        return false;
    if (packet->code[0] != '\0')
        return flow_take(&dump->flows, flow, packet->way, &tcpdump->at,
                         (struct slice){packet->code, 3}) &&
               flow_take(&dump->flows, flow, packet->way, &tcpdump->at, SLICE(" " LINE_CUT "\r\n"));
    flow_gap(&dump->flows, flow, packet->way, &tcpdump->at);
    return true;
}

static bool end_packet(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    bool done = dump_text_end(dump, &tcpdump->text, 1);
    if (dump->format->mode == TCPDUMP_HEADINGS)
        done = end_headings(dump) && done;
    if (tcpdump->size > 0)
        done = end_hex(dump) && done;
    tcpdump->packet = (struct tcpdump_packet){0};
    return done;
}

/* -A: the text of a packet is whole. What tcpdump -s has cut off is missing; a line end or two
 * may have been lost to whoever copied the text. */
static bool end_text(struct dump *dump)
{
    struct tcpdump *tcpdump = dump->state;
    const struct tcpdump_packet packet = tcpdump->packet;
    struct flow *flow = tcpdump->text.flow;
    struct line at = tcpdump->text.at;
    bool cut = flow && packet.begun && packet.shown + 2 <= packet.length;
    bool done = end_packet(dump);
    if (cut)
        flow_gap(&dump->flows, flow, packet.way, &at);
    return done;
}

/* Follows the numbers of a packet of TCP. A SYN of a client after octets is that of a new connection, or has
 * come late: the next packet with octets shows which. */
static bool follow_numbers(struct dump *dump, struct flow *flow, const struct line *at)
{
    const struct tcpdump_packet *packet = &((struct tcpdump *)dump->state)->packet;
    struct way *ways = flow->ways;
    bool spoke = ways[0].spoke || ways[1].spoke, again = ways[0].again || ways[1].again;
    if (packet->syn && spoke && (packet->first || again)) {
        flow_syn_again(flow, packet->way, packet->start);
        return true;
    }
    if (again && packet->length > 0) {
        if (flow_begins_again(flow, packet->way, packet->start) &&
            !flow_restart(&dump->flows, flow, at))
            return false;
        ways[0].again = ways[1].again = again = false;
    }
    bool open = ways[0].syn || ways[1].syn;
    if (packet->syn)
        flow_syn(flow, packet->way, packet->start);
    else if (packet->acknowledges && !again &&
             flow_acknowledged(flow, 1 - packet->way, packet->acknowledged))
        flow_gap(&dump->flows, flow, 1 - packet->way, at);
    if (!packet->syn && !open)
        flow_middle(flow);
    return true;
}

static bool heading(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    const struct tcpdump_packet *packet = &tcpdump->packet;
    struct line at = dump_at(source, 0);
    if (!tcpdump_heading_read(&tcpdump->packet, source->text))
        return dump_heading(dump, source);
    struct flow *flow = flow_find(&dump->flows, packet->key);
    if (flow && packet->syn && flow->ways[packet->way].numbered &&
        packet->start == flow->ways[packet->way].isn) /* captured twice, or sent again */
        return dump_heading(dump, source);
    if (!flow || !follow_numbers(dump, flow, &at))
        return false;
    dump->flows.said = 0; /* each heading has the addresses of its packet */
    tcpdump->at = at;
    size_t echo = tcpdump_find(source->text, SLICE(": SMTP: ")) + 8;
    if (dump->format->mode == TCPDUMP_HEADINGS && echo < source->text.size)
        return take_shown(dump, source, echo);
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
    while (tcpdump->size < TCPDUMP_PACKET_MAX && decoder_next(&decoder, &octet))
        tcpdump->octets[tcpdump->size++] = octet;
    return true;
}

/* The first line of the text of a packet: what precedes the payload. */
static bool begin_text(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    struct tcpdump_packet *packet = &tcpdump->packet;
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
static bool is_payload(const struct tcpdump_packet *packet, struct slice text)
{
    if (packet->echo_size > 0)
        return slice_starts(text, (struct slice){packet->echo, packet->echo_size});
    return looks_like_command(text) || looks_like_reply(text);
}

/* Where the payload begins in the last line of the headers, which end `headers` octets into it
 * unless they have lost a CR. */
static size_t payload_at(const struct tcpdump_packet *packet, struct slice line, size_t headers)
{
    for (size_t lost = 0; lost <= LOST_CR_MAX && lost <= headers; lost++)
        if (is_payload(packet, slice_after(line, headers - lost)))
            return headers - lost;
    return headers;
}

/* Returns true if the text of the packet is over: all its octets have been shown, or it has none after
 * the headers, which are. */
static bool is_over(struct tcpdump *tcpdump, struct slice line)
{
    struct tcpdump_packet *packet = &tcpdump->packet;
    if (packet->length == 0)
        packet->over = packet->over || (packet->begun && tcpdump->skip == 0);
    else if (line.size == 0)
        packet->over = packet->shown >= packet->length; /* tcpdump adds an empty line */
    return packet->over && line.size > 0;
}

/* A line of the text of a packet. */
static bool take_text(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    if (is_over(tcpdump, source->text))
        return dump_unplaced(dump, source);
    if (!tcpdump->packet.begun) {
        if (!begin_text(dump, source))
            return false;
        if (!tcpdump->packet.begun)
            return true;
    }
    size_t size = source->text.size, headers = tcpdump->skip < size ? tcpdump->skip : size;
    if (tcpdump->skip > size) { /* the line end is an octet of the headers */
        tcpdump->skip -= size + 1;
        return true;
    }
    if (!tcpdump->text.flow) {
        tcpdump->skip = 0;
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
        if (headers == size && tcpdump->payload_skip > 1) {
            tcpdump->payload_skip -= 2; /* CRLF */
            return true;
        }
        if (headers == size)
            tcpdump->payload_skip = 0; /* of the CRLF only the CR is known */
    }
    return dump_text_line(dump, &tcpdump->text, source, headers);
}

static bool tcpdump_line(struct dump *dump, const struct source_line *source)
{
    struct tcpdump *tcpdump = dump->state;
    struct slice line = source->text;
    bool row = slice_starts(line, SLICE("\t0x"));
    if (!row && tcpdump_heading_begins(line))
        return end_text(dump) && heading(dump, source);
    if (!tcpdump->packet.known) { /* the second line of -v */
        if (slice_starts(line, SLICE("    ")))
            return heading(dump, source);
        return line.size == 0 ? true : dump_unplaced(dump, source);
    }
    if (dump->format->mode == TCPDUMP_HEADINGS)
        return slice_starts(line, SLICE("\t")) && !row ? take_shown(dump, source, 1)
                                                       : dump_unplaced(dump, source);
    if (dump->format->mode == TCPDUMP_HEX)
        return row ? take_row(dump, source)
               : line.size == 0 || line.data[0] == '\t' || line.data[0] == ' '
                   ? true
                   : dump_unplaced(dump, source);
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
    .wire = true,
    .line = tcpdump_line,
    .finish = tcpdump_finish,
};

const struct dump_format tcpdump_headings_format = {
    .state_size = sizeof(struct tcpdump),
    .mode = TCPDUMP_HEADINGS,
    .line = tcpdump_line,
    .finish = tcpdump_finish,
};
