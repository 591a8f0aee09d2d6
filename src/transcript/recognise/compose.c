/* compose.c - chooses marks for a log: pairs of shapes to start with, keys, further marks.
 */
#include "transcript/recognise/compose.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/catalogue.h"
#include "transcript/formats/marked.h"
#include "transcript/recognise/guess.h"
#include "transcript/recognise/key_values.h"
#include "transcript/recognise/score.h"
#include "transcript/recognise/trial.h"

/* So many shapes of each side are tried as its main one, those with most anchors first. */
#define STARTS_MAX 5
/* The best starts are climbed from. */
#define CLIMBS     2
#define ROUNDS_MAX 6
/* The least gain of a further mark or key. */
#define GAIN_LEAST 30
/* Variable words of a mark that may be a key, from either end. */
#define KEYS_MAX   8

/* Marks that mirror each other: tokens in which they differ, and what that is worth. */
#define MIRROR_NEAR     2
#define MIRROR_FAR      4
#define BONUS_NEAR      150
#define BONUS_FAR       100
/* No reading below these. */
#define POINTS_LEAST    100
#define POINTS_MIRRORED 30
#define POINTS_NOT_SURE 400

struct search {
    struct trial *trial;
    const struct shapes *shapes;
    struct guess best[CLIMBS];
    size_t count;
};

static struct slice text_of(const struct shape *shape)
{
    return (struct slice){shape->text, shape->size};
}

static enum side side_of(const struct shape *shape)
{
    if (shape->commands > shape->replies * 2)
        return SIDE_CLIENT;
    return shape->replies > shape->commands * 2 ? SIDE_SERVER : SIDE_UNMARKED;
}

static void run(struct search *search, struct guess *guess)
{
    trial_run(search->trial, guess);
}

/* Keeps the guess if it is among the best. */
static void keep(struct search *search, const struct guess *guess)
{
    size_t at = search->count;
    while (at > 0 && guess->points > search->best[at - 1].points)
        at--;
    if (at >= CLIMBS)
        return;
    if (search->count < CLIMBS)
        search->count++;
    for (size_t i = search->count - 1; i > at; i--)
        search->best[i] = search->best[i - 1];
    search->best[at] = *guess;
}

/* The rule that brings most as key number `which` of the guess; the guess as it was when none does. Of
 * equals the word nearest to the payload, which is most its own. */
static void choose_key(struct search *search, struct guess *guess, size_t which)
{
    struct guess best = *guess;
    int words = shape_words(&search->shapes->list[guess->server]);
    for (int from_right = 1; from_right >= 0; from_right--)
        for (int index = 0; index < words && index < KEYS_MAX; index++) {
            struct guess with = *guess;
            with.keys[which] = (struct key_rule){index, from_right != 0};
            if (!may_be_key(search->trial, &with, with.keys[which]))
                continue;
            run(search, &with);
            if (with.points > best.points)
                best = with;
        }
    *guess = best; /* a key has its own cost: no further gain is asked */
}

static void start(struct search *search, int client, int server)
{
    const struct shapes *shapes = search->shapes;
    struct guess guess = {
        .anchors = search->trial->anchors,
        .shapes = shapes,
        .client = client,
        .server = server,
        .keys = {{-1, false}, {-1, false}},
    };
    if (client == server) {
        guess.marks[guess.count].shape = client;
        guess.marks[guess.count++].side = SIDE_UNMARKED;
    } else {
        guess.marks[guess.count].shape = client;
        guess.marks[guess.count++].side = SIDE_CLIENT;
        guess.marks[guess.count].shape = server;
        guess.marks[guess.count++].side = SIDE_SERVER;
        size_t apart = shape_distance(&shapes->list[client], &shapes->list[server], shapes->wide);
        bool prose = !shape_is_mark(&shapes->list[client], shapes->wide) ||
                     !shape_is_mark(&shapes->list[server], shapes->wide);
        guess.bonus = prose                  ? 0
                      : apart <= MIRROR_NEAR ? BONUS_NEAR
                      : apart <= MIRROR_FAR  ? BONUS_FAR
                                             : 0;
    }
    run(search, &guess);
    if (guess.pairs == 0)
        return;
    choose_key(search, &guess, 0);
    keep(search, &guess);
}

