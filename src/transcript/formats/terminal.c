/* terminal.c - replays the editing of one line.
 *
 * A typescript (script, expect, the log of a terminal) has the line as it was echoed: the key that
 * deletes a character is echoed as backspace, blank, backspace.
 */
#include "transcript/formats/terminal.h"

#define ESCAPE '\033'
#define BELL   '\a'

bool terminal_was_edited(struct slice line)
{
    return slice_find(line, '\b') < line.size || slice_find(line, ESCAPE) < line.size ||
           slice_find(line, '\r') < line.size;
}

/* Returns the octets of the escape sequence at the head of `text` (ECMA-48). For a control sequence
 * (ESC [ ... final) sets *final to the octet that ends it and *count to its first number. */
static size_t escape_sequence(struct slice text, char *final, size_t *count)
{
    *final = '\0';
    *count = 0;
    if (text.size < 2)
        return text.size;
    size_t at = 2;
    if (text.data[1] == ']') { /* a string, up to BEL or ESC \ */
        while (at < text.size && text.data[at] != BELL && text.data[at] != ESCAPE)
            at++;
        if (at < text.size && text.data[at] == ESCAPE)
            at++;
        return at < text.size ? at + 1 : at;
    }
    if (text.data[1] != '[')
        return at;
    for (; at < text.size; at++) {
        char c = text.data[at];
        if (c >= '@' && c <= '~') {
            *final = c;
            return at + 1;
        }
        if (ascii_digit(c) && *count < 10000)
            *count = *count * 10 + (size_t)(c - '0');
    }
    return at;
}

/* The screen's line. */
struct screen {
    char *octets;
    size_t size, cursor;
};

static void control(struct screen *screen, char final, size_t count)
{
    size_t steps = count > 0 ? count : 1;
    switch (final) {
    case 'C': /* cursor right */
        screen->cursor =
            screen->size - screen->cursor < steps ? screen->size : screen->cursor + steps;
        break;
    case 'D': /* cursor left */
        screen->cursor = screen->cursor < steps ? 0 : screen->cursor - steps;
        break;
    case 'K': /* erase to the end of the line, or all of it */
        if (count != 1)
            screen->size = count == 2 ? 0 : screen->cursor;
        if (screen->cursor > screen->size)
            screen->cursor = screen->size;
        break;
    case 'P': /* delete characters */
        if (steps > screen->size - screen->cursor)
            steps = screen->size - screen->cursor;
        screen->size -= steps;
        memmove(screen->octets + screen->cursor, screen->octets + screen->cursor + steps,
                screen->size - screen->cursor);
        break;
    default: /* colours and modes */
        break;
    }
}

struct slice terminal_shows(struct slice line, char *octets)
{
    struct screen screen = {.octets = octets};
    for (size_t i = 0; i < line.size;) {
        char c = line.data[i];
        if (c == ESCAPE) {
            char final;
            size_t count;
            i += escape_sequence(slice_after(line, i), &final, &count);
            control(&screen, final, count);
            continue;
        }
        i++;
        if (c == '\b') {
            screen.cursor -= screen.cursor > 0;
        } else if (c == '\r') {
            screen.cursor = 0;
        } else if (c != BELL) {
            octets[screen.cursor++] = c;
            if (screen.cursor > screen.size)
                screen.size = screen.cursor;
        }
    }
    /* A deleted character leaves a blank. */
    while (screen.size > screen.cursor && octets[screen.size - 1] == ' ')
        screen.size--;
    return (struct slice){octets, screen.size};
}
