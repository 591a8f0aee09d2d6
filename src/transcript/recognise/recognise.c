/* recognise.c - which format a recording is in: the rows of the table and the composed reading in one
 * contest, which the dialogue decides.
 */
#include "transcript/recognise/recognise.h"

#include <limits.h>
#include <stdlib.h>

#include "transcript/dumps/dump.h"
#include "transcript/formats/marked.h"
#include "transcript/recognise/compose.h"
#include "transcript/recognise/log_prefix.h"
#include "transcript/recognise/measure.h"
#include "transcript/recognise/score.h"
#include "transcript/recognise/wrappings.h"

/* So many lines in the form of a dump identify it, even without SMTP. */
#define FORM_ALONE            8
/* So many are enough if some of them are SMTP. */
#define FORM_SURE             3
/* Rows whose marks fit best, and whose dialogue is then weighed. */
#define ROWS_MAX              3
/* No row after a prefix, and no composed reading, below these. */
#define POINTS_LEAST          100
#define POINTS_COMPOSED_LEAST 30
/* Above this no wrapping is looked for, if nothing speaks against the reading. */
#define POINTS_GOOD           400
#define COST_WRAPPING         30
/* What a column alone must be better by than a row of the table, which reads the others too. */
#define COST_KNOWN            40
/* The cost of what the log is wrapped in, where it stays in the text: colours, entities, marks. */
#define COST_LEFT_IN          100
/* The same for the text beside a hex dump, which is cut into rows. */
#define COST_HEX              400
/* The cost of a prefix, so that a row without one wins. */
#define COST_PREFIX           30
/* The least advantage of a composed reading over a known row. */
#define COST_COMPOSED         50

/* A recording's text under recognition. */
struct contest {
    struct slice head;
    struct anchors anchors;
    struct recognition *best;
    struct measured measured; /* of the best */
    bool measured_any;
    bool settled; /* a dump with headings of its own: nothing else can be meant */
};

struct row {
    const struct format *format;
    struct fit fit;
    uint64_t weight;
};

/* The rows of the table whose marks fit best, best first: how many; SIZE_MAX when out of memory. Where
 * none fits, *form is the dump that the lines have the form of: its session may come later. */
static size_t find_rows(struct slice head, struct row rows[ROWS_MAX], const struct format **form)
{
    unsigned most_form = FORM_ALONE;
    size_t count = 0;
    *form = NULL;
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        struct fit found = format->family->recognise(format, head);
        if (found.no_memory)
            return SIZE_MAX;
        uint64_t fits = (uint64_t)found.commands + found.replies;
        fits += fits > 0 ? found.form : 0;
        if (found.form > most_form) {
            most_form = found.form;
            *form = format;
        }
        if (fits == 0)
            continue;
        struct row row = {format, found, format->last_resort ? fits : fits * 2};
        size_t at = count < ROWS_MAX ? count++ : ROWS_MAX;
        for (; at > 0 && row.weight > rows[at - 1].weight; at--)
            if (at < ROWS_MAX)
                rows[at] = rows[at - 1];
        if (at < ROWS_MAX)
            rows[at] = row;
    }
    return count;
}

/* Returns true if what has been learnt leaves lines out and contradicts itself, where a row reads all: those may
 * be the marks of a dialogue inside a message. */
static bool is_worse_than_row(const struct measured *measured, const struct contest *contest)
{
    const struct recognition *best = contest->best;
    return contest->measured_any && best->format && !best->inferred && !best->format->last_resort &&
           contest->measured.read == contest->measured.anchored && contest->measured.commands > 0 &&
           contest->measured.replies > 0 && measured->doubt >= SCORE_DOUBT &&
           measured->read * 10 < measured->anchored * 9;
}

/* Returns true if what has been learnt contradicts itself more than a row with marks of its own does, and finds no
 * more of a dialogue, or what to the row is a message. */
static bool is_less_sound(const struct measured *measured, const struct contest *contest)
{
    const struct recognition *best = contest->best;
    const struct measured *row = &contest->measured;
    if (measured->doubt < SCORE_DOUBT || !contest->measured_any || !best->format ||
        best->inferred || best->format->last_resort || measured->doubt <= row->doubt)
        return false;
    bool no_more = row->commands > 0 && measured->commands <= row->commands &&
                   measured->replies <= row->replies;
    return no_more || (row->read == row->anchored && row->doubt < SCORE_DOUBT);
}

/* Returns true if the marks of a row stand on all lines of both sides: then that is the format, however
 * odd the dialogue may be. */
static bool reads_every_line(const struct recognition *recognition, const struct measured *measured)
{
    return !recognition->inferred && !recognition->format->last_resort &&
           recognition->format->family != &dump_family && measured->unplaced == 0 &&
           measured->commands > 0 && measured->replies > 0 && measured->read == measured->anchored;
}

