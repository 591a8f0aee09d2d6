/* unwrap_rows.c - a command and its reply in one row, codes in brackets, hex dumps.
 */
#include "transcript/formats/unwrap_rows.h"

#include <stdio.h>

#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/hex_row.h"

struct slice last_word(struct slice text)
{
    size_t begin = text.size;
    while (begin > 0 && !ascii_space(text.data[begin - 1]))
        begin--;
    return slice_after(text, begin);
}

void unwrap_keep_front(struct unwrap_room *room, struct slice front)
{
    front = slice_head(slice_trim(front), UNWRAP_FRONT_MAX);
    room->front_size = front.size;
    if (front.size > 0)
        memcpy(room->front, front.data, front.size);
}

void unwrap_take_made(struct unwrap_room *room, struct slice mark, struct slice text,
                      void (*take)(void *context, struct slice text), void *context)
{
    room->made.size = 0;
    unwrap_put(room, (struct slice){room->front, room->front_size});
    if (room->front_size > 0)
        unwrap_put(room, SLICE(" "));
    unwrap_put(room, mark);
    unwrap_put(room, text);
    if (!room->no_memory)
        take(context, octet_buffer_text(&room->made));
}

/* A row shows one line of a reply, whatever follows its code: then the rest is left out. */
static void take_reply(struct unwrap_room *room, struct slice reply,
                       void (*take)(void *context, struct slice text), void *context)
{
    room->open = reply.size > 3 && reply.data[3] == '-' ? reply_code(reply) : 0;
    unwrap_take_made(room, SLICE("S: "), reply, take, context);
}

static void end_reply(struct unwrap_room *room, void (*take)(void *context, struct slice text),
                      void *context)
{
    char elided[8];
    if (room->open == 0)
        return;
    int size = snprintf(elided, sizeof elided, "%d ...", room->open);
    room->open = 0;
    unwrap_take_made(room, SLICE("S: "), (struct slice){elided, (size_t)size}, take, context);
}

bool unwrap_row(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context)
{
    struct row_cut cut;
    bool bare = looks_like_reply(line);
    if (!bare || reply_code(line) != room->open)
        end_reply(room, take, context);
    if (!bare && row_cut(line, slice_of(unwrap->joint), &cut)) {
        unwrap_keep_front(room, cut.front);
        if (cut.command.size > 0)
            unwrap_take_made(room, SLICE("C: "), cut.command, take, context);
        room->after_data = slice_equal_nocase(cut.command, SLICE("DATA"));
        take_reply(room, cut.reply, take, context);
    } else if (bare) {
        /* No label stands before the reply to a message. */
        if (room->after_data && room->open == 0)
            unwrap_take_made(room, SLICE("C: "), SLICE("."), take, context);
        room->after_data = room->after_data && room->open != 0;
        take_reply(room, line, take, context);
    } else {
        take(context, line);
    }
    return !room->no_memory;
}

/* Returns true if the text begins with one of these octets. */
static bool begins_with(struct slice text, const char *octets)
{
    return text.size > 0 && text.data[0] != '\0' && strchr(octets, text.data[0]);
}

/* "code: 250", "code=250", "\"code\":250" at the head of a text: the size of it, and *code; 0: it is none. */
static size_t named_code(struct slice text, int *code)
{
    if (!slice_starts_nocase(text, SLICE("code")))
        return 0;
    struct slice rest = slice_after(text, strlen("code"));
    rest = slice_after(rest, begins_with(rest, "\"'"));
    if (!begins_with(rest, ":="))
        return 0;
    for (rest = slice_after(rest, 1); begins_with(rest, " \"'");)
        rest = slice_after(rest, 1);
    *code = reply_code(rest);
    rest = slice_after(rest, 3);
    if (!reply_code_valid(*code) || (rest.size > 0 && ascii_alphanumeric(rest.data[0])))
        return 0;
    return text.size - rest.size + begins_with(rest, "\"'");
}

/* What is said with a code that has a name: ", message: '2.1.0 Ok' }". */
static struct slice said_with_code(struct slice rest)
{
    while (begins_with(rest, ",;") || (rest.size > 0 && ascii_space(rest.data[0])))
        rest = slice_after(rest, 1);
    struct slice value = rest;
    while (begins_with(value, "_\"'") || (value.size > 0 && ascii_alphanumeric(value.data[0])))
        value = slice_after(value, 1);
    if (begins_with(value, ":="))
        rest = slice_trim(slice_after(value, 1));
    if (!begins_with(rest, "\"'"))
        return rest;
    struct slice text = slice_after(rest, 1);
    return slice_head(text, slice_find(text, rest.data[0]));
}

