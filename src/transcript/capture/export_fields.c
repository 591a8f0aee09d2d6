/* export_fields.c - tshark -T json, ek and pdml: each packet as fields with names.
 *
 *     "tcp.srcport": "45938",                                          json: one field a line
 *     "tcp_tcp_srcport":"45938"                                        ek: one packet a line
 *     <field name="tcp.srcport" ... show="45938" value="b372"/>        pdml: one field a line
 *
 * With the field tcp.payload an export has every octet of the capture. Without it (json -e) the fields of
 * SMTP say what was said.
 */
#include "transcript/capture/export_fields.h"

#include "transcript/formats/octets.h"

static const struct {
    const char *name, *ek_name;
    enum field field;
} names[] = {
    {"ip.src", "ip_ip_src", FIELD_SOURCE},
    {"ip.dst", "ip_ip_dst", FIELD_DESTINATION},
    {"ipv6.src", "ipv6_ipv6_src", FIELD_SOURCE},
    {"ipv6.dst", "ipv6_ipv6_dst", FIELD_DESTINATION},
    {"tcp.srcport", "tcp_tcp_srcport", FIELD_SOURCE_PORT},
    {"tcp.dstport", "tcp_tcp_dstport", FIELD_DESTINATION_PORT},
    {"tcp.seq", "tcp_tcp_seq", FIELD_SEQUENCE},
    {"tcp.seq_raw", "tcp_tcp_seq_raw", FIELD_RAW_SEQUENCE},
    {"tcp.ack", "tcp_tcp_ack", FIELD_ACKNOWLEDGED},
    {"tcp.ack_raw", "tcp_tcp_ack_raw", FIELD_RAW_ACKNOWLEDGED},
    {"tcp.flags", "tcp_tcp_flags", FIELD_FLAGS},
    {"tcp.len", "tcp_tcp_len", FIELD_LENGTH},
    {"tcp.payload", "tcp_tcp_payload", FIELD_PAYLOAD},
    {"smtp.command_line", "smtp_smtp_command_line", FIELD_COMMAND_LINE},
    {"smtp.req.command", "smtp_smtp_req_command", FIELD_VERB},
    {"smtp.req.parameter", "smtp_smtp_req_parameter", FIELD_PARAMETER},
    {"smtp.response", "smtp_smtp_response", FIELD_RESPONSE},
    {"smtp.rsp.parameter", "smtp_smtp_rsp_parameter", FIELD_RESPONSE_PARAMETER},
    {"smtp.response.code", "smtp_smtp_response_code", FIELD_CODE},
};

static enum field field_of(struct slice name, bool ek)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal(name, slice_of(ek ? names[i].ek_name : names[i].name)))
            return names[i].field;
    return FIELD_NONE;
}

enum field field_named(struct slice name)
{
    return field_of(name, false);
}

static uint32_t decimal(struct slice value)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.size && ascii_digit(value.data[i]) && number < UINT32_MAX; i++)
        number = number * 10 + (uint64_t)(value.data[i] - '0');
    return (uint32_t)number;
}

/* "0x0018" or "24" */
static void set_flags(struct segment *segment, struct slice value)
{
    enum { FIN = 1, SYN = 2, RESET = 4, ACK = 16 };
    uint32_t flags = 0;
    if (!slice_starts(value, SLICE("0x")))
        flags = decimal(value);
    else
        for (size_t i = 2; i < value.size && hex_digit(value.data[i]) >= 0; i++)
            flags = flags << 4 | (uint32_t)hex_digit(value.data[i]);
    segment->fin = flags & FIN;
    segment->syn = flags & SYN;
    segment->reset = flags & RESET;
    segment->acknowledges = flags & ACK;
}

/* "32:32:30" or "323230" */
static void take_hex(struct export *export, uint64_t number, struct slice value)
{
    char octets[512];
    size_t size = 0;
    int high = -1;
    for (size_t i = 0; i < value.size; i++) {
        int digit = hex_digit(value.data[i]);
        if (digit < 0)
            continue;
        if (high < 0) {
            high = digit;
            continue;
        }
        octets[size++] = (char)(high << 4 | digit);
        high = -1;
        if (size == sizeof octets) {
            export_octets(export, number, (struct slice){octets, size});
            size = 0;
        }
    }
    export_octets(export, number, (struct slice){octets, size});
}

