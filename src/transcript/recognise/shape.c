/* shape.c - from the texts before payloads to patterns.
 */
#include "transcript/recognise/shape.h"

#include <assert.h>
#include <stdlib.h>

#include "smtp/command.h"

static const char variable_word = SHAPE_WORD;

struct slice shape_token(struct slice text, bool wide)
{
    size_t size = 0;
    if (text.size == 0)
        return text;
    if (ascii_space(text.data[0])) {
        while (size < text.size && ascii_space(text.data[size]))
            size++;
        return slice_head(text, size);
    }
    while (size < text.size && word_octet(text.data[size], wide))
        size++;
    return slice_head(text, size > 0 ? size : 1);
}

static bool letter(char c)
{
    return ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z';
}

static bool is_one_of(struct slice word, const char *const names[])
{
    for (size_t i = 0; names[i]; i++)
        if (slice_equal_nocase(word, slice_of(names[i])))
            return true;
    return false;
}

/* A number, a time, an id, a host, an address. Protocols' names tell what a line is about. */
static bool is_variable(struct slice word)
{
    static const char *const protocols[] = {"POP3", "IMAP4", "SMTP2GO", NULL};
    static const char *const variables[] = {
        "TRACE", "DEBUG",  "INFO",     "NOTICE", "WARN",  "WARNING", "ERROR",   "ERR", "FATAL",
        "CRIT",  "SEVERE", "CRITICAL", "FINE",   "FINER", "FINEST",  "VERBOSE", "Jan", "Feb",
        "Mar",   "Apr",    "May",      "Jun",    "Jul",   "Aug",     "Sep",     "Oct", "Nov",
        "Dec",   "Mon",    "Tue",      "Wed",    "Thu",   "Fri",     "Sat",     "Sun", NULL};
    bool alphanumeric = false, varies = false;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        alphanumeric = alphanumeric || letter(c) || ascii_digit(c);
        varies = varies || ascii_digit(c) || c == '@' ||
                 (c == '.' && i > 0 && i + 1 < word.size && letter(word.data[i - 1]) &&
                  letter(word.data[i + 1]));
    }
    return (alphanumeric && varies && !is_one_of(word, protocols)) || is_one_of(word, variables);
}

/* A word alone in brackets is the name of a thread or an id, unless it says whose the line is. */
static bool is_bracketed(struct slice word, struct slice rest, const char *begin)
{
    static const char *const sides[] = {
        "client",  "server",   "local",    "remote",   "input",   "output",   "read",
        "write",   "sent",     "received", "receive",  "sending", "incoming", "outgoing",
        "inbound", "outbound", "request",  "response", "command", "reply",    NULL};
    if (word.size < 5 || word.data == begin || rest.size == 0 || rest.data[0] != ']' ||
        word.data[-1] != '[' || is_one_of(word, sides))
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (!letter(word.data[i]))
            return false;
    return true;
}

/* The name before an address: "unknown[192.0.2.1]". */
static bool is_peer(struct slice rest)
{
    if (rest.size < 4 || rest.data[0] != '[')
        return false;
    size_t end = slice_find(rest, ']');
    struct slice address = slice_after(slice_head(rest, end), 1);
    size_t signs = 0;
    for (size_t i = 0; i < address.size; i++)
        signs += address.data[i] == '.' || address.data[i] == ':';
    return end < rest.size && signs >= 2 && is_variable(address);
}

size_t shape_prefix(const struct anchor *anchor, bool *quoted)
{
    size_t size = anchor->at;
    char last = size > 0 ? anchor->line.data[size - 1] : '\0';
    *quoted = last == '"' || last == '\'' || last == '`';
    if (!*quoted)
        return size;
    size--;
    if (size > 0 && anchor->line.data[size - 1] == '\\')
        return size - 1; /* a literal inside another */
    /* Python's b'...' */
    if (size > 0 && strchr("bBuU", anchor->line.data[size - 1]) &&
        (size == 1 || !word_octet(anchor->line.data[size - 2], false)))
        size--;
    return size;
}

