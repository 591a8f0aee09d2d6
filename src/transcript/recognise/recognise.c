/* recognise.c - which format a recording is in: as it stands, or in a wrapping.
 */
#include "transcript/recognise/recognise.h"

#include <stdlib.h>

#include "transcript/dumps/dump.h"
#include "transcript/formats/json_lines.h"
#include "transcript/formats/marked.h"
#include "transcript/recognise/compose.h"
#include "transcript/recognise/contest.h"
#include "transcript/recognise/log_prefix.h"
#include "transcript/recognise/score.h"
#include "transcript/recognise/wrappings.h"

/* Above this no wrapping is looked for, if nothing speaks against the reading. */
#define POINTS_GOOD   400
#define COST_WRAPPING 30
/* What a column alone must be better by than a row of the table, which reads the others too. */
#define COST_KNOWN    40
/* The cost of what reads octets that are cut into rows, or JSON, as text. */
#define COST_RAW      400

/* Returns true if a text in objects of JSON is read as it stands: what they escape is taken for what was sent. */
static bool is_raw(const struct contest *contest)
{
    const struct recognition *best = contest->best;
    return contest->objects && best->unwrap_count == 0 && best->format &&
           best->format->family != &json_lines_family;
}

/* Returns true if a wrapping may hide a better reading. What is learnt from the cells of a table as they stand
 * is no better than what is learnt from objects, and a field of any object may hold the log of a known program. */
static bool is_poor(const struct contest *contest)
{
    const struct recognition *best = contest->best;
    if (is_raw(contest) ||
        (contest->objects && best->format && best->format->detail == &any_json) ||
        (best->inferred && best->unwrap_count == 0 && contest->fields))
        return true;
    return !contest_is_sure(contest, COST_WRAPPING) &&
           (!contest->measured_any || contest->measured.points < POINTS_GOOD ||
            contest->measured.doubt >= SCORE_DOUBT ||
            contest->measured.read < contest->measured.anchored);
}

/* Returns true if a row that has marks of its own reads nearly all of it: sides that are told by nothing but
 * the text are no better. The heading of a table, "data", reads like a command there. */
static bool is_known(const struct contest *contest)
{
    const struct recognition *best = contest->best;
    bool sides_by_text =
        best->format && best->format->detail == &any_json && contest->measured.doubt >= SCORE_DOUBT;
    return contest->measured_any && best->format && !best->inferred && !best->format->last_resort &&
           !sides_by_text && contest->measured.read * 10 >= contest->measured.anchored * 9;
}

/* Returns true if a row reads the columns of a table itself, and knows what the others mean: whose session it is. */
static bool reads_columns(const struct contest *contest, const struct unwrap *unwrap)
{
    const struct recognition *best = contest->best;
    return unwrap->kind == UNWRAP_COLUMN && is_known(contest) && best->unwrap_count == 0 &&
           !best->prefixed && best->format->family != &marked_family;
}

/* The readings of the text inside one wrapping more. Returns false when out of memory. */
static bool enter_unwrapped(struct contest *contest, const struct unwrap unwraps[], size_t count,
                            struct recognition *room)
{
    char *text;
    size_t size;
    struct recognition *best = calloc(1, sizeof *best);
    struct contest inner = {.best = best, .inside = true};
    bool done = best && unwrap_text(unwraps, count, contest->head, &text, &size);
    if (!done) {
        free(best);
        return false;
    }
    inner.head = slice_head((struct slice){text, size}, SOURCE_HEAD);
    done = contest_text(&inner, room);
    bool known = contest->best->format && !contest->best->inferred &&
                 unwraps[0].kind == UNWRAP_COLUMN && !unwraps[0].with_others;
    long points = inner.measured.points - (long)count * COST_WRAPPING - (known ? COST_KNOWN : 0);
    bool guessed = (best->format && best->format->last_resort && is_known(contest)) ||
                   reads_columns(contest, &unwraps[0]);
    if (done && inner.measured_any && !guessed && best->format && best->format->family->read &&
        inner.measured.commands > 0 && inner.measured.replies > 0 &&
        (points >= POINTS_LEAST || best->format->family->is_sure) &&
        (!contest->measured_any || points > contest->measured.points ||
         (inner.settled && best->format->family->is_sure))) {
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
        other = !unwrap_equal(&steps[0], &likeliest);
        if (!enter_inside(contest, steps, 1, NULL, room))
            return false;
    }
    steps[0] = likeliest;
    return likeliest.kind == UNWRAP_NONE || !other || !is_poor(contest) ||
           enter_inside(contest, steps, 1, NULL, room);
}