/* A text as JSON or XML has it: without the escapes of a line end, quotes and a backslash. */
static struct slice plain_text(struct slice value, bool xml, char *room, size_t most)
{
    static const struct {
        const char *written;
        char octet;
    } escapes[] = {{"\\r", '\0'},   {"\\n", '\0'},    {"\\\"", '"'},   {"\\\\", '\\'},
                   {"\\/", '/'},    {"&lt;", '<'},    {"&gt;", '>'},   {"&amp;", '&'},
                   {"&quot;", '"'}, {"&apos;", '\''}, {"\\x0d", '\0'}, {"\\x0a", '\0'}};
    size_t size = 0;
    while (value.size > 0 && size < most) {
        size_t taken = 1;
        char octet = value.data[0];
        for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
            struct slice written = slice_of(escapes[i].written);
            if ((xml || written.data[0] == '\\') && slice_starts(value, written)) {
                taken = written.size;
                octet = escapes[i].octet;
                break;
            }
        }
        if (octet != '\0')
            room[size++] = octet;
        value = slice_after(value, taken);
    }
    return (struct slice){room, size};
}

/* Takes the fields of SMTP. */
static void take_said(struct export *export, uint64_t number, enum field field, struct slice value)
{
    char room[4096];
    struct fields *fields = export->state;
    struct slice text = plain_text(value, export->format->mode == FIELDS_PDML, room, sizeof room);
    switch (field) {
    case FIELD_COMMAND_LINE:
    case FIELD_VERB:
        fields->commands = fields->commands || field == FIELD_COMMAND_LINE;
        if (field == FIELD_COMMAND_LINE || !fields->commands)
            export_text(export, number, text);
        break;
    case FIELD_PARAMETER:
        if (!fields->commands && export->packet.size > 2) { /* after its verb */
            export->packet.size -= 2;
            export_octets(export, number, SLICE(" "));
            export_octets(export, number, text);
            export_octets(export, number, SLICE("\r\n"));
        }
        break;
    case FIELD_RESPONSE:
        export_text(export, number, text);
        fields->parameter = true;
        break;
    case FIELD_RESPONSE_PARAMETER:
        if (!fields->parameter)
            export_reply_more(export, number, text);
        fields->parameter = false;
        break;
    default:
        break;
    }
}

void fields_take(struct export *export, uint64_t number, enum field field, struct slice value)
{
    struct fields *fields = export->state;
    struct export_packet *packet = &export->packet;
    struct segment *segment = &packet->segment;
    switch (field) {
    case FIELD_SOURCE:
    case FIELD_DESTINATION:
        fields->ends[field == FIELD_DESTINATION] = export_endpoint(value, 0);
        break;
    case FIELD_SOURCE_PORT:
        fields->ends[0].port = (uint16_t)decimal(value);
        packet->addressed = true;
        break;
    case FIELD_DESTINATION_PORT:
        fields->ends[1].port = (uint16_t)decimal(value);
        break;
    case FIELD_SEQUENCE:
    case FIELD_RAW_SEQUENCE:
        if (field == FIELD_RAW_SEQUENCE || !fields->raw[0])
            segment->sequence = decimal(value);
        fields->raw[0] = fields->raw[0] || field == FIELD_RAW_SEQUENCE;
        packet->numbered = true;
        break;
    case FIELD_ACKNOWLEDGED:
    case FIELD_RAW_ACKNOWLEDGED:
        if (field == FIELD_RAW_ACKNOWLEDGED || !fields->raw[1])
            segment->acknowledged = decimal(value);
        fields->raw[1] = fields->raw[1] || field == FIELD_RAW_ACKNOWLEDGED;
        break;
    case FIELD_FLAGS:
        set_flags(segment, value);
        break;
    case FIELD_LENGTH:
        packet->length = decimal(value);
        packet->sized = true;
        break;
    case FIELD_PAYLOAD:
        packet->size = packet->line_count = 0;
        take_hex(export, number, value);
        fields->payload = true;
        break;
    default:
        if (!fields->payload)
            take_said(export, number, field, value);
        break;
    }
}

void fields_end_packet(struct export *export, uint64_t number)
{
    struct fields *fields = export->state;
    export->packet.segment.source = fields->ends[0];
    export->packet.segment.destination = fields->ends[1];
    export_end(export, number);
    *fields = (struct fields){0};
}

/* A string of JSON at the head of the text, without its quotes. Returns false if there is none. */
static bool take_string(struct slice *text, struct slice *string)
{
    if (text->size == 0 || text->data[0] != '"')
        return false;
    size_t end = 1;
    while (end < text->size && text->data[end] != '"')
        end += text->data[end] == '\\' ? 2 : 1;
    *string = slice_after(slice_head(*text, end), 1);
    *text = slice_after(*text, end + 1);
    return true;
}