/* Weighs a reading, less its cost, at most so many points; it becomes the best if it explains more.
 * Returns false when out of memory. */
static bool enter(struct contest *contest, const struct recognition *entrant, long cost, long most)
{
    struct measured measured;
    if (!measure(entrant, &contest->anchors, &measured))
        return false;
    measured.points -= cost;
    if (measured.points > most)
        measured.points = most;
    if ((contest->measured_any && measured.points <= contest->measured.points) ||
        (entrant->prefixed && measured.points < POINTS_LEAST &&
         !reads_every_line(entrant, &measured)) ||
        (entrant->inferred && measured.points < POINTS_COMPOSED_LEAST) ||
        (entrant->inferred &&
         (is_worse_than_row(&measured, contest) || is_less_sound(&measured, contest))))
        return true;
    contest->measured = measured;
    contest->measured_any = true;
    *contest->best = *entrant;
    contest->best->points = measured.points;
    contest->best->doubt = measured.doubt;
    return true;
}

static bool enter_rows(struct contest *contest, struct recognition *room)
{
    struct row rows[ROWS_MAX];
    const struct format *form;
    size_t count = find_rows(contest->head, rows, &form);
    if (count == SIZE_MAX)
        return false;
    if (count == 0)
        contest->best->format = form;
    for (size_t i = 0; i < count; i++) {
        *room = (struct recognition){.format = rows[i].format, .fit = rows[i].fit};
        if (!enter(contest, room, 0, LONG_MAX))
            return false;
        bool one_sided = contest->measured.commands == 0 || contest->measured.replies == 0;
        contest->settled = contest->settled || rows[i].fit.form >= FORM_SURE ||
                           (i == 0 && rows[0].format->family == &dump_family && !one_sided);
        if (i == 0 && (contest->measured.clean || contest->settled))
            break;
    }
    return true;
}

/* Behind what stands before every line: the row that fits best there. */
static bool enter_behind_prefix(struct contest *contest, struct recognition *room)
{
    struct row rows[ROWS_MAX];
    const struct format *form;
    *room = (struct recognition){.prefixed = true};
    if (!log_prefix_learn(contest->head, &room->prefix))
        return true;
    char *text = malloc(contest->head.size + 1);
    if (!text)
        return false;
    struct slice rest = {text, log_prefix_strip(&room->prefix, contest->head, text)};
    size_t count = find_rows(rest, rows, &form);
    bool done = count != SIZE_MAX;
    for (size_t i = 0; done && i < count; i++) {
        room->format = rows[i].format;
        room->fit = rows[i].fit;
        if (marked_is_sure(room->format, rest))
            done = enter(contest, room, COST_PREFIX, LONG_MAX);
    }
    free(text);
    return done;
}

static bool enter_composed(struct contest *contest, struct recognition *room)
{
    struct composed *composed = calloc(1, sizeof *composed);
    bool done = composed && compose(&contest->anchors, composed);
    if (done && composed->found) {
        *room = (struct recognition){.format = &inferred_format, .inferred = true};
        room->marks = composed->marks;
        memcpy(room->learnt, composed->description, sizeof room->learnt);
        done =
            enter(contest, room, composed->cost + COST_COMPOSED, composed->points - COST_COMPOSED);
    }
    struct recognition *best = contest->best;
    if (done && !best->format && composed->description[0]) {
        best->fit = (struct fit){.commands = composed->commands, .replies = composed->replies};
        best->pairs = composed->pairs;
        memcpy(best->learnt, composed->description, sizeof best->learnt);
    }
    free(composed);
    return done;
}

/* What is known of the sides of a composed reading. */
static void settle(struct contest *contest)
{
    struct recognition *best = contest->best;
    if (!best->format || !best->inferred)
        return;
    best->fit.commands = contest->measured.commands;
    best->fit.replies = contest->measured.replies;
    best->confidence = contest->measured.anchored > 0
                           ? (unsigned)(contest->measured.read * 100 / contest->measured.anchored)
                           : 0;
}

/* Returns true if a reading that costs so much is no use: less than that speaks against the best one. */
static bool is_sure(const struct contest *contest, long cost)
{
    return contest->settled || (contest->measured.paired && contest->measured.against <= cost);
}

/* The readings of a text as it is. */
static bool recognise_text(struct contest *contest, struct recognition *room)
{
    bool done = anchors_find(&contest->anchors, contest->head) && enter_rows(contest, room);
    if (done && !is_sure(contest, 0))
        done = enter_behind_prefix(contest, room);
    bool breaks = done && has_breaks(contest->head); /* a row takes them for text */
    contest->measured.points -= breaks ? COST_LEFT_IN : 0;
    if (done && (breaks || !is_sure(contest, COST_COMPOSED)))
        done = enter_composed(contest, room);
    settle(contest);
    return done;
}

