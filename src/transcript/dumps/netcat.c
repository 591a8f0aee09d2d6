/* netcat.c - nc -o FILE of the traditional netcat.
 *
 *     < 00000000 32 32 30 20 6d 78 2e 65 78 61 6d 70 6c 65 2e 63 # 220 mx.example.c
 */
#include "transcript/dumps/dump.h"

static bool netcat_line(struct dump *dump, const struct source_line *source)
{
    struct slice line = source->text;
    bool sent = slice_starts(line, SLICE("> ")), got = slice_starts(line, SLICE("< "));
    size_t digits = 0, count;
    while (2 + digits < line.size && hex_digit(line.data[2 + digits]) >= 0)
        digits++;
    struct slice rest = slice_after(line, 2 + digits);
    if (!(sent || got) || digits != 8 || rest.size < 50 || rest.data[50 - 1] != '#')
        return dump_unplaced(dump, source);
    struct flow *flow = flow_find(&dump->flows, 0);
    /* The offset of a way begins at 0: another run appended to the same file. */
    struct line at = dump_at(source, 0);
    bool first = slice_starts(slice_after(line, 2), SLICE("00000000"));
    if (!flow || (first && flow->ways[sent].spoke && !flow_restart(&dump->flows, flow, &at)))
        return false;
    return dump_hex(dump, flow, sent, source, 2 + digits, 16, 0, &count);
}

const struct dump_format netcat_format = {
    .exact = true,
    .line = netcat_line,
};
