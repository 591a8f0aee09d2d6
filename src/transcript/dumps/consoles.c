/* consoles.c - tcpflow -c and ngrep -W byline: the text of each packet after a heading. Only the next
 * heading shows where a text ends. With -D tcpflow writes rows of hex after it.
 *
 *     127.000.000.001.45938-127.000.000.001.12600: EHLO client.example.org
 *
 *     127.000.000.001.45938-127.000.000.001.12600:
 *     0000: 4548 4c4f 2063 6c69 656e 742e 6578 616d EHLO client.exam
 *
 *     T 2026/11/23 14:21:05.371519 127.0.0.1:45938 -> 127.0.0.1:12600 [AP] #6
 *     EHLO client.example.org.
 */
#include "smtp/look.h"
#include "transcript/dumps/dump.h"

struct console {
    struct dump_text text;
    bool hex;
};

/* Octets in a row of hex, at most. */
#define ROW_OCTETS 32

/* Returns the key of the connection between two ends, whichever of them sends, and sets *way. */
static uint64_t key_of(struct slice from, struct slice to, unsigned *way)
{
    bool forward =
        from.size != to.size ? from.size < to.size : memcmp(from.data, to.data, from.size) < 0;
    *way = forward;
    return flow_key(flow_key(0, forward ? from : to), forward ? to : from);
}

/* "127.000.000.001.12600", "2001:0db8:...:0001.12600": an address with its port. */
static bool is_end(struct slice text)
{
    size_t dots = 0, colons = 0;
    for (size_t i = 0; i < text.size; i++) {
        dots += text.data[i] == '.';
        colons += text.data[i] == ':';
        if (hex_digit(text.data[i]) < 0 && text.data[i] != '.' && text.data[i] != ':')
            return false;
    }
    size_t digits = 0;
    while (digits < text.size && ascii_digit(text.data[text.size - 1 - digits]))
        digits++;
    return digits == 5 && (dots == 4 || (dots == 1 && colons >= 2));
}

/* Returns true if a line that was cut may be the beginning of a heading. */
static bool may_be_end(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (hex_digit(text.data[i]) < 0 && text.data[i] != '.' && text.data[i] != ':' &&
            text.data[i] != '-')
            return false;
    return true;
}

/* Returns the length of "A-B: " at the head of a line; 0 if there is none. */
static size_t tcpflow_heading(struct slice line, struct slice *from, struct slice *to)
{
    size_t dash = slice_find(slice_head(line, 64), '-');
    *from = slice_head(line, dash);
    struct slice rest = slice_after(line, dash + 1);
    size_t size = 0;
    while (size < rest.size && size < 64 && rest.data[size] != ' ')
        size++;
    if (size < 2 || rest.data[size - 1] != ':')
        return 0;
    *to = slice_head(rest, size - 1);
    return is_end(*from) && is_end(*to) ? dash + 1 + size + (size < rest.size) : 0;
}

/* Where an octet of a row stands: "0000: 4548 4c4f 2063". */
static size_t hex_column(size_t offset, size_t index)
{
    return offset + index * 2 + index / 2;
}

/* Returns true if the row shows so many octets in hex and, at its end, the same ones as text. */
static bool shows_octets(struct slice line, size_t offset, size_t count)
{
    struct slice text = slice_after(line, line.size - count);
    for (size_t i = 0; i < count; i++) {
        const char *pair = line.data + hex_column(offset, i);
        int high = hex_digit(pair[0]), low = hex_digit(pair[1]);
        int octet = high * 16 + low;
        if (high < 0 || low < 0 || text.data[i] != (octet > 0x1f && octet < 0x7f ? octet : '.'))
            return false;
    }
    return true;
}

/* Returns how many octets a row of hex has, and sets *offset to the column of the first; 0: it is none.
 * What follows the hex may begin with digits too: the text tells how many are octets. */
static size_t hex_row(struct slice line, size_t *offset)
{
    size_t digits = 0;
    while (digits < line.size && digits <= 16 && hex_digit(line.data[digits]) >= 0)
        digits++;
    if (digits < 4 || !slice_starts(slice_after(line, digits), SLICE(": ")))
        return 0;
    *offset = digits + 2;
    for (size_t count = ROW_OCTETS; count > 0; count--)
        if (hex_column(*offset, count - 1) + 2 < line.size &&
            line.size - hex_column(*offset, count - 1) - 2 > count &&
            shows_octets(line, *offset, count))
            return count;
    return 0;
}

static bool tcpflow_open(struct dump *dump, struct slice from, struct slice to)
{
    struct console *console = dump->state;
    uint64_t key = key_of(from, to, &console->text.way);
    console->text.flow = flow_find(&dump->flows, key);
    return console->text.flow != NULL;
}

static bool tcpflow_hex_line(struct dump *dump, const struct source_line *source)
{
    struct console *console = dump->state;
    struct slice from, to;
    size_t offset, count = hex_row(source->text, &offset);
    if (tcpflow_heading(source->text, &from, &to) > 0)
        return tcpflow_open(dump, from, to) && dump_heading(dump, source);
    if (count == 0 || !console->text.flow)
        return dump_unplaced(dump, source);
    return dump_hex(dump, console->text.flow, console->text.way, source, offset, count, 0, &count);
}