/* Returns true for a line of JSON that only begins or ends something. */
static bool is_bracket(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!strchr("[]{}, ", text.data[i]) || text.data[i] == '\0')
            return false;
    return true;
}

static bool json_line(struct export *export, const struct source_line *source)
{
    struct slice text = slice_trim(source->text), name, value;
    bool indented = source->text.size > 1 && ascii_space(source->text.data[1]);
    bool string = take_string(&text, &name);
    if (!string || !slice_starts(text, SLICE(":")))
        return is_bracket(text) || (string && indented);
    if (slice_equal(name, SLICE("_index")) || slice_equal(name, SLICE("_source"))) {
        if (export->packet.addressed)
            fields_end_packet(export, source->number);
        return true;
    }
    text = slice_trim(slice_after(text, 1));
    if (take_string(&text, &value))
        fields_take(export, source->number, field_of(name, false), value);
    return true;
}

/* The values of a field of ek: a string, or a list of strings. */
static void take_values(struct export *export, uint64_t number, enum field field,
                        struct slice *text)
{
    struct slice value;
    bool list = slice_starts(*text, SLICE("["));
    *text = slice_after(*text, list);
    while (take_string(text, &value)) {
        if (field != FIELD_NONE)
            fields_take(export, number, field, value);
        if (!list || !slice_starts(*text, SLICE(",")))
            break;
        *text = slice_after(*text, 1);
    }
}

static bool ek_line(struct export *export, const struct source_line *source)
{
    struct slice text = source->text, name;
    if (!slice_starts(text, SLICE("{\"timestamp\"")))
        return slice_starts(text, SLICE("{\"index\"")) || text.size == 0;
    while (text.size > 0) {
        text = slice_after(text, slice_find(text, '"'));
        if (take_string(&text, &name) && slice_starts(text, SLICE(":"))) {
            text = slice_after(text, 1);
            take_values(export, source->number, field_of(name, true), &text);
        }
    }
    fields_end_packet(export, source->number);
    return true;
}

/* The value of an attribute: name="value". */
static struct slice attribute(struct slice line, struct slice head)
{
    const char *found = memmem(line.data, line.size, head.data, head.size);
    if (!found)
        return SLICE("");
    struct slice value = slice_after(line, (size_t)(found - line.data) + head.size);
    return slice_head(value, slice_find(value, '"'));
}

/* Returns true for a line of PDML that says nothing of SMTP. */
static bool is_markup(struct slice line)
{
    static const char *const tags[] = {"<proto", "</proto>", "</field>", "<packet>",
                                       "<pdml",  "</pdml>",  "<?xml",    "<!--"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (slice_starts(line, slice_of(tags[i])))
            return true;
    return line.size == 0;
}

static bool pdml_line(struct export *export, const struct source_line *source)
{
    struct slice line = slice_trim(source->text);
    if (slice_starts(line, SLICE("</packet>")))
        fields_end_packet(export, source->number);
    else if (slice_starts(line, SLICE("<field name=\"")))
        fields_take(export, source->number,
                    field_of(attribute(line, SLICE("<field name=\"")), false),
                    attribute(line, SLICE(" show=\"")));
    else
        return is_markup(line);
    return true;
}

static void fields_finish(struct export *export)
{
    fields_end_packet(export, export->tcp.frame + 1);
}

/* The names of TCP's ports say what it is, wherever the file begins. */
static bool json_is_sure(struct slice head)
{
    return slice_contains(head, SLICE("\n          \"tcp.srcport\": \""));
}

static bool ek_is_sure(struct slice head)
{
    return slice_contains(head, SLICE(",\"tcp\":{\"tcp_tcp_srcport\":\""));
}

static bool pdml_is_sure(struct slice head)
{
    return slice_contains(head, SLICE("<field name=\"tcp.srcport\" "));
}

const struct export_format export_json_format = {
    .state_size = sizeof(struct fields),
    .mode = FIELDS_JSON,
    .exact = true,
    .is_sure = json_is_sure,
    .line = json_line,
    .finish = fields_finish,
};

const struct export_format export_ek_format = {
    .state_size = sizeof(struct fields),
    .mode = FIELDS_EK,
    .exact = true,
    .is_sure = ek_is_sure,
    .line = ek_line,
    .finish = fields_finish,
};

const struct export_format export_pdml_format = {
    .state_size = sizeof(struct fields),
    .mode = FIELDS_PDML,
    .exact = true,
    .is_sure = pdml_is_sure,
    .line = pdml_line,
    .finish = fields_finish,
};
