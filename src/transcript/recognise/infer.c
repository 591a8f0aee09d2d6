/* infer.c - which text marks the client's lines, which the server's.
 */
#include "transcript/recognise/infer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "transcript/recognise/infer_parts.h"

/* Lines back in which the same payload makes an event a copy ("SMTP INBOUND: ..." before the line
 * itself). */
#define COPY_WITHIN 4
/* The same for what is left over when the marks are known: a reply of many lines may come twice. */
#define COPY_FAR    64

static struct slice shape_text(const struct shape *shape)
{
    return (struct slice){shape->text, shape->size};
}

/* How much alike two shapes are: marks of a pair mostly are. */
static unsigned likeness(const struct guess *guess, int a, int b)
{
    struct slice first = shape_text(&guess->shapes->list[a]);
    struct slice second = shape_text(&guess->shapes->list[b]);
    unsigned same = 0, leading = 0, tokens = 0;
    while (first.size > 0 && second.size > 0) {
        struct slice one = shape_token(first, guess->shapes->wide);
        struct slice other = shape_token(second, guess->shapes->wide);
        leading += same == tokens && slice_equal(one, other);
        same += slice_equal(one, other);
        tokens++;
        first = slice_after(first, one.size);
        second = slice_after(second, other.size);
    }
    /* Word by word where they have as many; else what they begin with. */
    unsigned like = first.size == 0 && second.size == 0 ? same : leading;
    return like < 12 ? like : 12;
}

/* The pair of shapes that explains most: one with commands, one with replies. */
static void choose_pair(struct guess *guess)
{
    const struct shapes *shapes = guess->shapes;
    unsigned best = 0;
    bool marked_greeting = false; /* then replies without a mark are the rest of others */
    guess->client = guess->server = -1;
    for (size_t s = 0; s < shapes->count; s++)
        marked_greeting =
            marked_greeting || (shapes->list[s].greets && shapes->list[s].size > 0 &&
                                shapes->list[s].replies > shapes->list[s].commands * 2);
    for (size_t c = 0; c < shapes->count; c++) {
        const struct shape *client = &shapes->list[c];
        if (client->merged_into >= 0 || client->commands <= client->replies * 2 || !client->hello ||
            client->lines < 2)
            continue;
        for (size_t s = 0; s < shapes->count; s++) {
            const struct shape *server = &shapes->list[s];
            if (s == c || server->merged_into >= 0 || server->replies <= server->commands * 2 ||
                server->strong_replies == 0 || server->lines < 2 ||
                (server->size == 0 && marked_greeting))
                continue;
            if (client->quoted != server->quoted)
                continue;
            unsigned score = (client->commands + client->strong_commands + server->replies) * 4 +
                             likeness(guess, (int)c, (int)s) + (server->greets ? 2 : 0);
            if (score > best) {
                best = score;
                guess->client = (int)c;
                guess->server = (int)s;
            }
        }
    }
}

static struct slice payload_of(const struct event *event)
{
    struct slice payload = slice_after(event->line, event->at);
    size_t end = 0;
    while (end < payload.size && end < 60 && !strchr("\\'\"<\r", payload.data[end]))
        end++;
    return slice_trim(slice_head(payload, end));
}

/* Whether a line near by, already taken for that side, has the same payload. */
static bool is_copy(const struct guess *guess, size_t index, uint32_t within)
{
    const struct event *list = guess->events->list;
    struct slice payload = payload_of(&list[index]);
    for (int direction = -1; direction <= 1; direction += 2)
        for (size_t i = index + (size_t)direction; i < guess->events->count;
             i += (size_t)direction) {
            uint32_t apart = list[i].number > list[index].number
                                 ? list[i].number - list[index].number
                                 : list[index].number - list[i].number;
            if (apart > within)
                break;
            int shape = guess->shapes->of_event[i];
            if (shape >= 0 && guess->side[shape] != SIDE_NOTE &&
                (list[i].code != 0) == (guess->side[shape] == SIDE_SERVER) &&
                slice_equal(payload_of(&list[i]), payload))
                return true;
        }
    return false;
}

/* How many commands and replies do not find each other by the marks that are chosen, and how often the
 * client goes on although a reply is owed to it. A 354 and a 334 are owed a message and an answer,
 * which are no events. */