/* Rows of hex follow the first heading, or text does. */
static void tcpflow_learn(struct dump *dump, struct slice head)
{
    struct console *console = dump->state;
    struct slice from, to;
    size_t offset;
    bool found = false;
    while (head.size > 0 && !found)
        found = tcpflow_heading(head_line(&head), &from, &to) > 0;
    console->hex = found && hex_row(head_line(&head), &offset) > 0;
}

static bool tcpflow_line(struct dump *dump, const struct source_line *source)
{
    struct console *console = dump->state;
    struct slice from, to;
    if (console->hex)
        return tcpflow_hex_line(dump, source);
    size_t length = tcpflow_heading(source->text, &from, &to);
    if (length == 0 && !console->text.flow)
        return dump_unplaced(dump, source);
    if (length == 0 && !source->ended && console->text.breaks >= 2 && may_be_end(source->text))
        return dump_heading(dump, source); /* cut in the middle of it */
    if (length > 0) {
        if (!dump_text_end(dump, &console->text, 1) || !tcpflow_open(dump, from, to))
            return false;
    }
    return dump_text_line(dump, &console->text, source, length);
}

static bool tcpflow_finish(struct dump *dump)
{
    struct console *console = dump->state;
    return dump_text_end(dump, &console->text, 1);
}

/* "T [date time | +0.1] A:25 -> B:1234 [AP] #4" */
static bool ngrep_heading(struct slice line, struct slice *from, struct slice *to)
{
    if (!slice_starts(line, SLICE("T ")))
        return false;
    struct slice rest = slice_after(line, 2);
    *from = SLICE("");
    while (rest.size > 0) {
        size_t blank = slice_find(rest, ' ');
        struct slice word = slice_head(rest, blank);
        rest = slice_after(rest, blank + 1);
        if (!slice_equal(word, SLICE("->"))) {
            *from = word;
            continue;
        }
        *to = slice_head(rest, slice_find(rest, ' '));
        return slice_starts(slice_after(rest, to->size), SLICE(" [")) &&
               slice_find(*from, ':') < from->size && slice_find(*to, ':') < to->size;
    }
    return false;
}

/* Returns true for what ngrep writes between the packets: a mark for each that did not match,
 * its last lines, and the first lines of the next run. */
static bool is_progress(struct slice line)
{
    static const char *const words[] = {"exit", "input: ", "interface: ", "filter: ", "match: "};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_starts(line, slice_of(words[i])))
            return true;
    size_t marks = 0;
    while (marks < line.size && line.data[marks] == '#')
        marks++;
    return marks > 0 && marks == line.size;
}

/* Returns true if an empty line may be what that side has sent: of a message, or of nobody knows what. */
static bool may_be_empty(const struct dump_text *text)
{
    const struct flow *flow = text->flow;
    bool client = (int)text->way == flow->client;
    return flow->client < 0 || flow->encrypted ||
           (client && (flow->follower.content || flow->follower.chunk_left > 0 ||
                       flow->follower.lost || flow->follower.data));
}

static bool ngrep_line(struct dump *dump, const struct source_line *source)
{
    struct console *console = dump->state;
    struct dump_text *text = &console->text;
    struct slice from, to;
    if (ngrep_heading(source->text, &from, &to)) {
        if (!dump_text_end(dump, text, 2))
            return false;
        unsigned way;
        uint64_t key = key_of(from, to, &way);
        *text =
            (struct dump_text){.flow = flow_find(&dump->flows, key), .way = way, .dotted = true};
        return text->flow && dump_heading(dump, source);
    }
    if (!text->flow)
        return dump_unplaced(dump, source);
    bool may_be_heading = source->text.size == 1 || slice_starts(source->text, SLICE("T "));
    if (!source->ended && text->breaks >= 2 && source->text.data[0] == 'T' && may_be_heading)
        return dump_text_end(dump, text, 2); /* cut in the middle of it */
    if (text->breaks >= 2 && is_progress(source->text))
        return dump_text_end(dump, text, 1); /* the second is the next heading's */
    if (text->breaks >= 2 && source->text.size > 0 && !may_be_empty(text))
        return dump_text_end(dump, text, 2) && dump_unplaced(dump, source);
    return dump_text_line(dump, text, source, 0);
}

/* One line end of its own follows the last packet; more if the file was cut before the last. */
static bool ngrep_finish(struct dump *dump)
{
    struct dump_text *text = &((struct console *)dump->state)->text;
    text->dot = text->dot && text->breaks > 1; /* else the file was cut before its line end */
    return dump_text_end(dump, text, text->breaks > 2 ? 2 : 1);
}

const struct dump_format tcpflow_console_format = {
    .state_size = sizeof(struct console),
    .learn = tcpflow_learn,
    .line = tcpflow_line,
    .finish = tcpflow_finish,
};

const struct dump_format ngrep_format = {
    .state_size = sizeof(struct console),
    .line = ngrep_line,
    .finish = ngrep_finish,
};
