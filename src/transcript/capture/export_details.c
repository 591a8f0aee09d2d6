/* export_details.c - tshark -V, and what Wireshark exports as plain text with details.
 *
 *     Frame 9: 159 bytes on wire (1272 bits), 159 bytes captured (1272 bits)
 *     Internet Protocol Version 4, Src: 192.0.2.1, Dst: 192.0.2.25
 *     Transmission Control Protocol, Src Port: 45938, Dst Port: 25, Seq: 26, Ack: 149, Len: 93
 *         Flags: 0x018 (PSH, ACK)
 *     Simple Mail Transfer Protocol
 *         Command Line: MAIL FROM:<alice@example.org>\r\n
 *             Command: MAIL
 */
#include "transcript/capture/export.h"

#include "smtp/look.h"

enum layer { LAYER_NONE, LAYER_OTHER, LAYER_TCP, LAYER_SMTP };

struct details {
    enum layer layer;
    bool text;      /* "Line-based text data": lines as they are */
    bool parameter; /* the next "Response parameter" repeats the line before it */
    struct endpoint ends[2];
};

/* Returns the text after a label in the line, up to `stop`; empty if the label is not there. */
static struct slice value_of(struct slice line, const char *label, char stop)
{
    struct slice name = slice_of(label);
    for (size_t at = 0; at + name.size <= line.size; at++)
        if (slice_starts(slice_after(line, at), name)) {
            struct slice value = slice_after(line, at + name.size);
            return slice_head(value, slice_find(value, stop));
        }
    return SLICE("");
}

/* "25" or "smtp (25)" */
static uint32_t number_of(struct slice value)
{
    uint64_t number = 0;
    size_t open = slice_find(value, '(');
    if (open < value.size)
        value = slice_after(value, open + 1);
    for (size_t i = 0; i < value.size && ascii_digit(value.data[i]) && number < UINT32_MAX; i++)
        number = number * 10 + (uint64_t)(value.data[i] - '0');
    return (uint32_t)number;
}

/* "192.0.2.1" or "mx.example.com (192.0.2.1)" */
static struct slice address_of(struct slice value)
{
    size_t open = slice_find(value, '(');
    if (open == value.size)
        return slice_trim(value);
    value = slice_after(value, open + 1);
    return slice_head(value, slice_find(value, ')'));
}

static void begin_tcp(struct export *export, struct slice line)
{
    const struct details *details = export->state;
    struct export_packet *packet = &export->packet;
    struct segment *segment = &packet->segment;
    if (packet->addressed) /* one TCP in another: the inner one */
        packet->size = packet->line_count = 0;
    segment->source = details->ends[0];
    segment->destination = details->ends[1];
    segment->source.port = (uint16_t)number_of(value_of(line, "Src Port: ", ','));
    segment->destination.port = (uint16_t)number_of(value_of(line, "Dst Port: ", ','));
    segment->sequence = number_of(value_of(line, "Seq: ", ','));
    segment->acknowledged = number_of(value_of(line, "Ack: ", ','));
    packet->length = number_of(value_of(line, "Len: ", ','));
    packet->addressed = packet->numbered = packet->sized = true;
}

/* Returns true if the line begins a layer that is not read, or its octets. */
static bool is_other_layer(struct slice line)
{
    static const char *const names[] = {
        "Ethernet",   "Linux cooked",     "Null/Loopback",  "Raw packet", "IEEE 802",
        "Radiotap",   "802.1Q",           "Point-to-Point", "PPP",        "Packet ",
        "Line-based", "Internet Message", "Media Type",     "Data (",     "MIME",
        "Multipart",  "eXtensible",       "Text item",      "Generic",    "[",
        "0"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_starts(line, slice_of(names[i])))
            return true;
    return false;
}

/* A line that is not indented begins a layer. Returns false if there is no such layer: the export is over,
 * or interrupted. */
