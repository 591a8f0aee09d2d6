/* contest.c - the rows of the table and the composed reading in one contest, which the dialogue decides.
 */
#include "transcript/recognise/contest.h"

#include <stdlib.h>

#include "transcript/dumps/dump.h"
#include "transcript/formats/marked.h"
#include "transcript/recognise/compose.h"
#include "transcript/recognise/log_prefix.h"
#include "transcript/recognise/recognise.h"
#include "transcript/recognise/score.h"
#include "transcript/recognise/wrappings.h"

/* So many lines in the form of a dump identify it, even without SMTP. */
#define FORM_ALONE            8
/* So many are enough if some of them are SMTP. */
#define FORM_SURE             3
/* Rows whose marks fit best, and whose dialogue is then weighed. */
#define ROWS_MAX              3
#define POINTS_COMPOSED_LEAST 30
/* The cost of a prefix, so that a row without one wins. */
#define COST_PREFIX           30
/* The least advantage of a composed reading over a known row. */
#define COST_COMPOSED         50
/* A prefix is tried as it was learnt, and shorter: its last words may be the program's own. */
#define PREFIXES_MAX          10

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

/* Returns true if a log in columns, whose sessions are in one of them, is read whole, and what has been learnt finds no
 * more of a dialogue in it: it does not know the sessions of a log that is cut. */
static bool is_in_columns(const struct measured *measured, const struct contest *contest)
{
    const struct recognition *best = contest->best;
    const struct measured *row = &contest->measured;
    return contest->measured_any && best->format && best->format->family->keyed &&
           row->unplaced == 0 && row->read == row->anchored && row->commands > 0 &&
           measured->commands <= row->commands && measured->replies <= row->replies;
}

/* Returns true if the marks of a row stand on all lines of both sides, or its family knows when it is the one: then
 * that is the format, however odd the dialogue may be. */
static bool reads_every_line(const struct recognition *recognition, const struct measured *measured)
{
    const struct format_family *family = recognition->format->family;
    if (family->is_sure && (family->ordered || family->undivided))
        return true;
    return !recognition->inferred && !recognition->format->last_resort && family != &dump_family &&
           measured->unplaced == 0 && measured->commands > 0 && measured->replies > 0 &&
           measured->read == measured->anchored;
}

bool contest_enter(struct contest *contest, const struct recognition *entrant, long cost, long most)
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
         (is_worse_than_row(&measured, contest) || is_less_sound(&measured, contest) ||
          is_in_columns(&measured, contest))))
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
        if (!contest_enter(contest, room, 0, LONG_MAX))
            return false;
        bool one_sided = contest->measured.commands == 0 || contest->measured.replies == 0;
        contest->settled = contest->settled || rows[i].fit.form >= FORM_SURE ||
                           (i == 0 && rows[0].format->family == &dump_family && !one_sided);
        if (i == 0 && (contest->measured.clean || contest->settled))
            break;
    }
    return true;
}

const struct format *contest_sure_row(struct slice head, bool wrapped, struct fit *fit)
{
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        const struct format_family *family = format->family;
        bool may = family->is_sure &&
                   (!wrapped || (family->read && (family->ordered || family->undivided)));
        if (may && family->is_sure(format, head, fit))
            return format;
    }
    *fit = (struct fit){0};
    return NULL;
}

/* A row that the text can be nothing but is the reading, whatever its dialogue may be. */
static bool enter_sure(struct contest *contest, struct recognition *room)
{
    if (!measure(room, &contest->anchors, &contest->measured))
        return false;
    *contest->best = *room;
    contest->best->points = contest->measured.points;
    contest->measured_any = contest->settled = true;
    return true;
}

/* The text without what stands before every line; NULL when out of memory. */
static char *without_prefix(const struct contest *contest, const struct mark *prefix,
                            struct slice *rest)
{
    char *text = malloc(contest->head.size + 1);
    if (text)
        *rest = (struct slice){text, log_prefix_strip(prefix, contest->head, text)};
    return text;
}

