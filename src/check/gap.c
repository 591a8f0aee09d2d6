/* gap.c - finds the reading of lines that the one at hand does not explain.
 */
#include "check/gap.h"

#include <string.h>

#include "check/beginning.h"
#include "check/weigh.h"
#include "smtp/scan.h"
#include "transcript/source/line_ends.h"

/* As LEAD where the lines before them may be another reading's. */
#define LEAD_SHORT   4
/* The least commands and replies that another reading must find in a gap. */
#define GAP_LEAST    2
/* The same of each where the format is known. */
#define GAP_KNOWN    1
/* So many lines in the form of a dump, more than of any other, are one: TLS in it says nothing against it. */
#define FORM_SURE    8
/* Lines for which no gap begins when one has turned out to be none; doubled each time. */
#define DEAF_FIRST   8
#define FAILURES_MAX 10

static bool is_wrapped_alike(const struct recognition *a, const struct recognition *b)
{
    bool alike = a->unwrap_count == b->unwrap_count;
    for (size_t i = 0; i < a->unwrap_count && alike; i++)
        alike = unwrap_equal(&a->unwraps[i], &b->unwraps[i]);
    return alike;
}

/* Returns true if it is not the reading at hand that has been recognised again. */
static bool is_another(const struct recognition *recognition, const struct recognition *at_hand)
{
    return !is_wrapped_alike(recognition, at_hand) || recognition->format != at_hand->format ||
           recognition->prefixed != at_hand->prefixed ||
           (recognition->prefixed && !mark_equal(&recognition->prefix, &at_hand->prefix)) ||
           (recognition->inferred && strcmp(recognition->learnt, at_hand->learnt) != 0);
}

/* Where the line begins that stands so many lines before the one at this place. */
static size_t lines_before(struct slice text, size_t at, unsigned lines)
{
    for (unsigned i = 0; i <= lines && at > 0; i++) {
        const char *end = at > 1 || i == 0 ? memrchr(text.data, '\n', i == 0 ? at : at - 1) : NULL;
        at = end ? (size_t)(end - text.data) + 1 : 0;
    }
    return at;
}

/* Where the first command of SMTP may be, or the first heading of a dump; the size where none is. */
static size_t first_of(struct slice text, bool dump)
{
    enum scan_word what;
    size_t at = scan_next(text, 0, &what);
    while (at < text.size && (what == SCAN_DUMP) != dump)
        at = scan_next(text, at + 1, &what);
    return at;
}

/* Returns true if it is enough to be another reading: a known format shows itself sooner. */
static bool is_enough(const struct recognition *recognition)
{
    const struct fit *fit = &recognition->fit;
    if (!recognition->format || recognition->format->family->read_all)
        return false;
    bool good = !recognition->inferred && (recognition->points > 0 || fit->form >= FORM_SURE);
    /* What says nothing of its sides is every text with a word and a number of SMTP. */
    bool marked = good && !recognition->format->last_resort;
    unsigned commands = good || recognition->format->family->is_sure ? GAP_KNOWN : GAP_LEAST;
    return fit->commands >= commands && fit->replies >= (marked ? GAP_KNOWN : GAP_LEAST) &&
           fit->commands + fit->replies > GAP_LEAST;
}

/* Returns true if another reading has been recognised in the gap: in all of it, or without what stands
 * before its first dump or most of what stands before its first command, which may be the last
 * reading's own. The gap is then cut to that. */
static bool is_read_otherwise(struct reading *reading, struct slice *gap,
                              struct recognition *recognition)
{
    const struct slice all = *gap;
    const size_t begins[] = {0, lines_before(all, first_of(all, true), 0),
                             lines_before(all, first_of(all, false), LEAD_SHORT)};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        *gap = slice_after(all, begins[i]);
        if ((i > 0 && begins[i] == begins[i - 1]) || gap->size == 0)
            continue;
        if (!recognise_beginning(*gap, recognition)) {
            reading->checker->no_memory = true;
            return false;
        }
        if (is_enough(recognition) && is_another(recognition, &reading->recognition))
            return true;
    }
    return false;
}

/* The lines of the gap were the reading's own, or nobody's. */
static void forget_gap(struct reading *reading)
{
    reading->deaf_until =
        source_lines(reading->source) + ((uint64_t)DEAF_FIRST << reading->failures);
    reading->failures += reading->failures < FAILURES_MAX;
    reading->gap_anchors = 0;
    reading->gap_unmarked = 0;
}

