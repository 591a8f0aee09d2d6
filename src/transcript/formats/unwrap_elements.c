/* unwrap_elements.c - the elements of a list, as JSON and Python write them, each as a line of its own.
 *
 * A string is the line, or the lines, that it holds. An object or a tuple is one line, however many it was written in.
 * Of lists in one another the innermost counts: what stands around it is left out.
 */
#include "transcript/formats/unwrap_elements.h"

#include "transcript/formats/quoting.h"
#include "transcript/formats/unwrap_rows.h"

/* Octets of an element; a longer one is no line of a log. */
#define ELEMENT_MAX 65536
/* After so many lines in brackets in which no element ends, they were none of a list. */
#define LINES_MAX   64

/* Passes on the lines of a text. */
struct passing {
    void (*take)(void *context, struct slice text);
    void *context;
};

static void pass_on(void *context, const struct unquoted *line)
{
    const struct passing *passing = context;
    passing->take(passing->context, line->payload);
}

/* The element is whole: a string, or what stands in brackets. */
static void end_element(struct unwrap_room *room, struct passing *passing)
{
    struct slice text = octet_buffer_text(&room->made);
    struct unquote_room decoding = {0};
    room->elements.collecting = false;
    room->elements.lines = 0;
    if (room->no_memory || text.size == 0)
        return;
    if (text.data[0] != '"' && text.data[0] != '\'')
        passing->take(passing->context, text);
    else if (!unquote(&decoding, QUOTING_LITERAL, text, 0, text.size, pass_on, passing))
        room->no_memory = true;
    unquote_room_free(&decoding);
    room->made.size = 0;
}

/* Begins an element where one may stand: right inside a list. */
static void begin_element(struct unwrap_room *room)
{
    struct elements *elements = &room->elements;
    if (elements->collecting || elements->depth == 0 || elements->depth > ELEMENTS_DEPTH_MAX ||
        elements->open[elements->depth - 1] != '[')
        return;
    elements->collecting = true;
    elements->begun = elements->depth;
    room->made.size = 0;
}

/* What the bracket opens: of tuples the outermost is a list, and so is Go's "[]string{". */
static char kind_of(const struct elements *elements, char bracket, char before)
{
    bool list =
        bracket == '(' ? elements->depth == 0 : bracket == '{' && ascii_alphanumeric(before);
    return list ? '[' : bracket;
}

static void open_bracket(struct unwrap_room *room, char bracket, char before)
{
    struct elements *elements = &room->elements;
    bracket = kind_of(elements, bracket, before);
    if (elements->depth == 0)
        elements->lines = 0;
    if (bracket == '[')
        elements->collecting = false; /* its elements are the lines */
    else
        begin_element(room);
    if (elements->depth < ELEMENTS_DEPTH_MAX)
        elements->open[elements->depth] = bracket;
    elements->depth++;
}

static void keep(struct unwrap_room *room, char octet)
{
    if (!room->elements.collecting)
        return;
    unwrap_put(room, (struct slice){&octet, 1});
    if (room->made.size > ELEMENT_MAX)
        room->elements.collecting = false;
}

/* An octet of a string. */
static void in_string(struct unwrap_room *room, char octet, struct passing *passing)
{
    struct elements *elements = &room->elements;
    bool ends = octet == elements->quote && !elements->escaped;
    elements->escaped = octet == '\\' && !elements->escaped;
    keep(room, octet);
    if (!ends)
        return;
    elements->quote = '\0';
    if (elements->collecting && elements->begun == elements->depth)
        end_element(room, passing);
}

static void outside_string(struct unwrap_room *room, char octet, char before,
                           struct passing *passing)
{
    struct elements *elements = &room->elements;
    switch (octet) {
    case '"':
    case '\'':
        if (ascii_alphanumeric(before) && before != 'b' && before != 'u')
            return; /* an apostrophe */
        begin_element(room);
        elements->quote = octet;
        keep(room, octet);
        return;
    case '[':
    case '{':
    case '(':
        open_bracket(room, octet, before);
        keep(room, octet);
        return;
    case ']':
    case '}':
    case ')':
        keep(room, octet);
        elements->depth -= elements->depth > 0;
        if (elements->collecting && elements->begun == elements->depth)
            end_element(room, passing);
        return;
    default:
        keep(room, octet);
    }
}

/* Returns true if a bracket begins a list or the like: at the head of a line, behind a name and a sign, or before a
 * quote. */
static bool begins_list(struct slice line, size_t at)
{
    if (line.data[at] == '\0' || !strchr("[{(", line.data[at]))
        return false;
    struct slice rest = slice_trim(slice_after(line, at + 1));
    bool quoted = rest.size > 0 && (rest.data[0] == '"' || rest.data[0] == '\'');
    struct slice before = slice_trim(slice_head(line, at));
    if (before.size == 0)
        return true;
    char sign = before.data[before.size - 1];
    return (sign != '\0' && strchr("=:([{", sign)) ||
           (quoted && (line.data[at] == '{' || ascii_space(line.data[at - 1])));
}

size_t elements_begin(struct slice line)
{
    size_t at = 0;
    while (at < line.size && !begins_list(line, at))
        at++;
    return at;
}

bool unwrap_elements(struct unwrap_room *room, struct slice line,
                     void (*take)(void *context, struct slice text), void *context)
{
    struct elements *elements = &room->elements;
    struct passing passing = {take, context};
    if (elements->depth > 0 && ++elements->lines > LINES_MAX)
        *elements = (struct elements){.depth = 0};
    size_t at = elements->depth > 0 ? 0 : elements_begin(line);
    if (at == line.size && elements->depth == 0) {
        take(context, line);
        return true;
    }
    if (elements->depth > 0)
        line = slice_trim(line);
    for (; at < line.size && !room->no_memory; at++) {
        if (elements->quote)
            in_string(room, line.data[at], &passing);
        else if (elements->depth > 0 || strchr("[{(", line.data[at]))
            outside_string(room, line.data[at], at > 0 ? line.data[at - 1] : ' ', &passing);
    }
    if (elements->quote && elements->collecting && elements->begun == elements->depth)
        end_element(room, &passing); /* a string ends with its line */
    elements->quote = '\0';
    elements->escaped = false;
    keep(room, ' ');
    return !room->no_memory;
}
