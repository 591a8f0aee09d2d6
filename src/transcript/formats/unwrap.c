/* unwrap.c - the steps, a line at a time.
 */
#include "transcript/formats/unwrap.h"

#include <jansson.h>
#include <stdio.h>

#include "base/json_memory.h"
#include "transcript/formats/quoting.h"
#include "transcript/formats/unwrap_elements.h"
#include "transcript/formats/unwrap_rows.h"

/* Other fields up to this size stand before the text: ids, directions, levels. */
#define OTHER_MAX  40
/* So many different lines, one after the other, must be there twice. */
#define RUNS_LEAST 4

bool unwrap_equal(const struct unwrap *a, const struct unwrap *b)
{
    return a->kind == b->kind && a->with_others == b->with_others && a->column == b->column &&
           strcmp(a->field, b->field) == 0;
}

void unwrap_room_free(struct unwrap_room *room)
{
    octet_buffer_free(&room->made);
    *room = (struct unwrap_room){0};
}

/* Passes on the lines of the text that begins at `begin` of the room, each with what stands before it.
 * The line end at the end of the text begins no line. */
static void take_lines(struct unwrap_room *room, size_t front, size_t begin,
                       void (*take)(void *context, struct slice text), void *context)
{
    size_t end = room->made.size;
    if (end == 0) { /* no arithmetic on NULL */
        take(context, SLICE(""));
        return;
    }
    char *front_at = room->made.octets; /* moves along, before each line */
    while (begin < end &&
           (room->made.octets[end - 1] == '\n' || room->made.octets[end - 1] == '\r'))
        end--;
    for (;;) {
        struct slice rest = {room->made.octets + begin, end - begin};
        size_t size = slice_find(rest, '\n');
        struct slice line = slice_head(rest, size);
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (front > 0) {
            memmove(room->made.octets + begin - front, front_at, front);
            front_at = room->made.octets + begin - front;
            line = (struct slice){front_at, line.size + front};
        }
        take(context, line);
        if (size >= rest.size)
            return;
        begin += size + 1;
    }
}

/* The value of "a" or "a.b" in an object; NULL where it has none. */
static json_t *field_of(json_t *object, const char *path)
{
    json_t *value = json_object_get(object, path);
    const char *dot = strchr(path, '.');
    if (value || !dot)
        return value;
    char outer[UNWRAP_FIELD_MAX];
    snprintf(outer, sizeof outer, "%.*s", (int)(dot - path), path);
    return json_object_get(json_object_get(object, outer), dot + 1);
}

static void put_other(struct unwrap_room *room, const char *name, json_t *value)
{
    char number[32];
    struct slice text = {json_string_value(value), json_string_length(value)};
    if (json_is_integer(value)) {
        int size = snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        text = (struct slice){number, (size_t)size};
    } else if (!json_is_string(value)) {
        return;
    }
    if (text.size > OTHER_MAX || slice_find(text, '\n') < text.size)
        return;
    unwrap_put(room, slice_of(name));
    unwrap_put(room, SLICE("="));
    unwrap_put(room, text);
    unwrap_put(room, SLICE(" "));
}

/* Returns true if a string inside a line is a quotation in it, not a log in a string. */
static bool is_quotation(struct slice line, size_t begin, const json_t *string)
{
    struct slice text = {json_string_value(string), json_string_length(string)};
    return slice_trim(slice_head(line, begin)).size > 0 && slice_find(text, '\n') == text.size;
}

