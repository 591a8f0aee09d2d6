/* look.c - what a line of a log looks like by itself: a reply, a command, neither. */
#include "smtp/look.h"

#include "smtp/command.h"
#include "smtp/reply.h"

struct slice head_line(struct slice *head)
{
    size_t size = slice_find(*head, '\n');
    size = slice_find(slice_head(*head, size), '\r');
    struct slice line = slice_head(*head, size);
    size_t end = size < head->size ? size + 1 : size;
    if (end < head->size && head->data[size] == '\r' && head->data[end] == '\n')
        end++;
    *head = slice_after(*head, end);
    return line;
}

bool looks_like_reply(struct slice line)
{
    int code = reply_code(line);
    char separator = line.size > 3 ? line.data[3] : ' ';
    return code >= 200 && code < 600 && (separator == ' ' || separator == '-');
}

bool looks_like_verb(struct slice line)
{
    return command_scan(NULL, line).command != COMMAND_UNKNOWN;
}

bool looks_like_command(struct slice line)
{
    struct command_line command = command_scan(NULL, line);
    return command.command != COMMAND_END_OF_DATA && command_looks_real(&command);
}

struct slice without_written_end(struct slice text)
{
    static const char *const line_ends[] = {"\\r\\n", "\\n", "<CRLF>", "<CR><LF>", "<EOL>"};
    for (size_t i = 0; i < sizeof line_ends / sizeof line_ends[0]; i++)
        if (slice_ends(text, slice_of(line_ends[i])))
            return slice_head(text, text.size - strlen(line_ends[i]));
    return text;
}

bool looks_like_extension(struct slice line)
{
    struct slice word = slice_word(slice_after(slice_trim(line), 4));
    size_t capitals = 0;
    while (capitals < word.size && ((word.data[capitals] >= 'A' && word.data[capitals] <= 'Z') ||
                                    ascii_digit(word.data[capitals]) || word.data[capitals] == '-'))
        capitals++;
    return looks_like_reply(slice_trim(line)) && capitals >= 3 &&
           (capitals == word.size || word.data[capitals] == '=');
}

bool looks_elided(struct slice line)
{
    static const char *const words[] = {"snip", "snipped", "cut", "omitted", "truncated"};
    char word[12];
    size_t size = 0;
    unsigned dots = 0, signs = 0;
    line = slice_trim(line);
    for (size_t i = 0; i < line.size; i++) {
        char c = line.data[i];
        bool letter = ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z';
        bool ellipsis = slice_starts(slice_after(line, i), SLICE("\xe2\x80\xa6"));
        if ((!letter && !ellipsis && (c == '\0' || !strchr(".[](){}<>-*~ ", c))) ||
            size == sizeof word)
            return false;
        if (letter)
            word[size++] = (char)(c | 0x20);
        dots += ellipsis ? 3 : c == '.';
        signs += !letter;
        i += ellipsis ? 2 : 0;
    }
    if (size == 0)
        return dots >= 3;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_equal((struct slice){word, size}, slice_of(words[i])))
            return signs >= 2;
    return false;
}