int odd_code_at(struct slice line, size_t *begin, size_t *end)
{
    static const char *const brackets[] = {"[]", "()", "<>", "{}"};
    for (size_t at = 0; at + 4 <= line.size; at++) {
        struct slice rest = slice_after(line, at);
        int named = 0;
        size_t name = at > 0 && ascii_alphanumeric(rest.data[-1]) ? 0 : named_code(rest, &named);
        if (name > 0) {
            *begin = at;
            *end = at + name;
            return named;
        }
        if (at > 0 && !ascii_space(rest.data[-1]))
            continue;
        for (size_t i = 0; i < sizeof brackets / sizeof brackets[0]; i++) {
            size_t size = rest.size > 5 && rest.data[4] == '-' ? 5 : 4;
            int code = rest.data[0] == brackets[i][0] ? reply_code(slice_after(rest, 1)) : 0;
            /* "(250, 'ok')", as Python shows a reply */
            bool pair = i == 1 && rest.size > 4 && rest.data[4] == ',';
            if (!reply_code_valid(code) || rest.size <= size ||
                (rest.data[size] != brackets[i][1] && !pair))
                continue;
            *begin = at;
            *end = at + size + 1;
            return code;
        }
        if (reply_code_valid(reply_code(rest)) && rest.data[3] == ':' &&
            (rest.size == 4 || rest.data[4] == ' ')) {
            *begin = at;
            *end = at + 4;
            return reply_code(rest);
        }
    }
    return 0;
}

/* Passes on a reply whose lines are joined by a written "\n", each with the code that they lack. */
static void take_lines_of_reply(struct unwrap_room *room, struct slice front, int code, bool more,
                                struct slice text, struct slice quote,
                                void (*take)(void *context, struct slice text), void *context)
{
    char number[8];
    for (;;) {
        const char *end = text.size > 0 ? memmem(text.data, text.size, "\\n", 2) : NULL;
        struct slice line = end ? slice_head(text, (size_t)(end - text.data)) : text;
        int size = snprintf(number, sizeof number, "%d%c", code, end || more ? '-' : ' ');
        room->made.size = 0;
        unwrap_put(room, front);
        unwrap_put(room, quote);
        unwrap_put(room, (struct slice){number, (size_t)size});
        unwrap_put(room, line);
        unwrap_put(room, quote);
        if (!room->no_memory)
            take(context, octet_buffer_text(&room->made));
        if (!end)
            return;
        text = slice_after(text, line.size + 2);
    }
}

bool unwrap_code(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                 void (*take)(void *context, struct slice text), void *context)
{
    size_t begin, end;
    int code = odd_code_at(line, &begin, &end);
    if (code == 0) {
        take(context, line);
        return true;
    }
    struct slice text = slice_trim(slice_after(line, end));
    if (begins_with(slice_after(line, end - 1), "0123456789\"'")) {
        take_lines_of_reply(room, slice_head(line, begin), code, false, said_with_code(text),
                            SLICE(""), take, context);
        return !room->no_memory;
    }
    bool pair = line.data[end - 1] == ',';
    if (pair && text.size > 0 && text.data[text.size - 1] == ')')
        text = slice_trim(slice_head(text, text.size - 1));
    if (pair && text.size > 0 && text.data[0] == 'b')
        text = slice_after(text, 1);
    struct slice quote = slice_head(text, 1);
    if (text.size > 1 && strchr("'\"`", quote.data[0]) && text.data[text.size - 1] == quote.data[0])
        text = slice_after(slice_head(text, text.size - 1), 1);
    else
        quote = SLICE("");
    bool more = line.data[end - 2] == '-';
    take_lines_of_reply(room, slice_head(line, begin), code, more, text,
                        unwrap->quoted ? quote : SLICE(""), take, context);
    return !room->no_memory;
}

bool unwrap_behind(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                   void (*take)(void *context, struct slice text), void *context)
{
    struct slice trimmed = slice_trim(line), word = last_word(trimmed);
    for (size_t i = 0; i < UNWRAP_MARKS_MAX && unwrap->marks[i][0]; i++)
        if (slice_equal(word, slice_of(unwrap->marks[i]))) {
            unwrap_keep_front(room, word);
            unwrap_take_made(room, SLICE(""),
                             slice_trim(slice_head(trimmed, trimmed.size - word.size)), take,
                             context);
            return !room->no_memory;
        }
    take(context, line);
    return true;
}

/* Passes on the text so far, with what says whose it is before it. */
static void take_text(struct unwrap_room *room, void (*take)(void *context, struct slice text),
                      void *context)
{
    struct slice text = {room->made.octets, room->made.size};
    while (text.size > 0 && text.data[text.size - 1] == '\r')
        text.size--;
    if (!room->no_memory && text.size > room->front_size + 2)
        take(context, text);
    room->made.size = 0;
}

bool unwrap_hex(struct unwrap_room *room, struct slice line,
                void (*take)(void *context, struct slice text), void *context)
{
    struct hex_row row;
    if (!hex_row(line, &row)) {
        take_text(room, take, context);
        unwrap_keep_front(room, line);
        take(context, line);
        return !room->no_memory;
    }
    /* "<" and ">" before each row say it better. */
    bool arrow =
        slice_find(row.front, '<') < row.front.size || slice_find(row.front, '>') < row.front.size;
    if (row.offset == 0) {
        take_text(room, take, context);
        if (arrow)
            unwrap_keep_front(room, row.front);
    }
    for (size_t i = 0; i < row.count; i++) {
        if (room->made.size == 0) {
            unwrap_put(room, (struct slice){room->front, room->front_size});
            unwrap_put(room, SLICE(": "));
        }
        if (row.octets[i] == '\n')
            take_text(room, take, context);
        else
            unwrap_put(room, (struct slice){&row.octets[i], 1});
    }
    return !room->no_memory;
}