/* The rows that fit behind a prefix. */
static bool enter_rows_behind(struct contest *contest, struct recognition *room, struct slice rest)
{
    struct row rows[ROWS_MAX];
    const struct format *form;
    bool message = log_prefix_has_arrow(&room->prefix);
    room->format = message ? NULL : contest_sure_row(rest, true, &room->fit);
    if (room->format)
        return enter_sure(contest, room);
    size_t count = find_rows(rest, rows, &form);
    bool done = count != SIZE_MAX;
    for (size_t i = 0; done && i < count; i++) {
        room->format = rows[i].format;
        room->fit = rows[i].fit;
        bool may = !message || !room->format->family->is_sure;
        if (may && marked_is_sure(room->format, rest))
            done = contest_enter(contest, room, COST_PREFIX, LONG_MAX);
    }
    return done;
}

/* Enters the text behind what stands before every line, and behind less of that, until the contest has what it
 * needs. Returns false when out of memory. */
static bool enter_behind_prefix(struct contest *contest, struct recognition *room,
                                bool (*is_done)(const struct contest *contest),
                                bool (*enter)(struct contest *contest, struct recognition *room,
                                              struct slice rest))
{
    *room = (struct recognition){.prefixed = true};
    bool done = true, more = log_prefix_learn(contest->head, &room->prefix);
    for (unsigned i = 0; i < PREFIXES_MAX && more && done && !is_done(contest); i++) {
        struct slice rest = SLICE("");
        char *text = without_prefix(contest, &room->prefix, &rest);
        done = text && enter(contest, room, rest);
        free(text);
        more = log_prefix_shorten(&room->prefix);
    }
    return done;
}

static bool needs_no_prefix(const struct contest *contest)
{
    return contest_is_sure(contest, COST_PREFIX);
}

static bool has_reading(const struct contest *contest)
{
    return contest->best->format != NULL;
}

/* The row that fits a text in which nothing of a dialogue was found, or the form of a dump. */
static bool enter_one_sided(struct contest *contest, struct recognition *room, struct slice text)
{
    struct row rows[ROWS_MAX];
    if (log_prefix_has_arrow(&room->prefix))
        return true;
    size_t count = find_rows(text, rows, &room->format);
    if (count == SIZE_MAX)
        return false;
    if (count > 0) {
        room->format = rows[0].format;
        room->fit = rows[0].fit;
    }
    /* Octets of one side only may be anything: a column of numbers. */
    if (count > 0 && room->format->family == &dump_family &&
        (room->fit.commands == 0 || room->fit.replies == 0))
        return true;
    if (room->format && room->format->family->read)
        *contest->best = *room;
    return true;
}

bool contest_one_sided(struct contest *contest, struct recognition *room)
{
    *room = (struct recognition){0};
    if (contest->inside && !enter_one_sided(contest, room, contest->head))
        return false;
    return has_reading(contest) || enter_behind_prefix(contest, room, has_reading, enter_one_sided);
}

bool contest_composed(struct contest *contest, struct recognition *room)
{
    struct composed *composed = calloc(1, sizeof *composed);
    bool done = composed && compose(&contest->anchors, composed);
    if (done && composed->found) {
        *room = (struct recognition){.format = &inferred_format, .inferred = true};
        room->marks = composed->marks;
        memcpy(room->learnt, composed->description, sizeof room->learnt);
        done = contest_enter(contest, room, composed->cost + COST_COMPOSED,
                             composed->points - COST_COMPOSED);
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

void contest_settle(struct contest *contest)
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

bool contest_is_sure(const struct contest *contest, long cost)
{
    return contest->settled || (contest->measured.paired && contest->measured.against <= cost);
}

bool contest_text(struct contest *contest, struct recognition *room)
{
    if (!anchors_find(&contest->anchors, contest->head))
        return false;
    if (contest->inside) {
        *room = (struct recognition){0};
        room->format = contest_sure_row(contest->head, true, &room->fit);
        if (room->format)
            return enter_sure(contest, room);
    }
    bool done = enter_rows(contest, room);
    if (done && !contest_is_sure(contest, 0))
        done = enter_behind_prefix(contest, room, needs_no_prefix, enter_rows_behind);
    bool breaks = done && has_breaks(contest->head); /* a row takes them for text */
    contest->measured.points -= breaks ? COST_LEFT_IN : 0;
    if (done && (breaks || !contest_is_sure(contest, COST_COMPOSED)))
        done = contest_composed(contest, room);
    contest_settle(contest);
    return done;
}
