/* quoting.c - escapes, entities and written-out line ends. */
#include "transcript/formats/quoting.h"

#include <stdlib.h>

static int hex_digit(char c)
{
    if (ascii_digit(c))
        return c - '0';
    char upper = ascii_upper(c);
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

/* Writes a code point as UTF-8. Returns the number of octets, at most 4. */
static size_t encode(unsigned long point, char octets[4])
{
    if (point < 0x80) {
        octets[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    octets[0] = (char)(lead[more] | (point >> (6 * more)));
    for (size_t i = 1; i <= more; i++)
        octets[i] = (char)(0x80 | ((point >> (6 * (more - i))) & 0x3f));
    return more + 1;
}

/* A decoded escape. */
struct decoded {
    size_t taken; /* octets of the recording */
    size_t size;  /* octets it stands for, at most 4 */
    char octets[4];
};

/* Decodes "\u00e9": `digits` hexadecimal digits after the letter. Returns false if there are
 * fewer. */
static bool decode_hex(struct slice text, size_t digits, bool point, struct decoded *decoded)
{
    unsigned long value = 0;
    if (text.size < 2 + digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex_digit(text.data[2 + i]);
        if (digit < 0)
            return false;
        value = value * 16 + (unsigned long)digit;
    }
    decoded->taken = 2 + digits;
    if (point && value > 0x10ffff)
        value = 0xfffd;
    if (point) {
        decoded->size = encode(value, decoded->octets);
    } else {
        decoded->size = 1;
        decoded->octets[0] = (char)value;
    }
    return true;
}

/* Decodes an escape with a backslash; an unknown one stands for itself. */
static void decode_escape(struct slice text, struct decoded *decoded)
{
    static const char letters[] = "rntabfv0e\\'\"`/";
    static const char meanings[] = "\r\n\t\a\b\f\v\0\033\\'\"`/";
    char letter = text.size > 1 ? text.data[1] : '\\';
    if (letter >= '0' && letter <= '7') {
        unsigned value = 0;
        size_t digits = 0;
        while (digits < 3 && 1 + digits < text.size && text.data[1 + digits] >= '0' &&
               text.data[1 + digits] <= '7')
            value = value * 8 + (unsigned)(text.data[1 + digits++] - '0');
        decoded->taken = 1 + digits;
        decoded->octets[0] = (char)value;
        return;
    }
    if ((letter == 'x' && decode_hex(text, 2, false, decoded)) ||
        (letter == 'u' && decode_hex(text, 4, true, decoded)) ||
        (letter == 'U' && decode_hex(text, 8, true, decoded)))
        return;
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return;
    decoded->taken = text.size > 1 ? 2 : 1;
    decoded->octets[0] = meanings[found - letters];
}

/* Decodes "&lt;", "&#039;", "&#x27;", and "<br>" at the end of a line. */
static void decode_entity(struct slice text, struct decoded *decoded)
{
    static const struct {
        const char *name;
        unsigned long point;
    } entities[] = {{"lt;", '<'},    {"gt;", '>'},    {"amp;", '&'},     {"quot;", '"'},
                    {"apos;", '\''}, {"nbsp;", ' '},  {"eacute;", 0xe9}, {"auml;", 0xe4},
                    {"ouml;", 0xf6}, {"uuml;", 0xfc}, {"szlig;", 0xdf},  {"copy;", 0xa9}};
    struct slice name = slice_after(text, 1);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (slice_starts(name, slice_of(entities[i].name))) {
            decoded->taken = 1 + strlen(entities[i].name);
            decoded->size = encode(entities[i].point, decoded->octets);
            return;
        }
    if (!slice_starts(name, SLICE("#")))
        return;
    size_t at = name.size > 1 && (name.data[1] == 'x' || name.data[1] == 'X') ? 2 : 1;
    unsigned long base = at == 2 ? 16 : 10, value = 0;
    size_t digits = 0;
    while (at < name.size && digits < 7) {
        int digit = hex_digit(name.data[at]);
        if (digit < 0 || (unsigned long)digit >= base)
            break;
        value = value * base + (unsigned long)digit;
        at++;
        digits++;
    }
    if (digits == 0 || at >= name.size || name.data[at] != ';' || value > 0x10ffff)
        return;
    decoded->taken = at + 2;
    decoded->size = encode(value, decoded->octets);
}

static void decode_crlf(struct slice text, struct decoded *decoded)
{
    /* What the server wrote itself ("End data with <CR><LF>.<CR><LF>") looks the same, but it is
     * not at the end of the text; only <CRLF> is taken for a line end inside. */
    if (slice_starts(text, SLICE("<CRLF>"))) {
        decoded->taken = 6;
        decoded->octets[0] = '\n';
    } else if (slice_equal(text, SLICE("<CR><LF>"))) {
        decoded->taken = 8;
        decoded->octets[0] = '\n';
    } else if (slice_equal(text, SLICE("<LF>")) || slice_equal(text, SLICE("<CR>"))) {
        decoded->taken = 4;
        decoded->octets[0] = '\n';
    }
}

/* Decodes the next octet or escape. */
static struct decoded decode(enum quoting quoting, struct slice text)
{
    struct decoded decoded = {.taken = 1, .size = 1, .octets = {text.data[0]}};
    switch (quoting) {
    case QUOTING_LITERAL:
    case QUOTING_ESCAPES:
        if (text.data[0] == '\\')
            decode_escape(text, &decoded);
        break;
    case QUOTING_CRLF:
        if (text.data[0] == '<')
            decode_crlf(text, &decoded);
        break;
    case QUOTING_HTML:
        if (text.data[0] == '&')
            decode_entity(text, &decoded);
        break;
    case QUOTING_NONE:
        break;
    }
    return decoded;
}

/* Returns true if the quote at the head of `rest` ends the literal. Some loggers do not escape
 * quotes inside; but no letter follows the one that ends it. */
static bool ends_literal(struct slice rest)
{
    char next = rest.size > 1 ? rest.data[1] : '\0';
    return !ascii_digit(next) && !(ascii_upper(next) >= 'A' && ascii_upper(next) <= 'Z');
}

bool literal_begins(struct slice text, size_t *quote)
{
    size_t at = 0;
    while (at < 2 && at < text.size && strchr("bBurR\\", text.data[at]) && text.data[at] != '\0')
        at++;
    *quote = at;
    return at < text.size &&
           (text.data[at] == '"' || text.data[at] == '\'' || text.data[at] == '`');
}

static bool make_room(struct unquote_room *room, size_t size)
{
    if (room->capacity >= size)
        return true;
    char *larger = realloc(room->octets, size);
    if (!larger)
        return false;
    room->octets = larger;
    room->capacity = size;
    return true;
}

void unquote_room_free(struct unquote_room *room)
{
    free(room->octets);
    *room = (struct unquote_room){0};
}

static void give(struct unquoted *line, size_t size, const char *octets,
                 void (*take)(void *context, const struct unquoted *line), void *context)
{
    line->cr = line->ended && size > 0 && octets[size - 1] == '\r';
    size -= line->cr;
    line->payload = (struct slice){octets, size};
    take(context, line);
    *line = (struct unquoted){0};
}

bool unquote(struct unquote_room *room, enum quoting quoting, struct slice raw, size_t begin,
             size_t end, void (*take)(void *context, const struct unquoted *line), void *context)
{
    raw = slice_head(raw, end);
    /* An escape never decodes to more octets than it has. */
    if (!make_room(room, raw.size + 4))
        return false;
    char quote = quoting == QUOTING_LITERAL ? raw.data[begin] : '\0';
    struct unquoted line = {0};
    size_t size = 0, at = quoting == QUOTING_LITERAL ? begin + 1 : begin;
    bool pending = false, empty = true;
    /* A literal inside another: \"EHLO\". */
    bool escaped = quote && begin > 0 && raw.data[begin - 1] == '\\';
    while (at < raw.size) {
        struct slice rest = slice_after(raw, at);
        if (escaped && rest.size > 1 && rest.data[0] == '\\' && rest.data[1] == quote)
            break;
        if (quote && rest.data[0] == quote && ends_literal(rest))
            break;
        if (quote && rest.size == 1 && rest.data[0] == '\\')
            break; /* cut in the middle of an escape */
        if (!pending)
            line.column = at;
        pending = true;
        struct decoded decoded = decode(quoting, rest);
        bool raw_octet = decoded.taken == 1;
        at += decoded.taken;
        char first = decoded.octets[0];
        if (!line.word_end && (ascii_space(first) || first == '\r' || first == '\n'))
            line.word_end = at - decoded.taken;
        if (first == '\n' && !raw_octet) {
            line.ended = true;
            give(&line, size, room->octets, take, context);
            size = 0;
            pending = empty = false;
            continue;
        }
        memcpy(room->octets + size, decoded.octets, decoded.size);
        size += decoded.size;
    }
    if (!pending && !empty)
        return true;
    if (!pending)
        line.column = at;
    if (!line.word_end)
        line.word_end = at;
    give(&line, size, room->octets, take, context);
    return true;
}
