/* dump.c - what all dumps have in common. */
#include "transcript/dumps/dump.h"

#include <inttypes.h>
#include <stdlib.h>

#include "smtp/look.h"

struct line dump_at(const struct source_line *source, size_t column)
{
    return (struct line){
        .raw = source->text,
        .number = source->number,
        .column = (uint32_t)(column < UINT32_MAX / 2 ? column : UINT32_MAX / 2) + 1,
    };
}

bool dump_heading(struct dump *dump, const struct source_line *source)
{
    struct line at = dump_at(source, 0);
    flow_note(&dump->flows, &at);
    return true;
}

bool dump_unplaced(struct dump *dump, const struct source_line *source)
{
    struct line at = dump_at(source, 0);
    if (source->text.size > 0)
        flow_unplaced(&dump->flows, &at);
    return true;
}

bool dump_hex(struct dump *dump, struct flow *flow, unsigned way, const struct source_line *source,
              size_t column, size_t most, unsigned half, size_t *count)
{
    struct line at = dump_at(source, column);
    struct decoder decoder = {
        .encoding = ENCODING_HEX,
        .text = slice_after(source->text, column),
        .left = most,
        .half = half,
    };
    bool done = flow_decode(&dump->flows, flow, way, &at, &decoder);
    *count = decoder.count;
    return done;
}

static bool take(struct dump *dump, struct dump_text *text, struct slice octets)
{
    return flow_take(&dump->flows, text->flow, text->way, &text->at, octets);
}

/* Passes on line ends that belong to the text. */
static bool flush_breaks(struct dump *dump, struct dump_text *text, unsigned count)
{
    if (text->dot && count == 0 && !take(dump, text, SLICE(".")))
        return false;
    text->dot = false;
    for (; count > 0; count--) {
        if (!take(dump, text, SLICE("\n")))
            return false;
        text->at.number++; /* of the next, which is empty */
        text->at.column = 1;
    }
    text->breaks = 0;
    return true;
}

bool dump_text_line(struct dump *dump, struct dump_text *text, const struct source_line *source,
                    size_t column)
{
    struct slice octets = slice_after(source->text, column);
    if (octets.size == 0) {
        if (text->breaks++ == 0)
            text->at = dump_at(source, column);
        text->at.raw = SLICE("");
        return true;
    }
    bool dot = text->dotted && octets.data[octets.size - 1] == '.';
    octets.size -= dot;
    dot = dot &&
          source->ended; /* where the recording is cut nobody knows: nothing is lost but a dot */
    if (text->breaks > 0 && !flush_breaks(dump, text, text->breaks))
        return false;
    text->at = dump_at(source, column);
    text->breaks = 1;
    text->dot = dot;
    bool done = take(dump, text, octets);
    text->at.raw = SLICE(""); /* gone with the next line; the stream has kept what it needs */
    return done;
}

bool dump_text_end(struct dump *dump, struct dump_text *text, unsigned own)
{
    bool done = true;
    if (text->flow)
        done = flush_breaks(dump, text, text->breaks > own ? text->breaks - own : 0);
    text->flow = NULL;
    text->breaks = 0;
    return done;
}

uint64_t take_number(struct slice text, size_t *length)
{
    uint64_t value = 0;
    size_t digits = 0;
    while (digits < text.size && digits < 18 && ascii_digit(text.data[digits]))
        value = value * 10 + (uint64_t)(text.data[digits++] - '0');
    *length = digits;
    return value;
}

static bool dump_begin(struct dump *dump, const struct dump_format *format,
                       const struct line_sink *sink, struct slice head)
{
    *dump = (struct dump){.format = format};
    dump->flows.sink = sink;
    dump->flows.both_ways = format->both_ways;
    dump->flows.exact = format->exact;
    dump->flows.wire = format->wire;
    dump->state = calloc(1, format->state_size > 0 ? format->state_size : 1);
    if (!dump->state)
        return false;
    if (format->learn)
        format->learn(dump, head);
    return true;
}

static void dump_end(struct dump *dump)
{
    flows_free(&dump->flows);
    free(dump->state);
}

/* Counts for recognition. */
struct count {
    struct fit fit;
    unsigned headings, unplaced;
};

static void count_line(void *context, const struct line *line)
{
    struct count *count = context;
    switch (line->side) {
    case SIDE_CLIENT:
        count->fit.commands += looks_like_command(line->payload);
        break;
    case SIDE_SERVER:
        count->fit.replies += looks_like_reply(line->payload);
        break;
    case SIDE_UNMARKED:
        count->unplaced++;
        break;
    case SIDE_NOTE:
        count->headings += line->raw.size > 0;
        break;
    }
}

/* Reads the head to see how well the format fits. */
static struct fit dump_recognise(const struct format *format, struct slice head)
{
    struct count count = {0};
    struct line_sink sink = {count_line, &count};
    struct dump dump;
    const struct dump_format *dump_format = format->detail;
    bool going = dump_begin(&dump, dump_format, &sink, head);
    struct source_line line = {0};
    char line_end = slice_find(head, '\n') < head.size ? '\n' : '\r';
    while (going && head.size > 0) {
        size_t size = slice_find(head, line_end);
        line.number++;
        line.text = slice_head(head, size);
        line.ended = size < head.size;
        head = slice_after(head, size + 1);
        line.cr = line.ended && line_end == '\n' && size > 0 && line.text.data[size - 1] == '\r';
        line.text.size -= line.cr;
        if (line.ended || head.size == 0)
            going = dump_format->line(&dump, &line);
    }
    if (going && dump_format->finish)
        going = dump_format->finish(&dump);
    going = going && flows_finish(&dump.flows);
    count.fit.replies += dump.flows.withheld > 0; /* so both sides are in it */
    dump_end(&dump);
    count.fit.no_memory = !going;
    /* A dump that somebody sent as a message is not what the recording is. */
    if (count.headings > count.unplaced)
        count.fit.form = count.headings - count.unplaced;
    return count.fit;
}

static bool dump_open(struct reader *reader, struct slice head)
{
    struct dump *dump = malloc(sizeof *dump);
    reader->state = dump;
    return dump && dump_begin(dump, reader->format->detail, reader->sink, head);
}

static bool dump_read(struct reader *reader, const struct source_line *line)
{
    struct dump *dump = reader->state;
    return dump->format->line(dump, line);
}

static bool dump_finish(struct reader *reader)
{
    struct dump *dump = reader->state;
    const struct flows *flows = &dump->flows;
    bool done = !dump->format->finish || dump->format->finish(dump);
    REMARK_COUNT(reader, flows->holes,
                 "in %llu place octets are missing: no session is judged across that",
                 "in %llu places octets are missing: no session is judged across that");
    REMARK_COUNT(reader, flows->encrypted, "%llu session in TLS after STARTTLS: not judged further",
                 "%llu sessions in TLS after STARTTLS: not judged further");
    return done && flows_finish(&dump->flows);
}

static void dump_close(struct reader *reader)
{
    dump_end(reader->state);
    free(reader->state);
}

const struct format_family dump_family = {
    .recognise = dump_recognise,
    .open = dump_open,
    .read = dump_read,
    .finish = dump_finish,
    .close = dump_close,
    .ordered = true,
};
