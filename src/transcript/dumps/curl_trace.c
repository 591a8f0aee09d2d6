/* curl_trace.c - curl --trace (hex and text) and --trace-ascii (text).
 *
 *     => Send header, 25 bytes (0x19)
 *     0000: EHLO client.example.org
 *
 * A row of text ends after 64 octets, or with a CRLF, which is not shown: only the offset of the next
 * row tells which. Lines inside TLS are in the log twice, as text and as "SSL data".
 */
#include "transcript/dumps/dump.h"

enum { CURL_HEX, CURL_TEXT };

struct curl_trace {
    struct flow *flow; /* NULL: not in a block that counts */
    unsigned way;
    uint64_t length; /* of the block */
    uint64_t read;   /* the offset up to which it has been read */
    bool row;        /* a row has been read, whose end is not known yet */
    struct line at;  /* of that row */
};

/* Returns the length of "14:12:18.918300 " (--trace-time) and "[0-1] " (--trace-ids) before a
 * heading. */
static size_t before_heading(struct slice line, struct slice *id)
{
    size_t at = 0;
    if (line.size > 16 && line.data[2] == ':' && line.data[5] == ':' && line.data[15] == ' ')
        at = 16;
    *id = SLICE("");
    struct slice rest = slice_after(line, at);
    if (rest.size > 0 && rest.data[0] == '[') {
        size_t end = slice_find(rest, ']');
        if (end + 2 <= rest.size && end <= 24) {
            *id = slice_head(rest, end);
            at += end + 2;
        }
    }
    return at;
}

/* Ends the last row, with a CRLF unless the next octet follows directly at `offset`. */
static bool end_row(struct dump *dump, struct curl_trace *trace, uint64_t offset)
{
    if (!trace->row)
        return true;
    trace->row = false;
    return offset == trace->read ||
           flow_take(&dump->flows, trace->flow, trace->way, &trace->at, SLICE("\n"));
}

static bool heading(struct dump *dump, const struct source_line *source, bool *is_heading)
{
    struct curl_trace *trace = dump->state;
    struct slice id;
    struct slice line = slice_after(source->text, before_heading(source->text, &id));
    bool sent = slice_starts(line, SLICE("=> Send ")), got = slice_starts(line, SLICE("<= Recv "));
    bool info = slice_starts(line, SLICE("== Info:"));
    *is_heading = sent || got || info;
    if (!*is_heading)
        return true;
    if (trace->flow && !end_row(dump, trace, trace->length))
        return false;
    trace->flow = NULL;
    if (info) {
        bool begins = slice_starts(line, SLICE("== Info:   Trying ")) ||
                      slice_starts(line, SLICE("== Info: Connected to "));
        struct flow *flow = flow_find(&dump->flows, flow_key(0, id));
        struct line at = dump_at(source, 0);
        if (!flow || (begins && !flow_restart(&dump->flows, flow, &at)))
            return false;
        return dump_heading(dump, source);
    }
    struct slice kind = slice_after(line, 8);
    if (slice_starts(kind, SLICE("header, ")) || slice_starts(kind, SLICE("data, "))) {
        size_t digits;
        trace->flow = flow_find(&dump->flows, flow_key(0, id));
        if (!trace->flow)
            return false;
        trace->way = sent;
        trace->read = 0;
        trace->length = take_number(slice_after(kind, slice_find(kind, ' ') + 1), &digits);
    }
    return dump_heading(dump, source);
}

/* Reads the offset of "0040: ...". Returns false if there is none. */
static bool offset_at(struct slice line, uint64_t *offset, size_t *length)
{
    size_t at = 0;
    *offset = 0;
    while (at < line.size && at < 12 && hex_digit(line.data[at]) >= 0)
        *offset = *offset * 16 + (uint64_t)hex_digit(line.data[at++]);
    *length = at + 2;
    return at >= 4 && at + 1 < line.size && line.data[at] == ':' && line.data[at + 1] == ' ';
}

static bool curl_trace_line(struct dump *dump, const struct source_line *source)
{
    struct curl_trace *trace = dump->state;
    bool is_heading, done = heading(dump, source, &is_heading);
    if (!done || is_heading)
        return done;
    uint64_t offset;
    size_t length, count;
    if (!offset_at(source->text, &offset, &length))
        return dump_unplaced(dump, source);
    if (!trace->flow) /* TLS records */
        return dump_heading(dump, source);
    if (dump->format->mode == CURL_HEX)
        return dump_hex(dump, trace->flow, trace->way, source, length, 16, 0, &count);
    if (!end_row(dump, trace, offset))
        return false;
    struct slice text = slice_after(source->text, length);
    trace->at = dump_at(source, length);
    trace->row = true;
    trace->read = offset + text.size;
    return flow_take(&dump->flows, trace->flow, trace->way, &trace->at, text);
}

static bool curl_trace_finish(struct dump *dump)
{
    struct curl_trace *trace = dump->state;
    return !trace->flow || end_row(dump, trace, trace->length);
}

const struct dump_format curl_trace_format = {
    .state_size = sizeof(struct curl_trace),
    .mode = CURL_HEX,
    .exact = true,
    .line = curl_trace_line,
    .finish = curl_trace_finish,
};

const struct dump_format curl_trace_ascii_format = {
    .state_size = sizeof(struct curl_trace),
    .mode = CURL_TEXT,
    .line = curl_trace_line,
    .finish = curl_trace_finish,
};