/* The shapes of a side, those with most anchors first. */
static size_t list_side(const struct shapes *shapes, enum side side, int list[STARTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < shapes->count; i++) {
        const struct shape *shape = &shapes->list[i];
        unsigned anchors = side == SIDE_CLIENT ? shape->commands : shape->replies;
        if (shape->merged_into >= 0 || anchors == 0 || side_of(shape) != side)
            continue;
        size_t at = count < STARTS_MAX ? count++ : STARTS_MAX;
        for (; at > 0; at--) {
            const struct shape *before = &shapes->list[list[at - 1]];
            if (anchors <= (side == SIDE_CLIENT ? before->commands : before->replies))
                break;
            if (at < STARTS_MAX)
                list[at] = list[at - 1];
        }
        if (at < STARTS_MAX)
            list[at] = (int)i;
    }
    return count;
}

/* Returns true if nothing but greetings has the shape, and none of them comes first: "220 connections". */
static bool only_greets(const struct anchors *anchors, const struct shapes *shapes, int index)
{
    for (size_t i = 0; i < anchors->count; i++)
        if (shapes->of_anchor[i] == index && (i == 0 || anchors->list[i].code != 220))
            return false;
    return true;
}

/* Returns true if the mark is nothing but the borders of cells: "| | " stands before the second column of a table, and "| "
 * before the first. */
static bool is_borders(struct slice mark)
{
    for (size_t i = 0; i < mark.size; i++)
        if (mark.data[i] != '|' && !ascii_space(mark.data[i]))
            return false;
    return true;
}

static void find_starts(struct search *search)
{
    const struct shapes *shapes = search->shapes;
    int clients[STARTS_MAX], servers[STARTS_MAX];
    size_t client_count = list_side(shapes, SIDE_CLIENT, clients);
    size_t server_count = list_side(shapes, SIDE_SERVER, servers);
    for (size_t c = 0; c < client_count; c++)
        for (size_t s = 0; s < server_count; s++) {
            const struct shape *client = &shapes->list[clients[c]];
            const struct shape *server = &shapes->list[servers[s]];
            if (client->size > 0 && client->quoted == server->quoted &&
                slice_starts(text_of(server), text_of(client)) && !is_borders(text_of(server)))
                continue;
            if (only_greets(search->trial->anchors, shapes, servers[s]))
                continue;
            start(search, clients[c], servers[s]);
        }
    for (size_t i = 0; i < shapes->count; i++) {
        const struct shape *shape = &shapes->list[i];
        if (shape->merged_into < 0 && shape->commands > 0 && shape->replies > 0)
            start(search, (int)i, (int)i);
    }
}

static void add(struct guess *guess, int shape, enum side side)
{
    guess->marks[guess->count].shape = shape;
    guess->marks[guess->count++].side = side;
}

static size_t count_side(const struct guess *guess, enum side side)
{
    size_t count = 0;
    for (size_t i = 0; i < guess->count; i++)
        count += (guess->marks[i].side == SIDE_SERVER) == (side == SIDE_SERVER);
    return count;
}

/* Returns true if the shape can be a further mark. What extends a client's mark is a dialogue inside a
 * message. */
static bool may_add(const struct guess *guess, int index)
{
    const struct shape *shape = &guess->shapes->list[index];
    if (shape->merged_into >= 0 || guess_side(guess, index) != SIDE_NOTE ||
        shape->commands + shape->replies == 0 ||
        only_greets(guess->anchors, guess->shapes, index) ||
        count_side(guess, side_of(shape)) == MARKS_MAX)
        return false;
    for (size_t i = 0; i < guess->count; i++) {
        const struct shape *mark = &guess->shapes->list[guess->marks[i].shape];
        if (guess->marks[i].side != SIDE_SERVER && mark->size > 0 &&
            slice_starts(text_of(shape), text_of(mark)))
            return false;
    }
    return true;
}