static unsigned left_alone(const struct guess *guess)
{
    const struct event *list = guess->events->list;
    unsigned owed = 0, unasked = 0, early = 0;
    bool replied = false, message = false;
    for (size_t i = 0; i < guess->events->count; i++) {
        int shape = guess->shapes->of_event[i];
        if (shape < 0 || guess->side[shape] == SIDE_NOTE)
            continue;
        if (list[i].code == 0) {
            early += replied && owed > 0;
            owed++;
            replied = false;
        } else if (!list[i].more) {
            /* The reply to a message answers no event. */
            unasked += owed == 0 && list[i].code != 220 && !message;
            owed -= owed > 0 && !message;
            message = false;
            replied = true;
            /* Behind a 354 the client goes on at once. */
            message = list[i].code == 354 || list[i].code == 334;
        }
    }
    return owed + unasked + early;
}

/* Whether two texts differ in signs only: "SMTP+> ", "SMTP>> ". */
static bool same_words(struct slice a, struct slice b, bool wide)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.size && a.data[i] != SHAPE_WORD && !word_octet(a.data[i], wide))
            i++;
        while (j < b.size && b.data[j] != SHAPE_WORD && !word_octet(b.data[j], wide))
            j++;
        if (i == a.size || j == b.size)
            return i == a.size && j == b.size;
        if (a.data[i++] != b.data[j++])
            return false;
    }
}

/* Whether a shape beside the main ones may be a mark ("ESMTP>" beside "SMTP>"). */
static bool may_be_mark(const struct guess *guess, int index)
{
    const struct shape *shape = &guess->shapes->list[index];
    unsigned events = shape->commands + shape->replies, copies = 0;
    bool client = shape->commands > shape->replies * 4;
    bool server = shape->replies > shape->commands * 4;
    /* Text without a mark is the rest of a reply, or a message. */
    if (shape->merged_into >= 0 || shape->size == 0 || (!client && !server))
        return false;
    /* What begins both marks stands before lines without one (guess_text). */
    size_t size;
    const struct shape *main_shape = &guess->shapes->list[client ? guess->client : guess->server];
    shape_common(shape_text(shape), shape_text(main_shape), guess->shapes->wide, &size);
    if (size == shape->size)
        return false;
    for (size_t i = 0; i < guess->events->count; i++)
        if (guess->shapes->of_event[i] == index)
            copies += is_copy(guess, i, COPY_WITHIN);
    return copies * 2 <= events;
}

/* Whether it differs from the main mark in signs only, as "SMTP+> " from "SMTP>> ". */
static bool is_variant(const struct guess *guess, int index)
{
    const struct shape *shape = &guess->shapes->list[index];
    const struct shape *main_shape =
        &guess->shapes->list[guess->side[index] == SIDE_CLIENT ? guess->client : guess->server];
    return main_shape->size > 0 && shape->size > 1 &&
           strchr("<>|]})", shape->text[shape->size - 2]) &&
           same_words(shape_text(shape), shape_text(main_shape), guess->shapes->wide);
}

static size_t count_marks(const struct guess *guess, enum side side)
{
    size_t count = 0;
    for (size_t i = 0; i < guess->shapes->count; i++)
        count += guess->side[i] == side;
    return count;
}

/* The shape with the fewest events without which commands and replies find each other no worse; -1
 * when all are needed. When there is no room for all marks, the one with the fewest events. */
static int superfluous(struct guess *guess)
{
    unsigned fewest = UINT_MAX, with = left_alone(guess);
    int found = -1;
    for (size_t i = 0; i < guess->shapes->count; i++) {
        const struct shape *shape = &guess->shapes->list[i];
        enum side side = guess->side[i];
        unsigned events = shape->commands + shape->replies;
        if (side == SIDE_NOTE || (int)i == guess->client || (int)i == guess->server ||
            events >= fewest ||
            (is_variant(guess, (int)i) && count_marks(guess, side) <= MARKS_MAX))
            continue;
        guess->side[i] = SIDE_NOTE;
        unsigned without = left_alone(guess);
        guess->side[i] = side;
        bool full = count_marks(guess, side) > MARKS_MAX;
        if (!full && (without > with || (without == with && shape->greets)))
            continue;
        fewest = events;
        found = (int)i;
    }
    return found;
}