/* Writes the shape of a prefix. False when it is too long. */
static bool shape_of(struct slice prefix, bool wide, struct shape *shape)
{
    const char *begin = prefix.data;
    shape->size = 0;
    while (prefix.size > 0) {
        struct slice token = shape_token(prefix, wide);
        prefix = slice_after(prefix, token.size);
        bool blank = ascii_space(token.data[0]), word = word_octet(token.data[0], wide);
        struct slice text = blank ? SLICE(" ") : token;
        if (word && (is_variable(token) || is_bracketed(token, prefix, begin) || is_peer(prefix)))
            text = (struct slice){&variable_word, 1};
        if (prefix.size == 0 && blank)
            shape->blanks = token.size;
        if (SHAPE_TEXT_MAX - shape->size < text.size || text.data[0] == '\0')
            return false;
        memcpy(shape->text + shape->size, text.data, text.size);
        shape->size += text.size;
    }
    /* A variable word at the end could not be told from the payload. */
    return shape->size == 0 || shape->text[shape->size - 1] != SHAPE_WORD;
}

/* The shape in the list; a new one when it is not there; -1 when there are too many. */
static int find_shape(struct shapes *shapes, const struct shape *wanted)
{
    for (size_t i = 0; i < shapes->count; i++)
        if (shapes->list[i].quoted == wanted->quoted &&
            slice_equal((struct slice){shapes->list[i].text, shapes->list[i].size},
                        (struct slice){wanted->text, wanted->size}))
            return (int)i;
    if (shapes->count == SHAPES_MAX)
        return -1;
    shapes->list[shapes->count] = *wanted;
    return (int)shapes->count++;
}

static void count_anchor(struct shape *shape, const struct anchor *anchor)
{
    shape->lines += shape->lines == 0 || shape->last_line != anchor->number;
    shape->last_line = anchor->number;
    if (anchor->code != 0) {
        shape->replies++;
        return;
    }
    shape->commands++;
}

static bool pure(const struct shape *shape)
{
    return shape->commands == 0 || shape->replies == 0;
}

static bool is_variable_word(struct slice token)
{
    return token.size > 0 && token.data[0] == SHAPE_WORD;
}

static bool is_word(struct slice token, bool wide)
{
    return is_variable_word(token) || word_octet(token.data[0], wide);
}

/* "resp to EHLO: 250": the word tells what is answered. */
static bool is_verb(struct slice word)
{
    size_t size = 0;
    return command_of_verb(word, &size) != COMMAND_UNKNOWN && size == word.size;
}

/* Returns true if the shapes differ in one word at most, and in nothing else: *one and *other are the word, empty
 * where there is none. */
static bool differ_in_word(const struct shape *a, const struct shape *b, bool wide,
                           struct slice *one, struct slice *other)
{
    struct slice first = {a->text, a->size}, second = {b->text, b->size};
    *one = *other = SLICE("");
    while (first.size > 0 && second.size > 0) {
        struct slice left = shape_token(first, wide), right = shape_token(second, wide);
        first = slice_after(first, left.size);
        second = slice_after(second, right.size);
        if (slice_equal(left, right))
            continue;
        if (one->size > 0 || !is_word(left, wide) || !is_word(right, wide))
            return false;
        *one = left;
        *other = right;
    }
    return first.size == 0 && second.size == 0;
}

/* Makes one shape of two of the same side that differ in a word at most, which is then variable in the first.
 * Returns true if it did. */
static bool merge(struct shape *into, const struct shape *other, bool wide, bool must_be_variable)
{
    struct slice first, second;
    if (!pure(into) || !pure(other) || (into->commands > 0) != (other->commands > 0) ||
        into->quoted != other->quoted || !differ_in_word(into, other, wide, &first, &second))
        return false;
    bool variable = is_variable_word(first) || is_variable_word(second) ||
                    (into->replies > 0 && is_verb(first) && is_verb(second));
    if (must_be_variable && !variable)
        return false;
    if (first.size > 0) {
        size_t at = (size_t)(first.data - into->text), rest = at + first.size;
        into->text[at] = SHAPE_WORD;
        memmove(into->text + at + 1, into->text + rest, into->size - rest);
        into->size -= first.size - 1;
    }
    into->commands += other->commands;
    into->lines += other->lines;
    into->replies += other->replies;
    into->blanks = other->blanks < into->blanks ? other->blanks : into->blanks;
    return true;
}

