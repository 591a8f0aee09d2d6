/* tshark_follow.c - tshark -z follow,tcp,ascii|hex|raw|yaml, and what Wireshark's dialogue saves.
 *
 * Lines of node 1 begin with a tab (in hex dumps of Wireshark with four blanks); node 0 is the side
 * that was seen first.
 */
#include "transcript/dumps/dump.h"

enum { TSHARK_ASCII, TSHARK_HEX, TSHARK_RAW, TSHARK_YAML };

/* yaml: the packet has not said it yet. */
#define WAY_UNKNOWN 2

struct tshark {
    bool anew;       /* the next block is the first of another stream */
    bool other;      /* the file says that it is another kind of follow */
    bool bare_lines; /* ascii: the CRs of a recording were lost, but still counted */
    /* ascii: the block that is being read; yaml: the packet. */
    bool in_block;
    unsigned way;
    uint64_t left; /* octets of the block that are still to come */
    size_t indent; /* yaml: of the lines of the packet */
    /* yaml: base64 may go on in the next line. */
    struct decoder decoder;
};

static bool is_rule(struct slice line)
{
    return slice_starts(line, SLICE("===================="));
}

/* "Follow: tcp,ascii" and the lines up to the first block. Those of another kind of follow are none of ours. */
static bool is_heading(struct dump *dump, struct slice line)
{
    static const char *const modes[] = {"ascii", "hex", "raw", "yaml"};
    struct tshark *tshark = dump->state;
    if (slice_starts(line, SLICE("Follow: "))) {
        struct slice mode = slice_after(line, slice_find(line, ',') + 1);
        tshark->other = !slice_equal(mode, slice_of(modes[dump->format->mode]));
        tshark->anew = true;
        return !tshark->other;
    }
    return !tshark->other &&
           (is_rule(line) || slice_starts(line, SLICE("Filter: ")) ||
            slice_starts(line, SLICE("Node 0: ")) || slice_starts(line, SLICE("Node 1: ")));
}

/* Returns the current stream: they follow one another. */
static struct flow *current_flow(struct dump *dump, const struct source_line *source)
{
    struct tshark *tshark = dump->state;
    struct flow *flow = flow_find(&dump->flows, 0);
    struct line at = dump_at(source, 0);
    if (flow && tshark->anew && !flow_restart(&dump->flows, flow, &at))
        return NULL;
    tshark->anew = false;
    return flow;
}

/* Finds out whether the text has lost its CRs: then each line end counts as two octets. */
static void ascii_learn(struct dump *dump, struct slice head)
{
    struct tshark *tshark = dump->state;
    tshark->bare_lines = !slice_contains(head, SLICE("\r\n"));
}

/* "\t35": the next block is of node 1 and has 35 octets. */
static bool ascii_length(struct tshark *tshark, struct slice line)
{
    size_t tab = line.size > 0 && line.data[0] == '\t', digits;
    uint64_t length = take_number(slice_after(line, tab), &digits);
    if (digits == 0 || digits + tab != line.size)
        return false;
    tshark->way = (unsigned)tab;
    tshark->left = length;
    tshark->in_block = true;
    return true;
}

static bool ascii_line(struct dump *dump, const struct source_line *source)
{
    struct tshark *tshark = dump->state;
    struct slice line = source->text;
    if (!tshark->in_block) {
        if (line.size == 0 || is_heading(dump, line))
            return dump_heading(dump, source);
        return !tshark->other && ascii_length(tshark, line) ? dump_heading(dump, source)
                                                            : dump_unplaced(dump, source);
    }
    uint64_t line_end = source->cr || tshark->bare_lines ? 2 : 1;
    struct flow *flow = current_flow(dump, source);
    struct line at = dump_at(source, 0);
    struct slice text = slice_head(line, tshark->left);
    if (!flow || !flow_take(&dump->flows, flow, tshark->way, &at, text))
        return false;
    tshark->left -= text.size;
    /* The line end is the block's, or tshark's after the last octet of the block. */
    bool whole = source->ended && tshark->left >= line_end;
    if (whole && !flow_take(&dump->flows, flow, tshark->way, &at, SLICE("\n")))
        return false;
    tshark->left -= whole ? line_end : tshark->left;
    tshark->in_block = tshark->left > 0;
    return true;
}

/* Reads "00000010  6f 6d 20 45 ...", after the tab or the blanks of node 1. */
static bool hex_line(struct dump *dump, const struct source_line *source)
{
    const struct tshark *tshark = dump->state;
    struct slice line = source->text;
    size_t indent = 0, digits = 0, count;
    while (indent < line.size && indent < 8 && ascii_space(line.data[indent]))
        indent++;
    while (indent + digits < line.size && hex_digit(line.data[indent + digits]) >= 0)
        digits++;
    struct slice rest = slice_after(line, indent + digits);
    if (digits != 8 || tshark->other || !slice_starts(rest, SLICE("  ")))
        return line.size == 0 || is_heading(dump, line) ? dump_heading(dump, source)
                                                        : dump_unplaced(dump, source);
    struct flow *flow = current_flow(dump, source);
    return flow && dump_hex(dump, flow, indent > 0, source, indent + digits + 1, 16, 8, &count);
}

