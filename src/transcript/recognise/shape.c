/* shape.c - from the texts before payloads to patterns.
 */
#include "transcript/recognise/shape.h"

#include <stdlib.h>

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

static bool has_digit(struct slice word)
{
    for (size_t i = 0; i < word.size; i++)
        if (ascii_digit(word.data[i]))
            return true;
    return false;
}

static bool is_level(struct slice word)
{
    static const char *const levels[] = {"TRACE", "DEBUG",   "INFO",  "NOTICE",   "WARN", "WARNING",
                                         "ERROR", "ERR",     "FATAL", "CRITICAL", "CRIT", "SEVERE",
                                         "FINE",  "VERBOSE", "FINER", "FINEST"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (slice_equal_nocase(word, slice_of(levels[i])))
            return true;
    return false;
}

/* Names of protocols, one of which has a digit: they tell what a line is about. */
static bool is_protocol(struct slice word)
{
    static const char *const protocols[] = {"SMTP", "ESMTP", "LMTP",  "SMTPS", "POP3",
                                            "POP",  "IMAP",  "IMAP4", "NNTP",  "HTTP"};
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (slice_equal_nocase(word, slice_of(protocols[i])))
            return true;
    return false;
}

size_t shape_prefix(const struct event *event, bool *quoted)
{
    size_t size = event->at;
    char last = size > 0 ? event->line.data[size - 1] : '\0';
    *quoted = last == '"' || last == '\'' || last == '`';
    if (!*quoted)
        return size;
    size--;
    /* Python's b'...' */
    if (size > 0 && strchr("bBuU", event->line.data[size - 1]) &&
        (size == 1 || !word_octet(event->line.data[size - 2], false)))
        size--;
    return size;
}

/* Writes the shape of a prefix. False when it is too long. */
static bool shape_of(struct slice prefix, bool wide, struct shape *shape)
{
    shape->size = 0;
    while (prefix.size > 0) {
        struct slice token = shape_token(prefix, wide);
        prefix = slice_after(prefix, token.size);
        bool blank = ascii_space(token.data[0]), word = word_octet(token.data[0], wide);
        struct slice text = blank ? SLICE(" ") : token;
        if (word && !is_protocol(token) && (has_digit(token) || is_level(token)))
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

static void count_event(struct shape *shape, const struct event *event)
{
    struct slice text = slice_after(event->line, event->at);
    shape->lines += shape->lines == 0 || shape->last_line != event->number;
    shape->last_line = event->number;
    if (event->code != 0) {
        shape->replies++;
        shape->strong_replies += event->strong;
        shape->greets = shape->greets || event->code == 220;
        return;
    }
    shape->commands++;
    shape->strong_commands += event->strong;
    shape->hello = shape->hello || slice_starts_nocase(text, SLICE("EHLO")) ||
                   slice_starts_nocase(text, SLICE("HELO")) ||
                   slice_starts_nocase(text, SLICE("LHLO")) ||
                   slice_starts_nocase(text, SLICE("MAIL"));
}

static bool pure(const struct shape *shape)
{
    return shape->commands == 0 || shape->replies == 0;
}

/* Whether two shapes differ in words only, and are of the same side; the words in which they differ
 * are then made variable in the first. */
static bool merge(struct shape *into, const struct shape *other, bool wide, bool must_be_variable)
{
    if (!pure(into) || !pure(other) || (into->commands > 0) != (other->commands > 0) ||
        into->quoted != other->quoted)
        return false;
    struct shape merged = {0};
    struct slice a = {into->text, into->size}, b = {other->text, other->size};
    bool variable = false;
    while (a.size > 0 && b.size > 0) {
        struct slice first = shape_token(a, wide), second = shape_token(b, wide);
        a = slice_after(a, first.size);
        b = slice_after(b, second.size);
        if (!slice_equal(first, second)) {
            bool words = (first.data[0] == SHAPE_WORD || word_octet(first.data[0], wide)) &&
                         (second.data[0] == SHAPE_WORD || word_octet(second.data[0], wide));
            variable = variable || first.data[0] == SHAPE_WORD || second.data[0] == SHAPE_WORD;
            if (!words || is_protocol(first) || is_protocol(second))
                return false;
            first = (struct slice){&variable_word, 1};
        }
        memcpy(merged.text + merged.size, first.data, first.size);
        merged.size += first.size;
    }
    if (a.size > 0 || b.size > 0 || (must_be_variable && !variable))
        return false;
    memcpy(into->text, merged.text, merged.size);
    into->size = merged.size;
    into->commands += other->commands;
    into->strong_commands += other->strong_commands;
    into->lines += other->lines;
    into->replies += other->replies;
    into->strong_replies += other->strong_replies;
    into->hello = into->hello || other->hello;
    into->greets = into->greets || other->greets;
    into->blanks = other->blanks < into->blanks ? other->blanks : into->blanks;
    into->first = other->first < into->first ? other->first : into->first;
    return true;
}

/* Ids without a digit look like constant words until another comes: shapes that differ in such a
 * word become one when the word is variable in one of them already, or when there are many. */
static void merge_shapes(struct shapes *shapes)
{
    bool many = shapes->count > 24;
    for (size_t i = 0; i < shapes->count; i++)
        for (size_t j = i + 1; j < shapes->count; j++) {
            if (shapes->list[i].merged_into >= 0 || shapes->list[j].merged_into >= 0)
                continue;
            if (merge(&shapes->list[i], &shapes->list[j], shapes->wide, !many))
                shapes->list[j].merged_into = (int)i;
        }
}

/* A message may look like a session: between a 354 and the next line of the same shape nothing
 * counts. */
static void leave_out_messages(struct shapes *shapes, const struct events *events)
{
    int message = -1; /* the shape of the 354 */
    for (size_t i = 0; i < events->count; i++) {
        int shape = shapes->of_event[i];
        bool replies = events->list[i].code != 0;
        if (message >= 0 && shape == message && replies)
            message = -1;
        else if (message >= 0)
            shapes->of_event[i] = -1;
        if (message < 0 && events->list[i].code == 354 && shape >= 0)
            message = shape;
    }
}

bool shapes_find(struct shapes *shapes, const struct events *events, bool wide)
{
    *shapes = (struct shapes){
        .list = calloc(SHAPES_MAX, sizeof *shapes->list),
        .of_event = calloc(EVENTS_MAX, sizeof *shapes->of_event),
        .wide = wide,
    };
    if (!shapes->list || !shapes->of_event) {
        shapes_free(shapes);
        return false;
    }
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->list[i];
        struct shape shape = {.first = (uint32_t)i, .merged_into = -1};
        size_t prefix = shape_prefix(event, &shape.quoted);
        shapes->of_event[i] = -1;
        if (!shape_of(slice_head(event->line, prefix), wide, &shape))
            continue;
        int found = find_shape(shapes, &shape);
        shapes->of_event[i] = found;
        if (found >= 0 && shape.blanks < shapes->list[found].blanks)
            shapes->list[found].blanks = shape.blanks;
    }
    leave_out_messages(shapes, events);
    for (size_t i = 0; i < events->count; i++)
        if (shapes->of_event[i] >= 0)
            count_event(&shapes->list[shapes->of_event[i]], &events->list[i]);
    merge_shapes(shapes);
    for (size_t i = 0; i < events->count; i++)
        while (shapes->of_event[i] >= 0 && shapes->list[shapes->of_event[i]].merged_into >= 0)
            shapes->of_event[i] = shapes->list[shapes->of_event[i]].merged_into;
    return true;
}

void shapes_free(struct shapes *shapes)
{
    free(shapes->list);
    free(shapes->of_event);
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

bool shape_mark(const struct shape *shape, size_t size, bool wide, int key, struct mark *mark)
{
    /* More blanks than this are the text's. */
    const size_t most = 8;
    *mark = (struct mark){.wide = wide};
    int variable = 0;
    for (size_t at = 0; at < size; at++) {
        const char *octet = &shape->text[at];
        bool added;
        if (*octet == SHAPE_WORD) {
            added = mark_add(mark, PART_RUN, SLICE(""), variable == key);
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
