/* flow.c - separates the connections of a dump and finds their clients. */
#include "transcript/dumps/flow.h"

#include <stdlib.h>

#include "smtp/connection_hints.h"
#include "smtp/look.h"
#include "transcript/formats/format.h"

/* The limit for a line that waits. */
#define HELD_PAYLOAD_MAX ((size_t)4096)

/* A line in flow->held; its octets follow, payload first. */
struct held_line {
    struct line line;
    unsigned way;
    size_t payload, raw;
};

uint64_t flow_key(uint64_t key, struct slice text)
{
    return slice_hash(key ? key : SLICE_HASH, text);
}

static void flow_free(struct flow *flow)
{
    stream_free(&flow->ways[0].stream);
    stream_free(&flow->ways[1].stream);
    octet_buffer_free(&flow->held);
    free(flow);
}

void flows_free(struct flows *flows)
{
    for (size_t i = 0; i < flows->table.capacity; i++)
        if (flows->table.slots[i])
            flow_free((struct flow *)flows->table.slots[i]);
    keyed_table_clear(&flows->table);
    *flows = (struct flows){0};
}

/* Returns true if lines may be passed on. */
static bool is_open(const struct flows *flows, const struct flow *flow)
{
    return flow->client >= 0 && (!flows->both_ways || (flow->ways[0].spoke && flow->ways[1].spoke));
}

/* Reports show the file's line, and know how to hide what follows AUTH where it is plain text. In
 * hex or base64 they cannot, and a line of the file may hold other commands beside it. */
static void hide_secrets(const struct flows *flows, struct flow *flow, struct line *line)
{
    bool client = line->side == SIDE_CLIENT;
    if (client && slice_starts_nocase(line->payload, SLICE("AUTH "))) {
        struct slice shown = slice_after(line->raw, line->column - 1);
        if (!slice_starts_nocase(shown, SLICE("AUTH ")))
            line->raw = slice_head(line->raw, line->end_column > 0 ? line->end_column - 1 : 0);
        flow->secret_row = flows->row;
    } else if (client && flow->follower.auth) {
        line->raw = SLICE("");
        flow->secret_row = flows->row;
    } else if (flow->secret_row > 0 && line->number == flow->secret_row) {
        line->raw = SLICE("");
    }
}

static void give_note(const struct flows *flows, const struct flow *flow, const struct line *at,
                      enum note note, struct slice text)
{
    struct line line = *at;
    line.side = SIDE_NOTE;
    line.note = note;
    line.session = flow->keyed.key;
    line.payload = text;
    flows->sink->line(flows->sink->context, &line);
}

/* Passes on what the dump says of the connection; its own lines belong to none. */
static void give_surroundings(const struct flows *flows, struct flow *flow, const struct line *at)
{
    if (flow->said & HINT_LOOPBACK)
        give_note(flows, flow, at, NOTE_PLAIN, SLICE("localhost"));
    if (flow->said & HINT_TLS)
        give_note(flows, flow, at, NOTE_PLAIN, SLICE("TLS"));
    flow->said = 0;
}

static void give(struct flows *flows, struct flow *flow, struct line *line, unsigned way)
{
    if (flows->wire && !flow->wire)
        give_note(flows, flow, line, NOTE_WIRE, SLICE(""));
    flow->wire = true;
    if (flow->said)
        give_surroundings(flows, flow, line);
    line->side = (int)way == flow->client ? SIDE_CLIENT : SIDE_SERVER;
    line->session = flow->keyed.key;
    hide_secrets(flows, flow, line);
    if (follower_take(&flow->follower, line->side, line->payload))
        flows->sink->line(flows->sink->context, line);
    else
        flows->withheld += line->side == SIDE_SERVER;
}

/* Copies a line to the end of what is held back; when there is no more room for it, what was held
 * before is forgotten: it is the middle of something whose beginning is not in the dump either. */
static bool hold(struct flow *flow, const struct line *line, unsigned way)
{
    struct slice payload = slice_head(line->payload, HELD_PAYLOAD_MAX);
    struct slice raw = slice_head(line->raw, STREAM_RAW_MAX);
    struct held_line held = {*line, way, payload.size, raw.size};
    size_t size = sizeof held + payload.size + raw.size;
    if (flow->held.size + size > FLOW_HELD_MAX)
        flow->held.size = 0;
    struct slice head = {(const char *)&held, sizeof held};
    size_t whole_lines = flow->held.size;
    if (octet_buffer_append(&flow->held, head) && octet_buffer_append(&flow->held, payload) &&
        octet_buffer_append(&flow->held, raw))
        return true;
    flow->held.size = whole_lines;
    return false;
}

/* Passes on what was held back. Where the dump begins in the middle, what precedes the first
 * command is the end of one, or of a message. */
static void give_held(struct flows *flows, struct flow *flow)
{
    bool begun = flow->greeted;
    for (size_t at = 0; at < flow->held.size;) {
        struct held_line held;
        memcpy(&held, flow->held.octets + at, sizeof held);
        at += sizeof held;
        held.line.payload = (struct slice){flow->held.octets + at, held.payload};
        held.line.raw = (struct slice){flow->held.octets + at + held.payload, held.raw};
        at += held.payload + held.raw;
        begun = begun || (int)held.way != flow->client || looks_like_command(held.line.payload);
        if (!begun)
            continue;
        give(flows, flow, &held.line, held.way);
    }
    octet_buffer_free(&flow->held);
}