/* A block a line. */
static bool raw_line(struct dump *dump, const struct source_line *source)
{
    const struct tshark *tshark = dump->state;
    struct slice line = source->text;
    size_t tab = line.size > 0 && line.data[0] == '\t', count, digits = tab;
    while (digits < line.size && hex_digit(line.data[digits]) >= 0)
        digits++;
    bool is_octets = digits == line.size && digits >= tab + 2 && (digits - tab) % 2 == 0;
    if (!is_octets || tshark->other)
        return line.size == 0 || is_heading(dump, line) ? dump_heading(dump, source)
                                                        : dump_unplaced(dump, source);
    struct flow *flow = current_flow(dump, source);
    return flow && dump_hex(dump, flow, (unsigned)tab, source, tab, SIZE_MAX, 0, &count);
}

/* The keys of a packet and of what precedes the packets. */
static bool is_yaml_key(struct slice line)
{
    static const char *const keys[] = {
        "peers:",      "packets:", "packet: ", "peer: ", "host: ", "port: ",
        "timestamp: ", "index: ",  "data: ",   "peer0_", "peer1_"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (slice_starts(line, slice_of(keys[i])))
            return true;
    return false;
}

/* "data: !!binary |", or in older versions "peer1_0: !!binary |": the packet follows. */
static void yaml_key(struct dump *dump, struct slice line)
{
    struct tshark *tshark = dump->state;
    size_t digits;
    tshark->in_block = false;
    if (slice_starts(line, SLICE("peers:")))
        tshark->anew = true;
    else if (slice_starts(line, SLICE("peer: ")))
        tshark->way = take_number(slice_after(line, 6), &digits) > 0;
    else if (slice_starts(line, SLICE("peer")))
        tshark->way = line.data[4] == '1';
    else if (slice_starts(line, SLICE("packet: ")))
        tshark->way = WAY_UNKNOWN;
    if (slice_ends(line, SLICE(": !!binary |")) && tshark->way != WAY_UNKNOWN) {
        tshark->in_block = true;
        tshark->indent = 0;
        tshark->decoder = (struct decoder){.encoding = ENCODING_BASE64, .left = SIZE_MAX};
    }
}

static bool yaml_line(struct dump *dump, const struct source_line *source)
{
    struct tshark *tshark = dump->state;
    struct slice line = slice_trim(source->text);
    if (slice_starts(line, SLICE("- ")))
        line = slice_after(line, 2);
    if (is_yaml_key(line)) {
        yaml_key(dump, line);
        return dump_heading(dump, source);
    }
    if (slice_starts(line, SLICE("# Packet ")))
        return dump_heading(dump, source);
    if (!tshark->in_block)
        return dump_unplaced(dump, source);
    struct flow *flow = current_flow(dump, source);
    size_t indent = (size_t)(line.data - source->text.data);
    if (line.size > 0 &&
        indent < tshark->indent) { /* YAML 8.1.1.1: what stands further out is no part of it */
        tshark->in_block = false;
        return dump_unplaced(dump, source);
    }
    if (tshark->indent == 0)
        tshark->indent = indent;
    struct line at = dump_at(source, indent);
    tshark->decoder.text = line;
    tshark->decoder.at = 0;
    return flow && flow_decode(&dump->flows, flow, tshark->way, &at, &tshark->decoder);
}

const struct dump_format tshark_ascii_format = {
    .state_size = sizeof(struct tshark),
    .mode = TSHARK_ASCII,
    .learn = ascii_learn,
    .line = ascii_line,
};

const struct dump_format tshark_hex_format = {
    .state_size = sizeof(struct tshark),
    .mode = TSHARK_HEX,
    .exact = true,
    .wire = true,
    .line = hex_line,
};

const struct dump_format tshark_raw_format = {
    .state_size = sizeof(struct tshark),
    .mode = TSHARK_RAW,
    .exact = true,
    .wire = true,
    .line = raw_line,
};

static void yaml_learn(struct dump *dump, struct slice head)
{
    struct tshark *tshark = dump->state;
    (void)head;
    tshark->way = WAY_UNKNOWN; /* the dump may begin in the middle of a packet */
}

const struct dump_format tshark_yaml_format = {
    .state_size = sizeof(struct tshark),
    .mode = TSHARK_YAML,
    .learn = yaml_learn,
    .exact = true,
    .wire = true,
    .line = yaml_line,
};