/* The shape that mirrors this one best on the other side; -1: none does. */
static int mirror_of(const struct guess *guess, int index)
{
    size_t least = MIRROR_FAR + 1;
    int found = -1;
    for (size_t i = 0; i < guess->shapes->count; i++) {
        if (!may_add(guess, (int)i) ||
            side_of(&guess->shapes->list[i]) == side_of(&guess->shapes->list[index]))
            continue;
        size_t apart = shape_distance(&guess->shapes->list[i], &guess->shapes->list[index],
                                      guess->shapes->wide);
        if (apart < least) {
            least = apart;
            found = (int)i;
        }
    }
    return found;
}

/* Adds what brings most: a mark, a mark and its mirror, a key. Returns true if something did. */
static bool climb_once(struct search *search, struct guess *guess)
{
    struct guess best = *guess;
    for (size_t i = 0; i < guess->shapes->count; i++) {
        if (!may_add(guess, (int)i))
            continue;
        struct guess with = *guess;
        add(&with, (int)i, side_of(&guess->shapes->list[i]));
        run(search, &with);
        if (with.points > best.points)
            best = with;
        int mirror = mirror_of(guess, (int)i);
        if (mirror < 0 || with.count == GUESS_SHAPES_MAX || !may_add(&with, mirror))
            continue;
        add(&with, mirror, side_of(&guess->shapes->list[mirror]));
        run(search, &with);
        if (with.points > best.points)
            best = with;
    }
    for (size_t which = 0; which < 2; which++) {
        struct guess with = *guess;
        if (which > 0 && with.keys[0].index < 0)
            break;
        choose_key(search, &with, which);
        if (with.points > best.points)
            best = with;
    }
    if (best.points < guess->points + GAIN_LEAST)
        return false;
    *guess = best;
    return true;
}

/* Both sides under both marks: client and server roles in one log. */
static void try_both_roles(struct search *search, struct guess *guess)
{
    if (guess->count < 2)
        return;
    struct guess with = *guess;
    for (size_t i = 0; i < with.count; i++) {
        if (guess->shapes->list[with.marks[i].shape].size == 0)
            return; /* no mark is no mark of a role */
        with.marks[i].side = SIDE_UNMARKED;
    }
    with.bonus = 0;
    run(search, &with);
    if (with.points > guess->points + GAIN_LEAST && count_side(&with, SIDE_CLIENT) <= MARKS_MAX)
        *guess = with;
}

static void climb(struct search *search)
{
    for (size_t i = 0; i < search->count; i++) {
        struct guess *guess = &search->best[i];
        for (unsigned round = 0; round < ROUNDS_MAX && guess->doubted; round++)
            if (!climb_once(search, guess))
                break;
        if (guess->doubted)
            try_both_roles(search, guess);
    }
    if (search->count > 1 && search->best[1].points > search->best[0].points)
        search->best[0] = search->best[1];
}

/* Returns true if the guess is a reading at all: numbers and words in prose pair now and then. */
static bool is_reading(const struct guess *guess)
{
    bool mirrored = guess->bonus > 0;
    if (guess->commands == 0 || guess->replies == 0 || guess->pairs == 0)
        return false;
    if (guess->pairs < 2 && !mirrored)
        return false;
    if (guess->points < (mirrored ? POINTS_MIRRORED : POINTS_LEAST))
        return false;
    return guess->sure_pairs > 0 || mirrored || guess->points >= POINTS_NOT_SURE ||
           (guess->client == guess->server && guess->pairs >= 2);
}

static void build_marks(const struct guess *guess, struct marks *marks)
{
    *marks = (struct marks){.learnt = true, .row = {.continuation = CONTINUED_BARE}};
    for (size_t i = 0; i < guess->count; i++) {
        const struct shape *shape = &guess->shapes->list[guess->marks[i].shape];
        bool server = guess->marks[i].side == SIDE_SERVER;
        uint32_t keys = 0;
        for (size_t k = 0; k < 2; k++) {
            int word = key_word(guess->keys[k], shape_words(shape));
            keys |= word >= 0 && word < 32 ? UINT32_C(1) << word : 0;
        }
        struct mark *mark =
            server ? &marks->server[marks->servers] : &marks->client[marks->clients];
        if (!shape_mark(shape, shape->size, guess->shapes->wide, keys, mark))
            continue;
        if (!server)
            marks->by_text[marks->clients] = guess->marks[i].side == SIDE_UNMARKED;
        *(server ? &marks->servers : &marks->clients) += 1;
    }
}