/* All shapes that may be marks, and then without those that are not needed: marks come in pairs, so
 * that adding them one by one would not show that they are. */
static void choose_others(struct guess *guess)
{
    const struct shapes *shapes = guess->shapes;
    bool may[SHAPES_MAX] = {false};
    for (size_t i = 0; i < SHAPES_MAX; i++)
        guess->side[i] = SIDE_NOTE;
    guess->side[guess->client] = SIDE_CLIENT;
    guess->side[guess->server] = SIDE_SERVER;
    for (size_t i = 0; i < shapes->count; i++)
        may[i] = guess->side[i] == SIDE_NOTE && may_be_mark(guess, (int)i);
    for (size_t i = 0; i < shapes->count; i++)
        if (may[i])
            guess->side[i] =
                shapes->list[i].commands > shapes->list[i].replies ? SIDE_CLIENT : SIDE_SERVER;
    for (int out = superfluous(guess); out >= 0; out = superfluous(guess))
        guess->side[out] = SIDE_NOTE;
}

/* The key's place in another shape of the side: where it has as many words, or begins the same up to
 * the key. */
static int key_in(const struct guess *guess, int index, int main_index, int key)
{
    if (key < 0 || index == main_index)
        return key;
    const struct shape *shape = &guess->shapes->list[index];
    const struct shape *main_shape = &guess->shapes->list[main_index];
    int words = 0, main_words = 0, common_words = 0;
    size_t common;
    shape_common(shape_text(shape), shape_text(main_shape), guess->shapes->wide, &common);
    for (size_t i = 0; i < shape->size; i++) {
        words += shape->text[i] == SHAPE_WORD;
        common_words += i < common && shape->text[i] == SHAPE_WORD;
    }
    for (size_t i = 0; i < main_shape->size; i++)
        main_words += main_shape->text[i] == SHAPE_WORD;
    return words == main_words || key < common_words ? key : -1;
}

static bool build_marks(const struct guess *guess, struct marks *marks)
{
    const struct shapes *shapes = guess->shapes;
    *marks = (struct marks){.learnt = true, .row = {.continuation = CONTINUED_BARE}};
    for (size_t i = 0; i < shapes->count; i++) {
        if (guess->side[i] == SIDE_NOTE)
            continue;
        bool client = guess->side[i] == SIDE_CLIENT;
        int key = key_in(guess, (int)i, client ? guess->client : guess->server,
                         guess->key[client ? 0 : 1]);
        struct mark *mark =
            client ? &marks->client[marks->clients] : &marks->server[marks->servers];
        if (!shape_mark(&shapes->list[i], shapes->list[i].size, shapes->wide, key, mark))
            continue;
        *(client ? &marks->clients : &marks->servers) += 1;
    }
    return marks->clients > 0 && (marks->servers > 0 || guess->server < 0);
}

static bool only_blanks(struct slice line, size_t begin, size_t end)
{
    return begin <= end && slice_trim(slice_after(slice_head(line, end), begin)).size == 0;
}

/* Whether the events of a line are explained by the marks: the side that they give it is that of
 * the event at its payload. */
static void weigh(const struct guess *guess, const struct marks *marks, struct inference *inference)
{
    const struct events *events = guess->events;
    unsigned explained = 0, left = 0;
    bool content = false;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->list[i];
        struct mark_found found;
        enum note note;
        enum side side = marks_side(marks, event->line, &found, &note);
        bool quoted;
        bool here = only_blanks(event->line, found.length, shape_prefix(event, &quoted));
        bool fits = here && side == (event->code ? SIDE_SERVER : SIDE_CLIENT);
        if (fits && event->code)
            content = event->code == 354;
        if (fits) {
            explained++;
            inference->fit.commands += !content && !event->code;
            inference->fit.replies += event->code != 0;
        } else if (event->strong && !content && side != SIDE_CLIENT && side != SIDE_SERVER &&
                   !is_copy(guess, i, COPY_FAR) &&
                   !(event->code && only_blanks(event->line, found.length, event->at))) {
            left++; /* a bare line of a reply is none */
        }
    }
    inference->confidence = explained > 0 ? explained * 100 / (explained + left) : 0;
}