/* Returns true if a wrapping may hide a better reading. What is learnt from the objects of JSON or the cells of
 * a table as they stand takes what they escape for what was sent. */
static bool is_poor(const struct contest *contest)
{
    if (contest->best->inferred && contest->best->unwrap_count == 0 && has_fields(contest->head))
        return true;
    return !is_sure(contest, COST_WRAPPING) &&
           (!contest->measured_any || contest->measured.points < POINTS_GOOD ||
            contest->measured.doubt >= SCORE_DOUBT ||
            contest->measured.read < contest->measured.anchored);
}

/* Returns true if a row that has marks of its own reads nearly all of it: sides that are told by nothing but
 * the text are no better. The heading of a table, "data", reads like a command there. */
static bool is_known(const struct contest *contest)
{
    const struct recognition *best = contest->best;
    return contest->measured_any && best->format && !best->inferred && !best->format->last_resort &&
           contest->measured.read * 10 >= contest->measured.anchored * 9;
}

/* The readings of the text inside one wrapping more. Returns false when out of memory. */
static bool enter_unwrapped(struct contest *contest, const struct unwrap unwraps[], size_t count,
                            struct recognition *room)
{
    char *text;
    size_t size;
    struct recognition *best = calloc(1, sizeof *best);
    struct contest inner = {.best = best};
    bool done = best && unwrap_text(unwraps, count, contest->head, &text, &size);
    if (!done) {
        free(best);
        return false;
    }
    inner.head = slice_head((struct slice){text, size}, SOURCE_HEAD);
    done = recognise_text(&inner, room);
    bool known = contest->best->format && !contest->best->inferred &&
                 unwraps[0].kind == UNWRAP_COLUMN && !unwraps[0].with_others;
    long points = inner.measured.points - (long)count * COST_WRAPPING - (known ? COST_KNOWN : 0);
    bool guessed = best->format && best->format->last_resort && is_known(contest);
    if (done && inner.measured_any && !guessed && best->format && best->format->family->read &&
        inner.measured.commands > 0 && inner.measured.replies > 0 && points >= POINTS_LEAST &&
        (!contest->measured_any || points > contest->measured.points)) {
        *contest->best = *best;
        memcpy(contest->best->unwraps, unwraps, count * sizeof unwraps[0]);
        contest->best->unwrap_count = count;
        contest->measured = inner.measured;
        contest->measured.points = points;
        contest->measured_any = true;
    }
    anchors_free(&inner.anchors);
    free(text);
    free(best);
    return done;
}

static bool is_dump(const struct recognition *recognition)
{
    return recognition->format && recognition->format->family == &dump_family;
}

/* Tries the wrappings that the text inside some steps calls for. *likeliest, unless NULL, is the first of
 * them, where there is one. Returns false when out of memory. */
static bool enter_inside(struct contest *contest, struct unwrap steps[UNWRAPS_MAX], size_t depth,
                         struct unwrap *likeliest, struct recognition *room)
{
    struct unwrap list[WRAPPINGS_MAX];
    struct slice head = contest->head;
    char *text = NULL;
    size_t size;
    if (depth > 0) {
        if (!unwrap_text(steps, depth, contest->head, &text, &size))
            return false;
        head = slice_head((struct slice){text, size}, SOURCE_HEAD);
    }
    size_t count = wrappings_find(&contest->anchors, head, list);
    bool done = true;
    for (size_t i = 0; i < count && done; i++) {
        steps[depth] = list[i];
        if (list[i].kind == UNWRAP_HEX && is_dump(contest->best))
            continue; /* it joins the octets itself */
        done = enter_unwrapped(contest, steps, depth + 1, room);
    }
    if (count > 0 && likeliest)
        *likeliest = list[0];
    free(text);
    return done;
}

static bool is_same_step(const struct unwrap *a, const struct unwrap *b)
{
    return a->kind == b->kind && a->with_others == b->with_others && a->column == b->column &&
           strcmp(a->field, b->field) == 0;
}

/* Tries the wrappings that the head calls for, and once more inside the best one and the likeliest. */
static bool enter_wrappings(struct contest *contest, struct recognition *room)
{
    struct unwrap steps[UNWRAPS_MAX], likeliest = {.kind = UNWRAP_NONE};
    if (!is_poor(contest))
        return true;
    if (!enter_inside(contest, steps, 0, &likeliest, room))
        return false;
    bool other = true; /* the likeliest is not the best */
    if (contest->best->unwrap_count == 1 && is_poor(contest)) {
        steps[0] = contest->best->unwraps[0];
        other = !is_same_step(&steps[0], &likeliest);
        if (!enter_inside(contest, steps, 1, NULL, room))
            return false;
    }
    steps[0] = likeliest;
    return likeliest.kind == UNWRAP_NONE || !other || !is_poor(contest) ||
           enter_inside(contest, steps, 1, NULL, room);
}

