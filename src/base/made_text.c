/* made_text.c - finds the format that an English text was made by, and makes it by its translation.
 */
#include "base/made_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/utf8.h"

/* The longest text that has a format, the most values in it, and parts before colons. */
enum { FORMAT_MAX = 600, MADE_VALUES = 8, PARTS_MAX = 3 };

/* A text taken apart. */
struct made {
    char format[FORMAT_MAX];
    size_t used;
    struct slice values[MADE_VALUES];
    size_t count;
};

static bool add(struct made *made, const char *text, size_t size)
{
    if (made->used + size >= FORMAT_MAX)
        return false;
    memcpy(made->format + made->used, text, size);
    made->used += size;
    made->format[made->used] = '\0';
    return true;
}

static bool add_value(struct made *made, struct slice value, const char *conversion)
{
    if (made->count == MADE_VALUES)
        return false;
    made->values[made->count++] = value;
    return add(made, conversion, strlen(conversion));
}

/* The octets between quotes at the head of a text; SIZE_MAX: it has none. The ' of "client's" is none. */
static size_t quoted_size(struct slice text, char before)
{
    char quote = text.data[0];
    if ((quote != '"' && quote != '\'') || (quote == '\'' && ascii_alphanumeric(before)))
        return SIZE_MAX;
    size_t size = slice_find(slice_after(text, 1), quote);
    return size + 1 < text.size ? size : SIZE_MAX;
}

/* Returns false for a text that no format can have made. */
static bool take_apart(struct made *made, struct slice text)
{
    char before = ' ';
    bool done = true;
    made->used = made->count = 0;
    while (text.size > 0 && done) {
        size_t digits = 0, quoted = quoted_size(text, before);
        while (digits < text.size && ascii_digit(text.data[digits]))
            digits++;
        if (quoted != SIZE_MAX) {
            done = add(made, text.data, 1) &&
                   add_value(made, slice_head(slice_after(text, 1), quoted), "%s") &&
                   add(made, text.data, 1);
            text = slice_after(text, quoted + 2);
            before = ' ';
            continue;
        }
        if (digits > 0)
            done = add_value(made, slice_head(text, digits), "%llu");
        else
            done = text.data[0] != '%' && add(made, text.data, 1);
        size_t size = digits > 0 ? digits : 1;
        before = text.data[size - 1];
        text = slice_after(text, size);
    }
    return done && made->used > 0;
}

/* Writes the values into a translation, which may have them in another order. Returns the octets. */
static size_t make(char *text, size_t size, const struct made *made, const char *format)
{
    size_t used = 0, next = 0;
    while (*format && used + 1 < size) {
        char *end;
        size_t number = *format == '%' ? strtoul(format + 1, &end, 10) : 0;
        struct slice value = {format, 1};
        if (*format != '%') {
            format++;
        } else {
            size_t index = number > 0 && *end == '$' ? number - 1 : next++;
            value = index < made->count ? made->values[index] : SLICE("");
            format += strcspn(format, "su");
            format += *format != '\0';
        }
        value = slice_head(value, size - 1 - used);
        if (value.size > 0)
            memcpy(text + used, value.data, value.size);
        used += value.size;
    }
    text[used] = '\0';
    return used;
}

/* Writes the translation of a text, or of a part of one. Returns 0 if there is none. */
static size_t translate_part(char *text, size_t size, const struct catalogue *catalogue,
                             struct slice english)
{
    struct made made;
    char plain[FORMAT_MAX];
    if (english.size >= FORMAT_MAX || size < 2)
        return 0;
    snprintf(plain, sizeof plain, "%.*s", (int)english.size, english.data);
    const char *found = translate(catalogue, plain);
    if (found != plain) {
        size_t length = strlen(found) < size ? strlen(found) : size - 1;
        memcpy(text, found, length);
        text[length] = '\0';
        return length;
    }
    if (!take_apart(&made, english))
        return 0;
    found = translate(catalogue, made.format);
    return found == made.format ? 0 : make(text, size, &made, found);
}

void translate_made(char *text, size_t size, const struct catalogue *catalogue, const char *english)
{
    struct slice rest = slice_of(english);
    size_t used = 0;
    for (int parts = 0; catalogue && parts < PARTS_MAX && rest.size > 0 && used + 1 < size;
         parts++) {
        size_t whole = translate_part(text + used, size - used, catalogue, rest);
        const char *colon = memmem(rest.data, rest.size, ": ", 2);
        if (whole > 0 || !colon) {
            used += whole;
            rest = whole > 0 ? SLICE("") : rest;
            break;
        }
        struct slice part = slice_head(rest, (size_t)(colon - rest.data));
        size_t made = translate_part(text + used, size - used, catalogue, part);
        if (made == 0)
            made = (size_t)snprintf(text + used, size - used, "%.*s", (int)part.size, part.data);
        used += made < size - used ? made : size - 1 - used;
        used += (size_t)snprintf(text + used, size - used, ": ");
        used = used < size ? used : size - 1;
        rest = slice_after(rest, part.size + 2);
    }
    snprintf(text + used, size - used, "%.*s", (int)rest.size, rest.size > 0 ? rest.data : "");
    struct slice cut = utf8_whole((struct slice){text, strlen(text)});
    if (strlen(text) + 1 == size)
        text[cut.size] = '\0';
}