static_assert(SHAPES_MAX <= 64, "a bit for each shape");

/* Returns true if shapes of the other side differ in the same two words: "sess=kqzw client", "sess=mvxp
 * client", "sess=kqzw server", "sess=mvxp server". */
static bool is_mirrored(const struct shapes *shapes, const struct shape *a, const struct shape *b)
{
    struct slice one, other, same, different;
    if (!pure(a) || !pure(b) || !differ_in_word(a, b, shapes->wide, &one, &other) ||
        one.size == 0 || is_variable_word(one) || is_variable_word(other))
        return false;
    for (size_t k = 0; k < shapes->count; k++)
        for (size_t l = 0; l < shapes->count; l++) {
            const struct shape *c = &shapes->list[k], *d = &shapes->list[l];
            if (pure(c) && pure(d) && (c->commands > 0) != (a->commands > 0) &&
                (d->commands > 0) != (a->commands > 0) &&
                differ_in_word(c, d, shapes->wide, &same, &different) && slice_equal(same, one) &&
                slice_equal(different, other))
                return true;
        }
    return false;
}

/* Ids without a digit look like constant words until others come: shapes that differ in one such
 * word become one when it is variable in one of them, when both sides have it, or when there are many
 * shapes. */
static void merge_shapes(struct shapes *shapes)
{
    bool many = shapes->count > 24;
    uint64_t mirrored[SHAPES_MAX] = {0}; /* for each shape a bit for each other one */
    for (size_t i = 0; i < shapes->count && !many; i++)
        for (size_t j = i + 1; j < shapes->count; j++)
            mirrored[i] |= (uint64_t)is_mirrored(shapes, &shapes->list[i], &shapes->list[j]) << j;
    for (size_t i = 0; i < shapes->count; i++)
        for (size_t j = i + 1; j < shapes->count; j++) {
            if (shapes->list[i].merged_into >= 0 || shapes->list[j].merged_into >= 0)
                continue;
            bool constant = !many && !(mirrored[i] >> j & 1);
            if (merge(&shapes->list[i], &shapes->list[j], shapes->wide, constant))
                shapes->list[j].merged_into = (int)i;
        }
}

/* A message may look like a session: between a 354 and the next line of the same shape nothing
 * counts. A number with a shape of its own is none. */
static void leave_out_messages(struct shapes *shapes, const struct anchors *anchors)
{
    unsigned replies[SHAPES_MAX] = {0};
    int message = -1; /* the shape of the 354 */
    for (size_t i = 0; i < anchors->count; i++)
        if (shapes->of_anchor[i] >= 0)
            replies[shapes->of_anchor[i]] +=
                anchors->list[i].code != 0 && anchors->list[i].code != 354;
    for (size_t i = 0; i < anchors->count; i++) {
        int shape = shapes->of_anchor[i];
        bool reply = anchors->list[i].code != 0;
        if (message >= 0 && shape == message && reply)
            message = -1;
        else if (message >= 0)
            shapes->of_anchor[i] = -1;
        if (message < 0 && anchors->list[i].code == 354 && shape >= 0 && replies[shape] > 0)
            message = shape;
    }
}

bool shapes_find(struct shapes *shapes, const struct anchors *anchors, bool wide)
{
    *shapes = (struct shapes){
        .list = calloc(SHAPES_MAX, sizeof *shapes->list),
        .of_anchor = calloc(ANCHORS_MAX, sizeof *shapes->of_anchor),
        .wide = wide,
    };
    if (!shapes->list || !shapes->of_anchor) {
        shapes_free(shapes);
        return false;
    }
    for (size_t i = 0; i < anchors->count; i++) {
        const struct anchor *anchor = &anchors->list[i];
        struct shape shape = {.merged_into = -1};
        size_t prefix = shape_prefix(anchor, &shape.quoted);
        shapes->of_anchor[i] = -1;
        if (!shape_of(slice_head(anchor->line, prefix), wide, &shape))
            continue;
        int found = find_shape(shapes, &shape);
        shapes->of_anchor[i] = found;
        if (found >= 0 && shape.blanks < shapes->list[found].blanks)
            shapes->list[found].blanks = shape.blanks;
    }
    leave_out_messages(shapes, anchors);
    for (size_t i = 0; i < anchors->count; i++)
        if (shapes->of_anchor[i] >= 0)
            count_anchor(&shapes->list[shapes->of_anchor[i]], &anchors->list[i]);
    merge_shapes(shapes);
    for (size_t i = 0; i < anchors->count; i++)
        while (shapes->of_anchor[i] >= 0 && shapes->list[shapes->of_anchor[i]].merged_into >= 0)
            shapes->of_anchor[i] = shapes->list[shapes->of_anchor[i]].merged_into;
    return true;
}

