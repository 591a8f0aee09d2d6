/* forward_path.c - finds the address in a reply to a recipient. */
#include "rules/forward_path.h"

/* "@relay,@other:user@example.com" is a source route (RFC 5321 4.1.2, appendix C): the address is
 * what follows the colon. */
static struct slice without_route(struct slice path)
{
    if (path.size > 0 && path.data[0] == '@') {
        size_t colon = slice_find(path, ':');
        if (colon < path.size)
            return slice_after(path, colon + 1);
    }
    return path;
}

/* Returns true if this can be an address: something, an @, something. A quoted local part may hold
 * anything. */
static bool is_address(struct slice text)
{
    size_t at = text.size;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < ' ' || c == 0x7f)
            return false;
        if (c == '@')
            at = i;
    }
    return at > 0 && at + 1 < text.size;
}

/* Octets that end an address without brackets. */
static bool ends_word(char c)
{
    return (unsigned char)c <= ' ' || strchr("<>()[],;\"'`", c) != NULL;
}

/* The address around the @ at `at`, without the punctuation that belongs to the sentence. */
static struct slice bare_address(struct slice text, size_t at)
{
    size_t begin = at, end = at + 1;
    /* A colon belongs to what introduces the address: "new address:", "mailto:". */
    while (begin > 0 && !ends_word(text.data[begin - 1]) && text.data[begin - 1] != ':')
        begin--;
    while (end < text.size && !ends_word(text.data[end]))
        end++;
    while (end > at + 1 && strchr(".:!?", text.data[end - 1]))
        end--;
    return without_route(slice_head(slice_after(text, begin), end - begin));
}

/* The closing bracket that belongs to the one at `open`; quoted strings may hold others. */
static size_t closing_bracket(struct slice text, size_t open)
{
    bool quoted = false;
    for (size_t i = open + 1; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\\' && quoted)
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == '>' && !quoted)
            return i;
        else if (c == '\n')
            return text.size;
    }
    return text.size;
}

struct slice forward_path_in_reply(struct slice text, struct slice asked)
{
    struct slice found = SLICE("");
    bool bracketed = false;
    for (size_t i = 0; i < text.size; i++) {
        struct slice address = SLICE("");
        bool brackets = text.data[i] == '<';
        if (brackets) {
            size_t end = closing_bracket(text, i);
            if (end == text.size)
                continue;
            address = without_route(slice_head(slice_after(text, i + 1), end - i - 1));
            i = end;
        } else if (text.data[i] == '@') {
            address = bare_address(text, i);
            if (address.size > 0)
                i = (size_t)(address.data - text.data) + address.size;
        }
        /* Servers repeat the address that was asked for; the new one comes after it, and one in
         * brackets is more surely meant than one in the sentence. */
        if (!is_address(address) || slice_equal_nocase(address, asked) || (bracketed && !brackets))
            continue;
        found = address;
        bracketed = brackets;
    }
    return found;
}

struct slice forward_path_in_argument(struct slice argument)
{
    if (slice_starts_nocase(argument, SLICE("TO:")))
        argument = slice_trim(slice_after(argument, 3));
    size_t open = slice_find(argument, '<');
    if (open < argument.size) {
        size_t end = closing_bracket(argument, open);
        if (end < argument.size)
            return without_route(slice_head(slice_after(argument, open + 1), end - open - 1));
        return slice_after(argument, open + 1);
    }
    return slice_head(argument, slice_find(argument, ' '));
}