static bool begin_layer(struct export *export, const struct source_line *source)
{
    struct details *details = export->state;
    struct slice line = source->text;
    details->layer = LAYER_OTHER;
    details->text = false;
    if (slice_starts(line, SLICE("Frame "))) {
        export_end(export, source->number);
        return true;
    }
    if (slice_starts(line, SLICE("Internet Protocol"))) {
        details->ends[0] = export_endpoint(address_of(value_of(line, "Src: ", ',')), 0);
        details->ends[1] = export_endpoint(address_of(value_of(line, "Dst: ", ',')), 0);
    } else if (slice_starts(line, SLICE("Transmission Control Protocol, "))) {
        begin_tcp(export, line);
        details->layer = LAYER_TCP;
    } else if (slice_starts(line, SLICE("Simple Mail Transfer Protocol"))) {
        details->layer = LAYER_SMTP;
    } else if (slice_starts(line, SLICE("Transport Layer Security")) ||
               slice_starts(line, SLICE("Secure Sockets Layer"))) {
        export_octets(export, source->number, SLICE("\x16\x03\x01"));
    } else if (!is_other_layer(line)) {
        details->layer = LAYER_NONE;
        return false;
    }
    return true;
}

static void take_tcp(struct export *export, struct slice line)
{
    struct segment *segment = &export->packet.segment;
    if (slice_starts(line, SLICE("Flags: "))) {
        segment->syn = slice_contains(line, SLICE("SYN"));
        segment->fin = slice_contains(line, SLICE("FIN"));
        segment->reset = slice_contains(line, SLICE("RST"));
        segment->acknowledges = slice_contains(line, SLICE("ACK"));
    } else if (slice_starts(line, SLICE("Sequence Number (raw): "))) {
        segment->sequence = number_of(value_of(line, "(raw): ", ' '));
    } else if (slice_starts(line, SLICE("Acknowledgment number (raw): "))) {
        segment->acknowledged = number_of(value_of(line, "(raw): ", ' '));
    } else if (slice_starts(line, SLICE("[Reassembled PDU in frame: "))) {
        export->packet.continued = true;
    }
}

/* Takes the line end off that is written out; returns it. */
static struct slice take_line_end(struct slice *text)
{
    static const struct {
        struct slice written, octets;
    } ends[] = {{{"\\r\\n", 4}, {"\r\n", 2}}, {{"\\n", 2}, {"\n", 1}}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (slice_ends(*text, ends[i].written)) {
            text->size -= ends[i].written.size;
            return ends[i].octets;
        }
    return SLICE("");
}

static void take_smtp(struct export *export, uint64_t number, struct slice line, bool indented)
{
    static const char *const labels[] = {
        "Command Line: ", "Response: ", "Username: ", "Password: ", "Username/Password: ", "C: "};
    struct details *details = export->state;
    if (indented && details->text) {
        struct slice end = take_line_end(&line);
        export_octets(export, number, line);
        export_octets(export, number, end);
        return;
    }
    if (indented && slice_starts(line, SLICE("Response parameter: "))) {
        if (!details->parameter)
            export_reply_more(export, number, slice_after(line, 20));
        details->parameter = false;
        return;
    }
    if (indented)
        return;
    details->text = slice_starts(line, SLICE("Line-based text data"));
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (slice_starts(line, slice_of(labels[i]))) {
            struct slice text = slice_after(line, slice_of(labels[i]).size);
            take_line_end(&text);
            export_text(export, number, text);
            details->parameter = true;
            return;
        }
}

static bool details_line(struct export *export, const struct source_line *source)
{
    const struct details *details = export->state;
    struct slice line = source->text;
    size_t indent = 0;
    while (indent < line.size && line.data[indent] == ' ')
        indent++;
    if (indent == 0 && line.size > 0)
        return begin_layer(export, source);
    if (details->layer == LAYER_NONE || indent % 4 != 0)
        return details->text || line.size == 0;
    struct slice rest = slice_after(line, indent > 8 && details->text ? 8 : indent);
    if (details->layer == LAYER_TCP && indent == 4)
        take_tcp(export, rest);
    else if (details->layer == LAYER_SMTP)
        take_smtp(export, source->number, rest, indent >= 8);
    return true;
}

static bool details_is_sure(struct slice head)
{
    static const char *const layers[] = {
        "\nTransmission Control Protocol, Src Port: ", "\nInternet Protocol Version ", "\nFrame "};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (!slice_contains(head, slice_of(layers[i])))
            return false;
    return true;
}

const struct export_format export_details_format = {
    .state_size = sizeof(struct details),
    .is_sure = details_is_sure,
    .line = details_line,
};