/* Octets of a mark as it is shown, and a NUL. */
#define DESCRIBED_MAX 97

/* The mark of a shape, in words; empty where it has none. */
static void describe_shape(const struct guess *guess, int index, char room[static DESCRIBED_MAX])
{
    struct mark mark;
    const struct shape *shape = &guess->shapes->list[index];
    bool marked = shape->size > 0 && shape_mark(shape, shape->size, guess->shapes->wide, 0, &mark);
    room[marked ? mark_describe(&mark, room, DESCRIBED_MAX - 1) : 0] = '\0';
}

/* People read it in their language (made_text.h). */
static void describe(const struct guess *guess, struct composed *composed)
{
    char client[DESCRIBED_MAX], server[DESCRIBED_MAX], *room = composed->description;
    enum { SIZE = sizeof composed->description };
    composed->commands = guess->commands;
    composed->replies = guess->replies;
    composed->pairs = guess->pairs;
    describe_shape(guess, guess->client, client);
    describe_shape(guess, guess->server, server);
    if (guess->client == guess->server && client[0])
        snprintf(room, SIZE, N_("lines of both sides marked by \"%s\""), client);
    else if (guess->client == guess->server)
        snprintf(room, SIZE, N_("lines of both sides without a mark"));
    else if (client[0] && server[0])
        snprintf(room, SIZE, N_("client lines marked by \"%s\", server lines marked by \"%s\""),
                 client, server);
    else if (client[0])
        snprintf(room, SIZE, N_("client lines marked by \"%s\", server lines without a mark"),
                 client);
    else if (server[0])
        snprintf(room, SIZE, N_("client lines without a mark, server lines marked by \"%s\""),
                 server);
    else
        snprintf(room, SIZE, N_("client lines without a mark, server lines without a mark"));
}

/* Tries one way to cut words. Returns false when out of memory. */
static bool try_width(const struct anchors *anchors, bool wide, struct composed *composed)
{
    struct shapes shapes;
    struct trial trial;
    if (!shapes_find(&shapes, anchors, wide))
        return false;
    if (!trial_begin(&trial, anchors, &shapes)) {
        shapes_free(&shapes);
        return false;
    }
    struct search search = {.trial = &trial, .shapes = &shapes};
    find_starts(&search);
    climb(&search);
    const struct guess *best = &search.best[0];
    bool reading = search.count > 0 && is_reading(best);
    if (reading && (!composed->found || best->points - best->bonus > composed->points)) {
        composed->found = true;
        composed->points = best->points - best->bonus;
        composed->cost = best->cost;
        build_marks(best, &composed->marks);
        learn_payload_form(best, anchors->sample, &composed->marks);
        describe(best, composed);
    } else if (search.count > 0 && !composed->found && best->pairs >= composed->pairs &&
               best->commands > 0 && best->replies > 0) {
        describe(best, composed);
    }
    bool done = !trial.no_memory;
    trial_end(&trial);
    shapes_free(&shapes);
    return done;
}

bool compose(const struct anchors *anchors, struct composed *composed)
{
    *composed = (struct composed){0};
    return anchors->count == 0 ||
           (try_width(anchors, true, composed) && try_width(anchors, false, composed));
}

static bool inferred_open(struct reader *reader, struct slice head)
{
    (void)head;
    reader->state = marked_reader_new(&reader->recognition->marks);
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

static bool inferred_rests(const struct reader *reader, uint64_t *memory)
{
    return marked_reader_rests(reader->state, memory);
}

static void inferred_close(struct reader *reader)
{
    marked_reader_free(reader->state);
}

static const struct format_family inferred_family = {
    .open = inferred_open,
    .read = inferred_read,
    .finish = inferred_finish,
    .rests = inferred_rests,
    .close = inferred_close,
};

const struct format inferred_format = {
    .name = "inferred",
    .program = N_("any program"),
    .how = N_("the marks are learnt from what looks like SMTP in the log"),
    .example = "[12:00:01] got 220 mx.example.com ESMTP\n[12:00:01] put EHLO client.example.org",
    .family = &inferred_family,
};