/* Takes a line from a stream. */
static void on_line(void *context, const struct line *from)
{
    struct flows *flows = context;
    struct flow *flow = flows->giving;
    struct line line = *from;
    if (!flows->exact || slice_ends(line.payload, SLICE(LINE_CUT)))
        line.end = LINE_END_UNKNOWN;
    if (flow->client < 0) {
        if (looks_like_reply(line.payload)) {
            flow->client = (int)(1 - flows->way);
            flow->greeted = slice_starts(line.payload, SLICE("220"));
            flow->follower.lost = flow->follower.lost && !(flow->middle && flow->greeted);
        } else if (looks_like_command(line.payload)) {
            flow->client = (int)flows->way;
            flow->follower.answered = flow->middle && flow->held.size == 0;
        }
    }
    if (!is_open(flows, flow)) {
        if (!hold(flow, &line, flows->way))
            flows->no_memory = true;
        return;
    }
    if (flow->held.size > 0)
        give_held(flows, flow);
    give(flows, flow, &line, flows->way);
}

/* Returns true if octets after an accepted STARTTLS are text after all: a server that only
 * pretended. */
static bool is_plain(const struct flow *flow, unsigned way, struct slice octets)
{
    size_t size = slice_find(octets, '\n');
    struct slice line = slice_head(octets, size);
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return (int)way == flow->client ? looks_like_command(line) : looks_like_reply(line);
}

bool flow_take(struct flows *flows, struct flow *flow, unsigned way, const struct line *at,
               struct slice octets)
{
    if (octets.size == 0)
        return true;
    flow->keyed.touched = at->number;
    if (!flow->ways[0].spoke && !flow->ways[1].spoke)
        flow->said = flows->said;
    flow->ways[way].spoke = true;
    flows->row = at->number;
    if (flow->held.size > 0 && is_open(flows, flow))
        give_held(flows, flow);
    if (flow->follower.tls == FOLLOWER_TLS_AGREED && !flow->ways[way].stream.began) {
        flow->encrypted = !is_plain(flow, way, octets);
        flow->follower.tls = FOLLOWER_PLAIN;
        flows->encrypted += flow->encrypted;
    }
    if (flow->encrypted)
        return true;
    flows->giving = flow;
    flows->way = way;
    flow->ways[way].stream.in_pieces = (int)way == flow->client && flow->follower.chunk_left > 0;
    struct line_sink sink = {on_line, flows};
    return stream_take(&flow->ways[way].stream, at, octets, &sink) && !flows->no_memory;
}

bool flow_decode(struct flows *flows, struct flow *flow, unsigned way, const struct line *at,
                 struct decoder *decoder)
{
    char octets[1024];
    size_t size = 0, word_end = 0;
    struct line line = *at;
    bool more = true;
    while (more) {
        size_t before = decoder->at;
        char octet = '\0';
        more = decoder_next(decoder, &octet);
        if (more) {
            if (size == 0) {
                /* Blanks between the octets of a hex dump belong to none. */
                before += decoder->encoding == ENCODING_HEX ? decoder->at - before - 2 : 0;
                line.column = at->column + (uint32_t)before;
                word_end = 0;
            }
            if (word_end == 0 && size > 0 && (octet == ' ' || octet == '\r' || octet == '\n'))
                word_end = before;
            octets[size++] = octet;
        }
        if (size > 0 && (!more || octet == '\n' || size == sizeof octets)) {
            line.end_column = at->column + (uint32_t)(word_end ? word_end : decoder->at);
            if (!flow_take(flows, flow, way, &line, (struct slice){octets, size}))
                return false;
            size = 0;
        }
    }
    return true;
}

void flow_gap(struct flows *flows, struct flow *flow, unsigned way, const struct line *at)
{
    struct stream *stream = &flow->ways[way].stream;
    stream->held.size = 0;
    stream->began = false;
    flows->holes++;
    if (!is_open(flows, flow)) { /* what has been said so far can be paired with nothing */
        flow->held.size = 0;
        flow->greeted = flow->middle = false;
        flow->follower.lost = true;
        return;
    }
    bool lost =
        follower_lose(&flow->follower, (int)way == flow->client ? SIDE_CLIENT : SIDE_SERVER);
    give_note(flows, flow, at, lost ? NOTE_HOLE : NOTE_CONTENT, SLICE(""));
}

void flow_middle(struct flow *flow)
{
    if (!flow->ways[0].spoke && !flow->ways[1].spoke)
        flow->middle = flow->follower.lost = true;
}

void flow_syn(struct flow *flow, unsigned way, uint32_t number)
{
    flow->ways[way].syn = true;
    flow->ways[way].isn = number;
    flow->follower.lost = flow->follower.lost && !flow->middle;
    flow->middle = false;
}