/* Reads the gap by whatever explains it. `line`: its first one, counted from 0. */
static void read_gap(struct reading *reading, struct slice gap, uint64_t line)
{
    struct source *source = source_of_text(&gap);
    if (!source) {
        reading->checker->no_memory = true;
        return;
    }
    source_count_from(source, source_number(reading->source, line),
                      reading->checker->recording.newest_first);
    if (!reading->read_gap(reading, source))
        reading->checker->no_memory = true;
    source_close(source);
}

/* Another reading explains the lines that are held from there on: this one is over. */
static void end_reading(struct reading *reading, const struct recognition *next, size_t at,
                        size_t size)
{
    reading->over = true;
    reading->gap_anchors = 0;
    reading->next = *next;
    reading->next_at = at;
    reading->next_size = size;
}

/* Returns true if the line at hand, which ends the gap, is rather the other reading's as well: a line of its
 * message that has our marks. */
static bool goes_on(struct reading *reading, struct slice gap, const struct recognition *other)
{
    struct weight weight;
    if (reading->reader.format->family->ordered) /* nobody writes packets into a message */
        return false;
    if (!weigh(gap, other, &weight))
        reading->checker->no_memory = true;
    return weight.in_message;
}

void gap_ends(struct reading *reading)
{
    struct slice held = source_held(reading->source);
    const char *line = held.size > 1 ? memrchr(held.data, '\n', held.size - 1) : NULL;
    struct recognition recognition;
    held = slice_head(held, line ? (size_t)(line - held.data) + 1 : 0);
    struct slice gap = held;
    if (reading->reader.format->family->ordered) /* its own headings follow */
        gap = slice_head(gap, reading->gap_end);
    if (reading->outer || !is_read_otherwise(reading, &gap, &recognition)) {
        forget_gap(reading);
        return;
    }
    size_t begin = (size_t)(gap.data - held.data);
    uint64_t lines = line_ends_count(slice_after(held, begin), '\n');
    reading->elsewhere += reading->gap_unmarked;
    if (goes_on(reading, slice_after(held, begin), &recognition)) {
        reading->given_up = true;
        end_reading(reading, &recognition, begin, gap.size);
        return;
    }
    forget_gap(reading);
    reading->failures = 0;
    read_gap(reading, gap, source_lines(reading->source) - 1 - lines);
}

void gap_lasts(struct reading *reading)
{
    struct recognition recognition;
    struct slice all = slice_head(source_held(reading->source), SOURCE_HEAD), gap = all;
    if (gap.size > 0 && is_read_otherwise(reading, &gap, &recognition)) {
        reading->elsewhere += reading->gap_unmarked;
        end_reading(reading, &recognition, all.size - gap.size, gap.size);
    } else {
        forget_gap(reading);
        source_hold(reading->source);
    }
}

bool gap_has_own(const struct reading *reading)
{
    return reading->reader.format->family->ordered && !reading->unmarked;
}

/* The lines before the first that looks like SMTP that are kept: of packets as text they may be many, but there
 * has to be room for what follows. */
static unsigned lead_of(const struct reading *reading)
{
    bool few = source_held(reading->source).size < SOURCE_HEAD / 4;
    return reading->reader.format->family->ordered && few ? LEAD_DUMP : LEAD;
}

void gap_watch(struct reading *reading, struct slice line)
{
    bool begun = reading->gap_anchors > 0;
    enum scan_word what;
    if (source_lines(reading->source) > reading->deaf_until &&
        scan_next(line, 0, &what) < line.size &&
        (begun || !(reading->in_message || reading->in_text))) {
        reading->gap_anchors++;
        reading->had_gap = true;
    }
    if (reading->unmarked)
        reading->gap_end = source_held(reading->source).size;
    if (reading->gap_anchors == 0)
        source_slide(reading->source, lead_of(reading));
    else if (source_held(reading->source).size >= SOURCE_HEAD)
        gap_lasts(reading);
}

bool gap_may_be_excerpt(const struct reading *reading)
{
    static const char *const codes[] = {"250", "354", "450", "500", "503", "550", "554"};
    struct slice held = source_held(reading->source);
    bool found = false;
    if (reading->in_message || reading->in_text)
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && !found; i++)
        found = scan_reply(held, slice_of(codes[i])) < held.size;
    return found;
}