/* What shows one side or octets only, inside the likeliest field or column, or else behind a prefix. Returns false when
 * out of memory. */
static bool enter_one_sided(struct contest *contest, struct recognition *room)
{
    struct unwrap list[WRAPPINGS_MAX];
    struct recognition *best = contest->best;
    size_t count = wrappings_find(&contest->anchors, contest->head, list);
    bool done = true;
    for (size_t i = 0; i < count && done && !best->format; i++) {
        struct contest inner = {.best = best, .inside = true};
        char *text;
        if ((list[i].kind != UNWRAP_JSON && list[i].kind != UNWRAP_COLUMN) || list[i].with_others)
            continue;
        if (!unwrap_text(&list[i], 1, contest->head, &text, &inner.head.size))
            return false;
        inner.head = slice_head((struct slice){text, inner.head.size}, SOURCE_HEAD);
        done = contest_one_sided(&inner, room);
        free(text);
        if (!best->format)
            continue;
        best->unwraps[0] = list[i];
        best->unwrap_count = 1;
    }
    return done && (best->format || contest_one_sided(contest, room));
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

/* The readings without something that the best one leaves in the text, at that cost. */
static bool enter_step(struct contest *contest, enum unwrap_kind kind, long cost,
                       struct recognition *room)
{
    const struct unwrap step = {.kind = kind};
    contest->measured.points -= cost;
    return enter_unwrapped(contest, &step, 1, room);
}

/* The same for what any log may have in its lines. Returns false when out of memory. */
static bool enter_left_in(struct contest *contest, struct recognition *room)
{
    bool done = true;
    if (has_lines_twice(&contest->anchors)) {
        bool measured = contest->measured_any;
        contest->measured_any = false; /* whatever reads them as they stand counts all twice */
        done = enter_step(contest, UNWRAP_TWICE, 0, room);
        contest->measured_any = contest->measured_any || measured;
    }
    if (done && !contest->settled && !is_plain_row(contest) && has_colours(contest->head))
        done = enter_step(contest, UNWRAP_CLEAN, COST_LEFT_IN, room);
    if (done && !contest->settled && has_tails(&contest->anchors))
        done = enter_step(contest, UNWRAP_TAIL, COST_LEFT_IN, room);
    const struct format *format = contest->best->format;
    struct unwrap marks;
    bool by_text = recognised_by_text(contest->best) || (format && format->last_resort);
    if (done && by_text &&
        (has_marks_behind(contest->head, &marks) || has_own_lines(contest->head, &marks))) {
        contest->measured.points -= COST_LEFT_IN; /* it guesses whose the lines are */
        done = enter_unwrapped(contest, &marks, 1, room);
    }
    return done;
}

bool format_recognise(struct slice head, struct recognition *recognition)
{
    *recognition = (struct recognition){0};
    recognition->format = contest_sure_row(head, false, &recognition->fit);
    if (recognition->format)
        return true;
    struct contest contest = {.head = head, .best = recognition};
    struct recognition *room = malloc(sizeof *room);
    bool done = room && contest_text(&contest, room) && enter_left_in(&contest, room);
    contest.fields = has_fields(head, &contest.objects);
    if (is_raw(&contest))
        contest.measured.points -= COST_RAW;
    if (done && contest.fields) /* a dump may be in them */
        done = enter_wrappings(&contest, room);
    bool learnt = done && recognition->inferred && recognition->unwrap_count == 0;
    if (learnt && has_hex_dumps(head)) /* it reads what is shown beside the octets */
        done = enter_step(&contest, UNWRAP_HEX, COST_RAW, room);
    else if (learnt && has_entities(head))
        done = enter_step(&contest, UNWRAP_HTML, COST_LEFT_IN, room);
    done = done && (contest.fields || enter_wrappings(&contest, room));
    if (done && !recognition->format)
        done = enter_one_sided(&contest, room);
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
    if (!format->family->read ||
        (room->fit.commands > 0 && room->fit.replies > 0 &&
         contest_enter(contest, room, 0, LONG_MAX) && contest->measured.clean))
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
                (format == &inferred_format ? contest_composed(&contest, room)
                                            : fit_given(&contest, format, room));
    contest_settle(&contest);
    anchors_free(&contest.anchors);
    free(room);
    return done;
}