void shapes_free(struct shapes *shapes)
{
    free(shapes->list);
    free(shapes->of_anchor);
    *shapes = (struct shapes){0};
}

size_t shape_common(struct slice a, struct slice b, bool wide, size_t *size)
{
    size_t count = 0;
    *size = 0;
    while (a.size > 0 && b.size > 0) {
        struct slice first = shape_token(a, wide), second = shape_token(b, wide);
        if (!slice_equal(first, second))
            break;
        a = slice_after(a, first.size);
        b = slice_after(b, second.size);
        *size += first.size;
        count++;
    }
    return count;
}

int shape_words(const struct shape *shape)
{
    int words = 0;
    for (size_t i = 0; i < shape->size; i++)
        words += shape->text[i] == SHAPE_WORD;
    return words;
}

#define TOKENS_MAX 96

static size_t tokens_of(const struct shape *shape, bool wide, struct slice tokens[TOKENS_MAX])
{
    struct slice text = {shape->text, shape->size};
    size_t count = 0;
    while (text.size > 0 && count < TOKENS_MAX) {
        tokens[count] = shape_token(text, wide);
        text = slice_after(text, tokens[count++].size);
    }
    return count;
}

bool shape_is_mark(const struct shape *shape, bool wide)
{
    struct slice tokens[TOKENS_MAX];
    size_t count = tokens_of(shape, wide, tokens), words = 0;
    for (size_t i = 0; i < count; i++) {
        if (tokens[i].size == 1 && !ascii_space(tokens[i].data[0]) &&
            !word_octet(tokens[i].data[0], wide))
            return true;
        bool sign = false;
        for (size_t j = 0; j < tokens[i].size; j++)
            sign =
                sign || (!ascii_alphanumeric(tokens[i].data[j]) && !ascii_space(tokens[i].data[j]));
        if (sign)
            return true;
        words += !ascii_space(tokens[i].data[0]);
    }
    return words <= 1;
}

size_t shape_distance(const struct shape *a, const struct shape *b, bool wide)
{
    struct slice first[TOKENS_MAX], second[TOKENS_MAX];
    size_t ones = tokens_of(a, wide, first), others = tokens_of(b, wide, second);
    size_t least = ones < others ? ones : others, head = 0, tail = 0, same = 0;
    if (ones == others) {
        for (size_t i = 0; i < ones; i++)
            same += slice_equal(first[i], second[i]);
        return ones - same;
    }
    while (head < least && slice_equal(first[head], second[head]))
        head++;
    while (tail < least - head && slice_equal(first[ones - 1 - tail], second[others - 1 - tail]))
        tail++;
    return (ones > others ? ones : others) - head - tail;
}

bool shape_mark(const struct shape *shape, size_t size, bool wide, uint32_t keys, struct mark *mark)
{
    /* More blanks than this are the text's. */
    const size_t most = 8;
    *mark = (struct mark){.wide = wide};
    int variable = 0;
    for (size_t at = 0; at < size; at++) {
        const char *octet = &shape->text[at];
        bool added;
        if (*octet == SHAPE_WORD) {
            added = mark_add(mark, PART_RUN, SLICE(""), variable < 32 && (keys >> variable & 1));
            variable++;
        } else if (*octet == ' ' && at + 1 < shape->size) {
            added = mark_add(mark, PART_SPACE, SLICE(""), false);
        } else if (*octet == ' ') {
            added = true;
            for (size_t i = 0; i < shape->blanks && i < most && added; i++)
                added = mark_add(mark, PART_BLANK, SLICE(""), false);
        } else {
            added = mark_add(mark, PART_TEXT, (struct slice){octet, 1}, false);
        }
        if (!added)
            return false;
    }
    return true;
}
