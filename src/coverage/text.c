/* text.c - coverage for a person: first what was never exercised, then the counts, then the totals.
 */
#include <inttypes.h>

#include "base/plural.h"
#include "coverage/coverage.h"
#include "report/escape.h"
#include "report/statistics.h"

static const char *paint(const struct coverage_view *view, const char *color)
{
    return view->color ? color : "";
}

#define RESET "\033[0m"
#define BOLD  "\033[1m"
#define NEVER "\033[1;33m"

/* Writes "rcpt: at least one recipient accepted" before the first point of a state. */
static void print_state(FILE *out, const struct coverage_view *view,
                        const struct coverage_point *point, const struct coverage_point **last)
{
    bool same = *last && (*last)->security == point->security && (*last)->state == point->state;
    *last = point;
    if (!same)
        fprintf(out, "\n  %s%s%s: %s\n", paint(view, BOLD), point_state(point), paint(view, RESET),
                point_state_title(point));
}

static bool is_missing(const struct coverage_view *view, size_t index)
{
    return view->coverage->points[index].count == 0 &&
           (view->sum.groups & GROUP_BIT(view->coverage->map->points[index].group));
}

static void print_missing(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    const struct coverage_point *last = NULL;
    if (view->sum.hit == view->sum.counted)
        return;
    fprintf(out, "%snever exercised%s:\n", paint(view, BOLD), paint(view, RESET));
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        if (!is_missing(view, i))
            continue;
        print_state(out, view, point, &last);
        fprintf(out, "    %snever:%s ", paint(view, NEVER), paint(view, RESET));
        point_print(out, point);
        putc('\n', out);
        if (point->hint)
            fprintf(out, "           try: %s\n", point->hint);
    }
    putc('\n', out);
}

/* Returns the number of exercised points, and sets the widths of their longest names. */
static size_t measure(const struct coverage_view *view, int *state_width, int *next_width)
{
    const struct coverage_map *map = view->coverage->map;
    size_t count = 0;
    *state_width = (int)sizeof "STATE" - 1;
    *next_width = (int)sizeof "NEXT" - 1;
    for (size_t i = 0; i < map->count; i++) {
        int state = (int)strlen(point_state(&map->points[i]));
        int next = (int)strlen(point_next(&map->points[i]));
        if (view->coverage->points[i].count == 0)
            continue;
        count++;
        *state_width = state > *state_width ? state : *state_width;
        *next_width = next > *next_width ? next : *next_width;
    }
    return count;
}

static void print_location(FILE *out, const struct coverage_tally *tally)
{
    print_escaped(out, slice_of(tally->file ? tally->file : "?"));
    fprintf(out, ":%" PRIu64 "\n", tally->line);
}

static void print_counts(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    int state_width, next_width;
    if (measure(view, &state_width, &next_width) == 0)
        return;
    fprintf(out, "%sexercised%s:\n\n  %-*s  %-9s  %-12s  %-*s  %8s  %-8s  %s\n", paint(view, BOLD),
            paint(view, RESET), state_width, "STATE", "COMMAND", "ANSWER", next_width, "NEXT",
            "TIMES", "GROUP", "FIRST AT");
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        const struct coverage_tally *tally = &view->coverage->points[i];
        if (tally->count == 0)
            continue;
        fprintf(out, "  %-*s  %-9s  %-12s  %-*s  %8" PRIu64 "  %-8s  ", state_width,
                point_state(point), point_command(point), point_answer(point), next_width,
                point_next(point), tally->count, coverage_group_name(point->group));
        print_location(out, tally);
    }
    putc('\n', out);
}

static void print_faulty(FILE *out, const struct coverage_view *view)
{
    if (view->sum.faulty == 0)
        return;
    fprintf(out,
            "%sout of order%s, so no transition: %u kind%s, %" PRIu64
            " command%s (smtpseq check explains them)\n\n",
            paint(view, BOLD), paint(view, RESET), view->sum.faulty_kinds,
            plural(view->sum.faulty_kinds), view->sum.faulty, plural(view->sum.faulty));
    for (int state = 0; state < STATE_COUNT; state++)
        for (int command = 0; command < COMMAND_COUNT; command++) {
            const struct coverage_tally *tally = &view->coverage->out_of_order[state][command];
            if (tally->count == 0)
                continue;
            fprintf(out, "  %-8s  %-15s  %8" PRIu64 "  ", state_symbol((enum session_state)state),
                    command_name((enum command)command), tally->count);
            print_location(out, tally);
        }
    putc('\n', out);
}

static void print_groups(FILE *out, const struct coverage_view *view, bool counted)
{
    const char *separator = counted ? "counted: " : "not counted: ";
    bool some = false;
    for (int group = 0; group < GROUP_COUNT; group++) {
        if (counted != !!(view->sum.groups & GROUP_BIT(group)))
            continue;
        fprintf(out, "%s%s %u of %u", separator, coverage_group_name((enum coverage_group)group),
                view->sum.exercised[group], view->sum.total[group]);
        separator = ", ";
        some = true;
    }
    if (some)
        fputs(counted ? "\n" : " (--all counts them, --group=NAME,... what you name)\n", out);
}

void coverage_print_text(FILE *out, const struct coverage_view *view)
{
    unsigned permille = coverage_permille(&view->sum);
    if (view->sessions == 0)
        return; /* the caller has reported why */
    print_missing(out, view);
    if (view->brief)
        return;
    print_counts(out, view);
    print_faulty(out, view);
    print_groups(out, view, true);
    print_groups(out, view, false);
    reply_times_print(out, &view->coverage->times, "replies", NULL);
    if (view->coverage->unanswered > 0)
        fprintf(out, "without a reply, so no transition: %" PRIu64 "\n",
                view->coverage->unanswered);
    if (view->coverage->unregistered > 0)
        fprintf(out, "commands that no RFC has and the server offered: %" PRIu64 "\n",
                view->coverage->unregistered);
    fprintf(out,
            "%s%u of %u transitions exercised: %u.%u %%%s in %" PRIu64 " session%s, %" PRIu64
            " exchange%s\n",
            paint(view, BOLD), view->sum.hit, view->sum.counted, permille / 10, permille % 10,
            paint(view, RESET), view->sessions, plural(view->sessions), view->exchanges,
            plural(view->exchanges));
}