void flow_syn_again(struct flow *flow, unsigned way, uint32_t number)
{
    flow->ways[way].again = true;
    flow->ways[way].again_isn = number;
}

bool flow_begins_again(const struct flow *flow, unsigned way, uint32_t start)
{
    const struct way *this_way = &flow->ways[way];
    return start == 1 || (this_way->again && start == this_way->again_isn + 1);
}

size_t flow_sequence(struct flow *flow, unsigned way, uint32_t start, size_t size, bool *gap)
{
    struct way *this_way = &flow->ways[way];
    *gap = false;
    if (this_way->syn) { /* counted from 1, unless the numbers are shown as they are (-S) */
        uint32_t distance = start - this_way->isn;
        this_way->syn = false;
        this_way->numbered = true;
        /* Shortly before the end of the circle 1 is near the number of the SYN, too. */
        this_way->next = distance < UINT32_MAX / 256 && distance < start ? this_way->isn + 1 : 1;
    }
    if (!this_way->numbered) {
        this_way->numbered = true;
        this_way->base = start > 1 ? start : 0;
        this_way->next = start + (uint32_t)size;
        return 0;
    }
    /* The first segment is shown with its own number, the others counted from it. */
    if (this_way->base > 0 && start == this_way->next - this_way->base) {
        this_way->next = start;
        this_way->base = 0;
    }
    uint32_t known = this_way->next - start;
    if (known == 0 || known > UINT32_MAX / 2) {
        *gap = known != 0;
        this_way->next = start + (uint32_t)size;
        return 0;
    }
    if (known >= size)
        return size;
    this_way->next = start + (uint32_t)size;
    return known;
}

bool flow_acknowledged(struct flow *flow, unsigned way, uint32_t number)
{
    struct way *this_way = &flow->ways[way];
    if (this_way->syn) {
        if (number <= 2 || number - this_way->isn <= 2) /* the SYN, and a FIN */
            return false;
        this_way->syn = false;
        this_way->numbered = true;
        this_way->next = number;
        return true;
    }
    uint32_t missing = number - this_way->next;
    if (!this_way->numbered || this_way->base > 0 || missing <= 1 || missing > UINT32_MAX / 2)
        return false;
    this_way->next = number;
    return true;
}

static void end_streams(struct flows *flows, struct flow *flow, const struct line *at)
{
    struct line_sink sink = {on_line, flows};
    flows->giving = flow;
    for (unsigned way = 0; way < 2; way++) {
        flows->way = way;
        if (flow->ways[way].stream.began)
            stream_end(&flow->ways[way].stream, at, &sink);
    }
}

bool flow_restart(struct flows *flows, struct flow *flow, const struct line *at)
{
    end_streams(flows, flow, at);
    if (is_open(flows, flow))
        give_note(flows, flow, at, NOTE_SESSION, SLICE(""));
    for (unsigned way = 0; way < 2; way++) {
        struct way old = flow->ways[way];
        flow->ways[way] =
            (struct way){.stream = old.stream, .syn = old.again, .isn = old.again_isn};
    }
    flow->client = -1;
    flow->greeted = flow->encrypted = flow->middle = false;
    flow->follower = (struct follower){0};
    flow->held.size = 0;
    return !flows->no_memory;
}

void flow_note(struct flows *flows, const struct line *at)
{
    struct line line = *at;
    flows->said |= connection_hints_in(at->raw);
    line.side = SIDE_NOTE;
    line.note = NOTE_PLAIN;
    line.session = FLOW_NONE;
    line.payload = line.raw;
    flows->sink->line(flows->sink->context, &line);
}

void flow_unplaced(struct flows *flows, const struct line *at)
{
    struct line line = *at;
    line.side = SIDE_UNMARKED;
    line.note = NOTE_PLAIN;
    line.session = FLOW_NONE;
    line.payload = line.raw;
    flows->sink->line(flows->sink->context, &line);
}

/* Ends the `ended` connections that have been silent longest. */
static bool end_silent(struct flows *flows, size_t ended)
{
    struct keyed **list = keyed_table_by_age(&flows->table);
    if (!list)
        return false;
    for (size_t i = 0; i < ended; i++) {
        struct flow *flow = (struct flow *)list[i];
        struct line at = {.number = flow->keyed.touched + 1, .column = 1}; /* after all it has */
        end_streams(flows, flow, &at);
        keyed_table_remove(&flows->table, &flow->keyed);
        flow_free(flow);
    }
    free(list);
    return !flows->no_memory;
}

bool flows_finish(struct flows *flows)
{
    return end_silent(flows, flows->table.count);
}

struct flow *flow_find(struct flows *flows, uint64_t key)
{
    if (key == FLOW_NONE)
        key--;
    struct flow *flow = (struct flow *)keyed_table_find(&flows->table, key);
    if (flow)
        return flow;
    if (flows->table.count >= FLOWS_MAX && !end_silent(flows, flows->table.count / 4))
        return NULL;
    flow = calloc(1, sizeof *flow);
    if (!flow)
        return NULL;
    flow->keyed.key = key;
    flow->client = -1;
    if (keyed_table_add(&flows->table, &flow->keyed))
        return flow;
    flow_free(flow);
    return NULL;
}
