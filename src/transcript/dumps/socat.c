/* socat.c - socat -v (text with escapes), -x and -v -x (hex).
 *
 *     > 2026/11/23 13:02:01.000656732  length=25 from=0 to=24
 *     EHLO client.example.org\r
 *
 * The length is exact, so text in a message is never mistaken for a heading. After octets without a line
 * end, the next heading follows in the same line.
 */
#include "transcript/dumps/dump.h"

struct socat {
    bool in_block;
    unsigned way;
    uint64_t left;
    bool first; /* the next line is the block's first: it tells text from hex */
    bool hex;
};

/* A heading at the beginning of `text`. */
static bool take_heading(struct dump *dump, struct slice text)
{
    struct socat *socat = dump->state;
    if (text.size < 30 || (text.data[0] != '>' && text.data[0] != '<') || text.data[1] != ' ' ||
        !ascii_digit(text.data[2]))
        return false;
    size_t at = 2, digits, ignored;
    while (at < text.size && at < 40 && text.data[at] != 'l')
        at++;
    struct slice rest = slice_after(text, at);
    if (!slice_starts(rest, SLICE("length=")))
        return false;
    uint64_t length = take_number(slice_after(rest, 7), &digits);
    rest = slice_after(rest, 7 + digits);
    if (digits == 0 || !slice_starts(rest, SLICE(" from=")))
        return false;
    struct flow *flow = flow_find(&dump->flows, 0);
    unsigned way = text.data[0] == '>';
    /* Counting from 0 again is another connection. */
    if (flow && take_number(slice_after(rest, 6), &ignored) == 0 && flow->ways[way].spoke) {
        struct line at_heading = {.raw = text, .number = flow->keyed.touched + 1, .column = 1};
        flow_restart(&dump->flows, flow, &at_heading);
    }
    *socat = (struct socat){.in_block = length > 0, .way = way, .left = length, .first = true};
    return true;
}

/* " 32 32 30 20" where that can be all or a full row of the block. */
static bool is_hex_row(const struct socat *socat, struct slice line)
{
    size_t pairs = 0;
    while (pairs < 16 && pairs * 3 + 2 < line.size && line.data[pairs * 3] == ' ' &&
           hex_digit(line.data[pairs * 3 + 1]) >= 0 && hex_digit(line.data[pairs * 3 + 2]) >= 0)
        pairs++;
    return pairs > 0 && (pairs == 16 || pairs == socat->left ||
                         (pairs * 3 < line.size && pairs < socat->left &&
                          line.data[pairs * 3 - 2] == '0' && line.data[pairs * 3 - 1] == 'a'));
}

/* A line of hex: all of the block (-x), or a row of it. */
static bool hex_row(struct dump *dump, const struct source_line *source)
{
    struct socat *socat = dump->state;
    struct flow *flow = flow_find(&dump->flows, 0);
    size_t count;
    size_t most = socat->left < SIZE_MAX ? (size_t)socat->left : SIZE_MAX;
    if (!flow || !dump_hex(dump, flow, socat->way, source, 0, most, 0, &count))
        return false;
    socat->left -= count;
    socat->in_block = socat->left > 0 && count > 0;
    return true;
}

/* A line of text, or the rest of one that a heading follows. */
static bool text_line(struct dump *dump, const struct source_line *source)
{
    struct socat *socat = dump->state;
    struct flow *flow = flow_find(&dump->flows, 0);
    struct line at = dump_at(source, 0);
    struct decoder decoder = {
        .encoding = ENCODING_C,
        .text = source->text,
        .left = socat->left < SIZE_MAX ? (size_t)socat->left : SIZE_MAX,
    };
    if (!flow || !flow_decode(&dump->flows, flow, socat->way, &at, &decoder))
        return false;
    socat->left -= decoder.count;
    if (socat->left == 0) {
        socat->in_block = false;
        if (decoder.at < source->text.size)
            take_heading(dump, slice_after(source->text, decoder.at));
        return true;
    }
    socat->left -= 1; /* LF, which the line end is */
    socat->in_block = socat->left > 0;
    return flow_take(&dump->flows, flow, socat->way, &at, SLICE("\n"));
}

static bool socat_line(struct dump *dump, const struct source_line *source)
{
    struct socat *socat = dump->state;
    if (!socat->in_block) {
        if (take_heading(dump, source->text) || slice_equal(source->text, SLICE("--")))
            return dump_heading(dump, source);
        return dump_unplaced(dump, source);
    }
    if (socat->first)
        socat->hex = is_hex_row(socat, source->text);
    socat->first = false;
    return socat->hex ? hex_row(dump, source) : text_line(dump, source);
}

const struct dump_format socat_format = {
    .state_size = sizeof(struct socat),
    .exact = true,
    .line = socat_line,
};