static bool unwrap_json(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                        void (*take)(void *context, struct slice text), void *context)
{
    size_t begin = slice_find(line, unwrap->field[0] ? '{' : '"');
    struct slice json = slice_after(line, begin);
    json_t *root = json.size > 0
                       ? json_loadb(json.data, json.size,
                                    JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
                       : NULL;
    bool failed = json_memory_failed();
    json_t *value = unwrap->field[0] ? field_of(root, unwrap->field) : root;
    if (!json_is_string(value) || (!unwrap->field[0] && is_quotation(line, begin, value))) {
        json_decref(root);
        if (!failed)
            take(context, line);
        return !failed;
    }
    const char *name;
    json_t *other;
    room->made.size = 0;
    if (unwrap->with_others) {
        unwrap_put(room, slice_head(line, begin));
        json_object_foreach(root, name, other) if (other != value) put_other(room, name, other);
    }
    size_t front = room->made.size;
    unwrap_put(room, (struct slice){json_string_value(value), json_string_length(value)});
    json_decref(root);
    if (!room->no_memory)
        take_lines(room, front, front, take, context);
    return !room->no_memory && !failed;
}

/* Puts the next cell of a row into the room, and takes it off the row. Returns true if another one follows, empty or
 * not. */
static bool put_cell(struct unwrap_room *room, struct slice *row)
{
    size_t at = 0;
    bool quoted = row->size > 0 && row->data[0] == '"';
    at += quoted;
    size_t run = at;
    while (at < row->size) {
        char c = row->data[at];
        if (quoted && c == '"') {
            unwrap_put(room, slice_after(slice_head(*row, at), run));
            run = at + 1;
            if (run < row->size && row->data[run] == '"')
                at++; /* two are one */
            else
                quoted = false;
        } else if (!quoted && c == ',') {
            break;
        }
        at++;
    }
    unwrap_put(room, slice_after(slice_head(*row, at), run));
    bool more = at < row->size;
    *row = slice_after(*row, at + 1);
    return more;
}

static bool unwrap_column(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                          void (*take)(void *context, struct slice text), void *context)
{
    struct slice row = line;
    room->made.size = 0;
    bool more = true;
    for (unsigned column = 0; more && column < unwrap->column; column++) {
        size_t before = room->made.size;
        more = put_cell(room, &row);
        if (!unwrap->with_others || room->made.size - before > OTHER_MAX)
            room->made.size = before;
        else
            unwrap_put(room, SLICE(" "));
    }
    if (!more) {
        take(context, line);
        return !room->no_memory;
    }
    size_t front = room->made.size;
    put_cell(room, &row);
    if (!room->no_memory)
        take_lines(room, front, front, take, context);
    return !room->no_memory;
}

/* "<br>" and the like: 1 for a line end, 0 for another tag, -1 where there is none. */
static int tag_at(struct slice text, size_t *size)
{
    static const char *const tags[] = {
        "br",   "p",    "pre", "div",  "li",   "ul",   "ol",   "td",   "tr", "table", "tbody",
        "code", "span", "tt",  "font", "samp", "html", "body", "head", "a",  "em",    "strong"};
    struct slice name = slice_after(text, 1);
    bool end = name.size > 0 && name.data[0] == '/';
    name = slice_after(name, end);
    size_t letters = 0;
    while (letters < name.size && ascii_alphanumeric(name.data[letters]))
        letters++;
    size_t close = slice_find(slice_head(text, 200), '>');
    /* "<a@b>" is an address. */
    bool ends = letters < name.size && (name.data[letters] == '>' || name.data[letters] == '/' ||
                                        ascii_space(name.data[letters]));
    if (letters == 0 || !ends || close >= text.size || close >= 200)
        return -1;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (slice_equal_nocase(slice_head(name, letters), slice_of(tags[i]))) {
            *size = close + 1;
            return i == 0 && !end;
        }
    return -1;
}

static void put_decoded(void *context, const struct unquoted *decoded)
{
    unwrap_put(context, decoded->payload);
    if (decoded->ended) /* "&#10;" */
        unwrap_put(context, SLICE("\n"));
}

static bool unwrap_html(struct unwrap_room *room, struct slice line,
                        void (*take)(void *context, struct slice text), void *context)
{
    struct unquote_room decoding = {0};
    room->made.size = 0;
    bool done = true;
    for (size_t at = 0; at < line.size && done;) {
        struct slice rest = slice_after(line, at);
        size_t size = 1;
        if (rest.data[0] == '<') {
            int tag = tag_at(rest, &size);
            if (tag != 0)
                unwrap_put(room, tag > 0 ? SLICE("\n") : slice_head(rest, 1));
        } else {
            while (size < rest.size && rest.data[size] != '<')
                size++;
            done = unquote(&decoding, QUOTING_HTML, slice_head(rest, size), 0, size, put_decoded,
                           room);
        }
        at += size;
    }
    unquote_room_free(&decoding);
    if (done && !room->no_memory)
        take_lines(room, 0, 0, take, context);
    return done && !room->no_memory;
}

/* An escape sequence of a terminal (ECMA-48 5.4), or ESC and one character: its size. */
static size_t escape_size(struct slice text)
{
    if (text.size < 2 || text.data[1] != '[')
        return text.size < 2 ? 1 : 2;
    size_t size = 2;
    while (size < text.size && (text.data[size] < '@' || text.data[size] > '~'))
        size++;
    return size < text.size ? size + 1 : size;
}

static bool unwrap_clean(struct unwrap_room *room, struct slice line,
                         void (*take)(void *context, struct slice text), void *context)
{
    room->made.size = 0;
    for (size_t at = 0; at < line.size;) {
        struct slice rest = slice_after(line, at);
        if (rest.data[0] == '\033') {
            at += escape_size(rest);
        } else if (rest.data[0] == '\b') {
            room->made.size -= room->made.size > 0;
            at++;
        } else if (slice_starts(rest, SLICE("\xc2\xa0"))) {
            unwrap_put(room, SLICE(" "));
            at += 2;
        } else {
            unwrap_put(room, slice_head(rest, 1));
            at++;
        }
    }
    if (!room->no_memory)
        take_lines(room, 0, 0, take, context);
    return !room->no_memory;
}

void line_runs_add(struct line_runs *runs, struct slice line, bool adjacent)
{
    if (runs->length > 0 && adjacent && slice_equal(line, runs->line)) {
        runs->length++;
        return;
    }
    runs->runs += runs->length > 0;
    runs->even += runs->length > 0 && runs->length % 2 == 0;
    runs->line = line;
    runs->length = 1;
}

bool line_runs_are_pairs(const struct line_runs *runs)
{
    return runs->runs >= RUNS_LEAST && runs->even * 10 >= runs->runs * 9;
}

/* "client.js:55:17", "smtp.go:87" */
static bool is_source_position(struct slice word)
{
    size_t colon = slice_find(word, ':'), dot = colon, digits = 0;
    for (size_t i = colon; i < word.size; i++) {
        if (!ascii_digit(word.data[i]) && word.data[i] != ':')
            return false;
        digits += word.data[i] != ':';
    }
    while (dot > 0 && ascii_alphanumeric(word.data[dot - 1]))
        dot--;
    return digits > 0 && dot > 1 && dot < colon && word.data[dot - 1] == '.' &&
           !ascii_digit(word.data[dot]);
}

/* Where fields begin that a logger writes behind the text: " {\"service\":\"mailer\"}". */
static size_t fields_at(struct slice line)
{
    const char *begin =
        slice_ends(line, SLICE("}")) ? memmem(line.data, line.size, " {\"", 3) : NULL;
    return begin ? (size_t)(begin - line.data) : line.size;
}

size_t unsent_tail_at(struct slice line)
{
    static const char *const line_ends[] = {"^M$", "\\r$", "^M", "$"};
    for (size_t i = 0; i < sizeof line_ends / sizeof line_ends[0]; i++)
        if (slice_ends(line, slice_of(line_ends[i])))
            return line.size - strlen(line_ends[i]);
    size_t word = line.size, tail;
    while (word > 0 && !ascii_space(line.data[word - 1]))
        word--;
    tail = is_source_position(slice_after(line, word)) ? word : fields_at(line);
    while (tail > 0 && tail < line.size && ascii_space(line.data[tail - 1]))
        tail--;
    return tail;
}

void own_line_words(struct slice line, char words[UNWRAP_FIELD_MAX])
{
    size_t size = 0;
    if (line.size > UNWRAP_FRONT_MAX)
        line.size = 0;
    for (line = slice_trim(line); line.size > 0; line = slice_trim(line)) {
        bool varies = false;
        size_t word = 0;
        for (; word < line.size && !ascii_space(line.data[word]); word++)
            varies = varies || ascii_digit(line.data[word]);
        size_t blank = size > 0;
        if (!varies && word + blank < UNWRAP_FIELD_MAX - size) {
            if (blank)
                words[size] = ' ';
            memcpy(words + size + blank, line.data, word);
            size += word + blank;
        }
        line = slice_after(line, word);
    }
    words[size] = '\0';
}

static bool unwrap_own_line(const struct unwrap *unwrap, struct unwrap_room *room,
                            struct slice line, void (*take)(void *context, struct slice text),
                            void *context)
{
    struct slice trimmed = slice_trim(line);
    char words[UNWRAP_FIELD_MAX];
    size_t quote;
    own_line_words(trimmed, words);
    for (size_t i = 0; i < UNWRAP_MARKS_MAX && unwrap->marks[i][0]; i++)
        if (strcmp(words, unwrap->marks[i]) == 0) {
            unwrap_keep_front(room, trimmed);
            return true;
        }
    if (room->front_size == 0 || trimmed.size == 0 ||
        (unwrap->quoted && !literal_begins(trimmed, &quote))) {
        take(context, line);
        return true;
    }
    unwrap_take_made(room, SLICE(""), trimmed, take, context);
    return !room->no_memory;
}

static bool unwrap_twice(struct unwrap_room *room, struct slice line,
                         void (*take)(void *context, struct slice text), void *context)
{
    room->first = !(room->first && slice_equal(line, octet_buffer_text(&room->made)));
    if (!room->first)
        return true;
    room->made.size = 0;
    unwrap_put(room, line);
    take(context, line);
    return !room->no_memory;
}

bool unwrap_line(const struct unwrap *unwrap, struct unwrap_room *room, struct slice line,
                 void (*take)(void *context, struct slice text), void *context)
{
    switch (unwrap->kind) {
    case UNWRAP_JSON:
        return unwrap_json(unwrap, room, line, take, context);
    case UNWRAP_COLUMN:
        return unwrap_column(unwrap, room, line, take, context);
    case UNWRAP_HTML:
        return unwrap_html(room, line, take, context);
    case UNWRAP_CLEAN:
        return unwrap_clean(room, line, take, context);
    case UNWRAP_TAIL:
        take(context, slice_head(line, unsent_tail_at(line)));
        return true;
    case UNWRAP_TWICE:
        return unwrap_twice(room, line, take, context);
    case UNWRAP_OWN_LINE:
        return unwrap_own_line(unwrap, room, line, take, context);
    case UNWRAP_ROW:
        return unwrap_row(unwrap, room, line, take, context);
    case UNWRAP_CODE:
        return unwrap_code(unwrap, room, line, take, context);
    case UNWRAP_HEX:
        return unwrap_hex(room, line, take, context);
    case UNWRAP_ELEMENTS:
        return unwrap_elements(room, line, take, context);
    case UNWRAP_BEHIND:
        return unwrap_behind(unwrap, room, line, take, context);
    case UNWRAP_NONE:
        break;
    }
    take(context, line);
    return true;
}