static void describe(const struct guess *guess, const struct marks *marks,
                     struct inference *inference)
{
    char client[96], server[96];
    struct mark mark;
    (void)marks;
    size_t client_size = 0, server_size = 0;
    const struct shape *list = guess->shapes->list;
    bool wide = guess->shapes->wide;
    if (shape_mark(&list[guess->client], list[guess->client].size, wide, -1, &mark))
        client_size = mark_describe(&mark, client, sizeof client);
    if (guess->server >= 0 &&
        shape_mark(&list[guess->server], list[guess->server].size, wide, -1, &mark))
        server_size = mark_describe(&mark, server, sizeof server);
    if (guess->server >= 0)
        snprintf(inference->description, sizeof inference->description,
                 "client lines marked by \"%.*s\", server lines by \"%.*s\"", (int)client_size,
                 client, (int)server_size, server);
    else
        snprintf(inference->description, sizeof inference->description,
                 "client lines marked by \"%.*s\", no server lines", (int)client_size, client);
}

/* Tries one way to cut words. False when out of memory. */
static bool try_width(const struct events *events, struct slice head, bool wide,
                      struct inference *inference)
{
    struct shapes shapes;
    if (!shapes_find(&shapes, events, wide))
        return false;
    struct guess guess = {.events = events, .shapes = &shapes, .key = {-1, -1}};
    bool done = true;
    choose_pair(&guess);
    if (guess.client >= 0 && guess.server >= 0) {
        choose_others(&guess);
        done = guess_key(&guess);
        if (done && build_marks(&guess, &inference->marks) &&
            guess_text(&guess, head, &inference->marks)) {
            weigh(&guess, &inference->marks, inference);
            describe(&guess, &inference->marks, inference);
        }
    }
    shapes_free(&shapes);
    return done;
}

/* Less than this is no session: a log may quote a command or a reply. */
static bool is_enough(const struct inference *inference)
{
    return inference->fit.commands >= 2 && inference->fit.replies >= 2;
}

bool infer(struct slice head, struct inference *inference)
{
    struct events events;
    *inference = (struct inference){0};
    if (!events_find(&events, head))
        return false;
    bool done = true;
    for (int wide = 1; wide >= 0 && done && events.count > 0; wide--) {
        struct inference *other = calloc(1, sizeof *other);
        done = other && try_width(&events, head, wide, other);
        unsigned explained = inference->fit.commands + inference->fit.replies;
        if (done && is_enough(other) &&
            (other->fit.commands + other->fit.replies) * other->confidence >
                explained * inference->confidence)
            *inference = *other;
        free(other);
    }
    events_free(&events);
    return done;
}

static struct fit inferred_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct inference *inference = calloc(1, sizeof *inference);
    struct fit fit = {0};
    fit.no_memory = !inference || !infer(head, inference);
    if (!fit.no_memory && inference->confidence >= INFERENCE_LEAST)
        fit = inference->fit;
    free(inference);
    return fit;
}

static bool inferred_open(struct reader *reader, struct slice head)
{
    struct inference *inference = calloc(1, sizeof *inference);
    if (inference && infer(head, inference))
        reader->state = marked_reader_new(&inference->marks);
    free(inference);
    return reader->state != NULL;
}

static bool inferred_read(struct reader *reader, const struct source_line *line)
{
    return marked_reader_read(reader->state, line, reader->sink);
}

static bool inferred_finish(struct reader *reader)
{
    return marked_reader_finish(reader->state, reader->sink);
}

static void inferred_close(struct reader *reader)
{
    marked_reader_free(reader->state);
}

static const struct format_family inferred_family = {
    .recognise = inferred_recognise,
    .open = inferred_open,
    .read = inferred_read,
    .finish = inferred_finish,
    .close = inferred_close,
};

const struct format inferred_format = {
    .name = "inferred",
    .program = "any program",
    .how = "the marks are learnt from what looks like SMTP in the log",
    .example = "[12:00:01] got 220 mx.example.com ESMTP\n[12:00:01] put EHLO client.example.org",
    .family = &inferred_family,
};
