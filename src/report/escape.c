/* escape.c - passes on only characters that are safe to show.
 */
#include "report/escape.h"

/* Unicode's noncharacters: XML and YAML do not allow them. */
static bool is_noncharacter(uint32_t character)
{
    return (character & 0xfffe) == 0xfffe || (character >= 0xfdd0 && character <= 0xfdef);
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool printable_character(uint32_t character)
{
    return !(is_control(character) || character == 0x61c ||
             (character >= 0x200b && character <= 0x200f) ||
             (character >= 0x2028 && character <= 0x202e) ||
             (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
             (character >= 0xfff9 && character <= 0xfffb) || is_noncharacter(character) ||
             character >= 0xe0000);
}

/* Octets at the beginning that stand for themselves: ASCII without control characters. */
static size_t plain_head(struct slice text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] >= ' ' && text.data[size] < 0x7f)
        size++;
    return size;
}

size_t print_escaped(FILE *out, struct slice text)
{
    size_t columns = 0;
    while (text.size > 0) {
        size_t plain = plain_head(text);
        if (plain > 0) {
            fwrite(text.data, 1, plain, out);
            columns += plain;
            text = slice_after(text, plain);
            continue;
        }
        uint32_t character = 0;
        size_t size = utf8_decode(text, &character);
        int written = 1;
        if (size == 0) {
            written = fprintf(out, "\\x%02x", (unsigned char)text.data[0]);
            size = 1;
        } else if (character == '\t') {
            putc(' ', out);
        } else if (character < 0x80 && !printable_character(character)) {
            written = fprintf(out, "\\x%02x", (unsigned)character);
        } else if (!printable_character(character)) {
            written = fprintf(out, "\\u{%x}", (unsigned)character);
        } else {
            fwrite(text.data, 1, size, out);
        }
        columns += written > 0 ? (size_t)written : 0;
        text = slice_after(text, size);
    }
    return columns;
}

#define REPLACEMENT      "\xef\xbf\xbd" /* U+FFFD */
#define REPLACEMENT_SIZE 3

/* One octet becomes three at most. */
size_t copy_valid_utf8(char *room, struct slice text)
{
    size_t written = 0;
    while (text.size > 0) {
        uint32_t character;
        size_t size = utf8_decode(text, &character);
        memcpy(room + written, size > 0 ? text.data : REPLACEMENT,
               size > 0 ? size : REPLACEMENT_SIZE);
        written += size > 0 ? size : REPLACEMENT_SIZE;
        text = slice_after(text, size > 0 ? size : 1);
    }
    return written;
}

struct slice take_shown(struct slice *text, char room[SHOWN_MAX])
{
    uint32_t character = 0;
    size_t size = utf8_decode(*text, &character);
    struct slice shown = slice_head(*text, size);
    *text = slice_after(*text, size > 0 ? size : 1);
    if (character == '\t')
        return SLICE(" ");
    if (size == 0 || is_control(character) || is_noncharacter(character))
        return (struct slice){REPLACEMENT, REPLACEMENT_SIZE};
    if (printable_character(character))
        return shown;
    return (struct slice){room, (size_t)snprintf(room, SHOWN_MAX, "\\u{%x}", (unsigned)character)};
}

/* Two octets (U+061C) become seven at most, four \u{10fffd}. */
size_t copy_shown(char *room, struct slice text)
{
    size_t written = 0;
    while (text.size > 0) {
        char escape[SHOWN_MAX];
        struct slice shown = take_shown(&text, escape);
        memcpy(room + written, shown.data, shown.size);
        written += shown.size;
    }
    return written;
}

const char *markup_entity(uint32_t character)
{
    switch (character) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

int write_json_escaped(const char *json, size_t size, void *out)
{
    struct slice rest = {json, size};
    while (rest.size > 0) {
        struct slice part = slice_head(rest, slice_find(rest, '\x7f'));
        if (fwrite_unlocked(part.data, 1, part.size, out) < part.size)
            return -1;
        if (part.size < rest.size && fputs("\\u007f", out) < 0)
            return -1;
        rest = slice_after(rest, part.size + 1);
    }
    return 0;
}