/* Returns true if a row reads everything as it stands: what is odd in it is what was sent. */
static bool is_plain_row(const struct contest *contest)
{
    return contest->measured_any && !contest->best->prefixed && !contest->best->inferred &&
           contest->measured.read == contest->measured.anchored;
}

bool recognised_by_text(const struct recognition *recognition)
{
    const struct marks *marks = &recognition->marks;
    bool any = false;
    for (size_t i = 0; recognition->inferred && i < marks->clients; i++)
        any = any || marks->by_text[i] || marks->client[i].count == 0;
    return any;
}

bool format_recognise(struct slice head, struct recognition *recognition)
{
    *recognition = (struct recognition){0};
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        if (format->family->is_sure && format->family->is_sure(format, head, &recognition->fit)) {
            recognition->format = format;
            return true;
        }
    }
    recognition->fit = (struct fit){0};
    struct contest contest = {.head = head, .best = recognition};
    struct recognition *room = malloc(sizeof *room);
    bool done = room && recognise_text(&contest, room);
    if (done && !contest.settled && !is_plain_row(&contest) && has_colours(head)) {
        static const struct unwrap clean = {.kind = UNWRAP_CLEAN};
        contest.measured.points -= COST_LEFT_IN;
        done = enter_unwrapped(&contest, &clean, 1, room);
    }
    if (done && !contest.settled && has_positions(&contest.anchors)) {
        static const struct unwrap position = {.kind = UNWRAP_POSITION};
        contest.measured.points -= COST_LEFT_IN;
        done = enter_unwrapped(&contest, &position, 1, room);
    }
    struct unwrap own;
    bool by_text = recognised_by_text(recognition) ||
                   (recognition->format && recognition->format->last_resort);
    if (done && by_text && has_own_lines(head, &own)) {
        contest.measured.points -= COST_LEFT_IN; /* it guesses whose the lines are */
        done = enter_unwrapped(&contest, &own, 1, room);
    }
    bool fields = has_fields(head); /* a dump may be in them */
    if (done && fields)
        done = enter_wrappings(&contest, room);
    bool learnt = done && recognition->inferred && recognition->unwrap_count == 0;
    if (learnt && has_hex_dumps(head)) {
        static const struct unwrap hex = {.kind = UNWRAP_HEX};
        contest.measured.points -= COST_HEX; /* it reads what is shown beside the octets */
        done = enter_unwrapped(&contest, &hex, 1, room);
    } else if (learnt && has_entities(head)) {
        static const struct unwrap html = {.kind = UNWRAP_HTML};
        contest.measured.points -= COST_LEFT_IN;
        done = enter_unwrapped(&contest, &html, 1, room);
    }
    done = done && (fields || enter_wrappings(&contest, room));
    anchors_free(&contest.anchors);
    free(room);
    return done;
}

/* The same for a named format: as it is, or after a prefix. */
static bool fit_given(struct contest *contest, const struct format *format,
                      struct recognition *room)
{
    *room = (struct recognition){.format = format};
    room->fit = format->family->recognise(format, contest->head);
    *contest->best = *room;
    if (room->fit.no_memory)
        return false;
    if (!format->family->read || (room->fit.commands > 0 && room->fit.replies > 0 &&
                                  enter(contest, room, 0, LONG_MAX) && contest->measured.clean))
        return true;
    room->prefixed = true;
    if (!log_prefix_learn(contest->head, &room->prefix))
        return true;
    char *text = malloc(contest->head.size + 1);
    if (!text)
        return false;
    struct slice rest = {text, log_prefix_strip(&room->prefix, contest->head, text)};
    room->fit = format->family->recognise(format, rest);
    free(text);
    if (room->fit.no_memory)
        return false;
    unsigned before = contest->best->fit.commands + contest->best->fit.replies;
    if (room->fit.commands + room->fit.replies > before + before / 4)
        *contest->best = *room;
    return true;
}

bool format_fit(const struct format *format, struct slice head, struct recognition *recognition)
{
    *recognition = (struct recognition){0};
    struct contest contest = {.head = head, .best = recognition};
    struct recognition *room = malloc(sizeof *room);
    bool done = room && anchors_find(&contest.anchors, head) &&
                (format == &inferred_format ? enter_composed(&contest, room)
                                            : fit_given(&contest, format, room));
    settle(&contest);
    anchors_free(&contest.anchors);
    free(room);
    return done;
}
