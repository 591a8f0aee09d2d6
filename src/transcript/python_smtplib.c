/* python_smtplib.c - the debug output of Python's smtplib: "send: 'ehlo a\r\n'", "reply: b'250 x'".
 *
 * What was sent or received stands in one line as a Python literal; one literal can hold a whole
 * message.
 */
#include "transcript/python_smtplib.h"

#include <stdlib.h>

/* set_debuglevel(2) puts "14:22:01.123456 " before each line. */
static size_t time_before(struct slice line)
{
    if (line.size < 16 || line.data[2] != ':' || line.data[5] != ':' || line.data[8] != '.' ||
        line.data[15] != ' ')
        return 0;
    return ascii_digit(line.data[0]) && ascii_digit(line.data[14]) ? 16 : 0;
}

/* The side of a line, and in *literal where its literal begins. */
static enum side side_of(struct slice line, size_t *literal, enum note *note)
{
    size_t time = time_before(line);
    struct slice rest = slice_after(line, time);
    *note = NOTE_PLAIN;
    *literal = 0;
    struct slice word;
    enum side side;
    if (slice_starts(rest, SLICE("send: "))) {
        side = SIDE_CLIENT;
        word = SLICE("send: ");
    } else if (slice_starts(rest, SLICE("reply: "))) {
        side = SIDE_SERVER;
        word = SLICE("reply: ");
    } else {
        if (slice_starts(rest, SLICE("connect: to ")) || slice_starts(rest, SLICE("connect: (")))
            *note = NOTE_SESSION;
        else if (!slice_starts(rest, SLICE("connect: ")) && !slice_starts(rest, SLICE("data: ")))
            return SIDE_UNMARKED;
        return SIDE_NOTE;
    }
    rest = slice_after(rest, word.size);
    size_t prefix = slice_starts(rest, SLICE("b")) ? 1 : 0;
    if (rest.size <= prefix || (rest.data[prefix] != '\'' && rest.data[prefix] != '"'))
        return SIDE_NOTE; /* "reply: retcode (250); Msg: ..." */
    *literal = time + word.size + prefix;
    return side;
}

static struct fit python_smtplib_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct fit fit = {0};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        enum note note;
        size_t literal;
        enum side side = side_of(line, &literal, &note);
        struct slice payload = slice_after(line, literal + 1);
        size_t end = slice_find(payload, '\\');
        if (side == SIDE_CLIENT)
            fit.commands += looks_like_command(slice_head(payload, end));
        else if (side == SIDE_SERVER)
            fit.replies += looks_like_reply(slice_head(payload, end));
    }
    return fit;
}

static int hex_digit(char c)
{
    if (ascii_digit(c))
        return c - '0';
    char upper = ascii_upper(c);
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

/* Undoes the escape at the head of `text` (behind the backslash): gives its octets' number, and the
 * octet. What is no escape stands for itself. */
static size_t unescape(struct slice text, char *octet)
{
    static const char letters[] = "rntabfv0\\'\"";
    static const char octets[] = "\r\n\t\a\b\f\v\0\\'\"";
    if (text.size >= 3 && text.data[0] == 'x' && hex_digit(text.data[1]) >= 0 &&
        hex_digit(text.data[2]) >= 0) {
        *octet = (char)(hex_digit(text.data[1]) * 16 + hex_digit(text.data[2]));
        return 3;
    }
    const char *found = text.size > 0 && text.data[0] != '\0' ? strchr(letters, text.data[0]) : NULL;
    *octet = found ? octets[found - letters] : '\\';
    return found ? 1 : 0;
}

/* Room for the octets of a literal. */
struct literal {
    char *octets;
    size_t capacity;
};

/* One line of the dialogue out of a literal. */
static void give(struct reader *reader, struct line *line, struct slice payload, size_t column,
                 size_t word_end)
{
    if (payload.size > 0 && payload.data[payload.size - 1] == '\r')
        payload.size--;
    line->payload = payload;
    line->column = (uint32_t)column + 1;
    line->end_column = (uint32_t)(word_end > column ? word_end : column + 1) + 1;
    reader->sink->line(reader->sink->context, line);
}

/* Cuts the literal into lines as it undoes the escapes; `decoded` has room for all of it. */
static void give_literal(struct reader *reader, struct line *line, size_t begin)
{
    char *decoded = ((struct literal *)reader->state)->octets;
    struct slice raw = line->raw;
    char quote = raw.data[begin];
    size_t size = 0, column = begin + 1, word_end = 0;
    bool pending = false;
    for (size_t i = begin + 1; i < raw.size && raw.data[i] != quote;) {
        if (!pending) {
            column = i;
            word_end = size = 0;
            pending = true;
        }
        char octet = raw.data[i];
        size_t length = 1;
        if (octet == '\\')
            length += unescape(slice_after(raw, i + 1), &octet);
        i += length;
        if (octet == '\n') {
            give(reader, line, (struct slice){decoded, size}, column,
                 word_end ? word_end : i - length);
            pending = false;
            continue;
        }
        if (word_end == 0 && (ascii_space(octet) || octet == '\r'))
            word_end = i - length;
        decoded[size++] = octet;
    }
    if (pending)
        give(reader, line, (struct slice){decoded, size}, column,
             word_end ? word_end : column + size);
}

static bool python_smtplib_read(struct reader *reader, const struct source_line *source)
{
    struct line line = {.raw = source->text, .number = source->number};
    size_t literal;
    line.side = side_of(source->text, &literal, &line.note);
    if (line.side != SIDE_CLIENT && line.side != SIDE_SERVER) {
        line.payload = source->text;
        line.column = 1;
        if (source->text.size == 0)
            line.side = SIDE_NOTE;
        reader->sink->line(reader->sink->context, &line);
        return true;
    }
    struct literal *room = reader->state;
    if (room->capacity < source->text.size) {
        char *larger = realloc(room->octets, source->text.size);
        if (!larger)
            return false;
        room->octets = larger;
        room->capacity = source->text.size;
    }
    give_literal(reader, &line, literal);
    return true;
}

static bool python_smtplib_open(struct reader *reader, struct slice head)
{
    (void)head;
    reader->state = calloc(1, sizeof(struct literal));
    return reader->state != NULL;
}

static void python_smtplib_close(struct reader *reader)
{
    struct literal *room = reader->state;
    free(room->octets);
    free(room);
}

const struct format_family python_smtplib_family = {
    .recognise = python_smtplib_recognise,
    .open = python_smtplib_open,
    .read = python_smtplib_read,
    .close = python_smtplib_close,
};
