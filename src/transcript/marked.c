/* marked.c - the reader of all formats whose lines carry a mark of their side.
 */
#include "transcript/marked.h"

#include <stdlib.h>

/* What was learnt from the head of one recording. */
struct marks {
    size_t client_blanks, server_blanks; /* between mark and text, more than one: columns */
};

/* "C" or "Client" at the head of `line`, in whatever case: how long, 0 if not. */
static size_t word_at(struct slice line, struct slice letter, struct slice word)
{
    if (slice_starts_nocase(line, word))
        return word.size;
    return slice_starts_nocase(line, letter) ? letter.size : 0;
}

enum side letter_mark(struct slice line, size_t *length)
{
    if (line.size >= 2 && line.data[1] == ':' && (line.data[0] == 'C' || line.data[0] == 'S')) {
        *length = 2; /* most are written so */
        return line.data[0] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    }
    size_t at = 0;
    while (at < line.size && ascii_space(line.data[at]))
        at++;
    char bracket = at < line.size ? line.data[at] : '\0';
    if (bracket == '[' || bracket == '<')
        at++;
    else
        bracket = '\0';
    struct slice rest = slice_after(line, at);
    size_t client = word_at(rest, SLICE("C"), SLICE("CLIENT"));
    size_t server = client ? 0 : word_at(rest, SLICE("S"), SLICE("SERVER"));
    if (client + server == 0)
        return SIDE_UNMARKED;
    at += client + server;
    if (bracket == '[' || bracket == '<') {
        if (at >= line.size || line.data[at] != (bracket == '[' ? ']' : '>'))
            return SIDE_UNMARKED;
        *length = at + 1;
        return client ? SIDE_CLIENT : SIDE_SERVER;
    }
    while (at < line.size && ascii_space(line.data[at]))
        at++;
    if (at >= line.size || (line.data[at] != ':' && line.data[at] != '>' &&
                            !(line.data[at] == '<' && server)))
        return SIDE_UNMARKED;
    *length = at + 1;
    return client ? SIDE_CLIENT : SIDE_SERVER;
}

/* "14:22:01.123456 " or "2026-11-23T14:22:01Z ": how long, 0 if there is none. */
static size_t time_at(struct slice line)
{
    size_t digits = 0, colons = 0, at = 0;
    while (at < line.size && !ascii_space(line.data[at])) {
        char c = line.data[at++];
        digits += ascii_digit(c);
        colons += c == ':';
        if (!ascii_digit(c) && !strchr(":.,-+TZ", c))
            return 0;
    }
    return at < line.size && colons >= 1 && digits >= 4 ? at + 1 : 0;
}

static bool has_prefix(const char *const prefixes[], struct slice line, size_t *length)
{
    for (size_t i = 0; i < MARKS_MOST && prefixes[i]; i++)
        if (slice_starts(line, slice_of(prefixes[i]))) {
            *length = strlen(prefixes[i]);
            return true;
        }
    return false;
}

/* The side of a line; in *length the octets of its mark. */
static enum side side_of(const struct marks_row *row, struct slice line, size_t *length,
                         enum note *note)
{
    *note = NOTE_PLAIN;
    *length = 0;
    if (row->mark) {
        enum side side = row->mark(line, length);
        if (side != SIDE_UNMARKED)
            return side;
    }
    if (has_prefix(row->client, line, length))
        return SIDE_CLIENT;
    /* Notes may begin with a mark of the server ("<** Timeout ..."). */
    for (size_t i = 0; i < MARKS_MOST + 2 && row->notes[i].prefix; i++)
        if (slice_starts(line, slice_of(row->notes[i].prefix))) {
            *note = row->notes[i].note;
            return SIDE_NOTE;
        }
    if (has_prefix(row->server, line, length))
        return SIDE_SERVER;
    return SIDE_UNMARKED;
}

/* A line with its mark found, and the time before it passed over. */
static enum side find_mark(const struct marks_row *row, struct slice line, size_t *length,
                           enum note *note)
{
    size_t time = row->time_may_precede ? time_at(line) : 0;
    enum side side = side_of(row, slice_after(line, time), length, note);
    *length += time;
    return side;
}

static size_t leading_blanks(struct slice text)
{
    size_t count = 0;
    while (count < text.size && ascii_space(text.data[count]))
        count++;
    return count;
}

static struct fit marked_recognise(const struct format *format, struct slice head)
{
    struct fit fit = {0};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        enum note note;
        size_t length;
        enum side side = find_mark(format->detail, line, &length, &note);
        struct slice payload = slice_trim(slice_after(line, length));
        if (side == SIDE_CLIENT)
            fit.commands += looks_like_command(payload);
        else if (side == SIDE_SERVER)
            fit.replies += looks_like_reply(payload);
    }
    return fit;
}

/* How many blanks stand between mark and text on every line: they are the transcript's, not the
 * text's. Lists of prefixes have theirs in the prefix. */
static bool marked_open(struct reader *reader, struct slice head)
{
    struct marks *marks = calloc(1, sizeof *marks);
    const struct marks_row *row = reader->format->detail;
    reader->state = marks;
    if (!marks || !row->mark)
        return marks != NULL;
    size_t least[2] = {SIZE_MAX, SIZE_MAX};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        size_t length = 0;
        enum side side = row->mark(line, &length);
        struct slice payload = slice_after(line, length);
        size_t blanks = side == SIDE_UNMARKED ? 0 : leading_blanks(payload);
        if (side == SIDE_UNMARKED || blanks == payload.size)
            continue;
        size_t *side_least = &least[side == SIDE_SERVER];
        if (blanks < *side_least)
            *side_least = blanks;
    }
    marks->client_blanks = least[0] == SIZE_MAX ? 1 : least[0];
    marks->server_blanks = least[1] == SIZE_MAX ? 1 : least[1];
    return true;
}

static bool marked_read(struct reader *reader, const struct source_line *source)
{
    const struct marks_row *row = reader->format->detail;
    const struct marks *marks = reader->state;
    struct line line = {.raw = source->text, .number = source->number};
    size_t length;
    line.side = find_mark(row, source->text, &length, &line.note);
    if (line.side == SIDE_CLIENT || line.side == SIDE_SERVER) {
        size_t most =
            line.side == SIDE_CLIENT ? marks->client_blanks : marks->server_blanks;
        for (size_t i = 0; i < most && length < line.raw.size &&
                           ascii_space(line.raw.data[length]); i++)
            length++;
    }
    line.payload = slice_after(source->text, length);
    line.column = (uint32_t)(length < UINT32_MAX ? length : UINT32_MAX - 1) + 1;
    if (line.side == SIDE_UNMARKED && line.payload.size == 0) {
        line.side = SIDE_NOTE;
        line.note = NOTE_SEPARATOR;
    } else if (line.side == SIDE_CLIENT && row->stands_for_content &&
               row->stands_for_content(line.payload)) {
        line.side = SIDE_NOTE;
        line.note = NOTE_CONTENT;
    }
    reader->sink->line(reader->sink->context, &line);
    return true;
}

static void marked_close(struct reader *reader)
{
    free(reader->state);
}

const struct format_family marked_family = {
    .recognise = marked_recognise,
    .open = marked_open,
    .read = marked_read,
    .close = marked_close,
};
