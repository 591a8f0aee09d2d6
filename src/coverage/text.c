/* text.c - coverage for a person: first what was never exercised, then the counts, then the totals.
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "coverage/coverage.h"
#include "report/escape.h"
#include "report/statistics.h"

static const char *paint(const struct coverage_view *view, const char *color)
{
    return view->color ? color : "";
}

/* "3 commands" */
#define COUNTED_MAX 100
static const char *count_text(const struct coverage_view *view, char room[static COUNTED_MAX],
                              uint64_t number, const char *one, const char *many)
{
    snprintf(room, COUNTED_MAX, translate_count(view->language, one, many, number),
             (unsigned long long)number);
    return room;
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
                translate(view->language, point_state_title(point)));
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
    fprintf(out, "%s%s%s:\n", paint(view, BOLD), translate(view->language, "never exercised"),
            paint(view, RESET));
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        if (!is_missing(view, i))
            continue;
        print_state(out, view, point, &last);
        fprintf(out, "    %s%s%s ", paint(view, NEVER), translate(view->language, "never:"),
                paint(view, RESET));
        point_print(out, point, view->language);
        putc('\n', out);
        if (point->hint) {
            fprintf(out, translate(view->language, "           try: %s"),
                    translate(view->language, point->hint));
            putc('\n', out);
        }
    }
    putc('\n', out);
}

/* Returns the number of exercised points, and sets the widths of their longest names. */
static size_t measure(const struct coverage_view *view, int *state_width, int *next_width)
{
    const struct coverage_map *map = view->coverage->map;
    size_t count = 0;
    *state_width = (int)utf8_columns(slice_of(translate(view->language, "STATE")));
    *next_width = (int)utf8_columns(slice_of(translate(view->language, "NEXT")));
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
    fprintf(out, "%s%s%s:\n\n  %-*s  %-9s  %-12s  %-*s  %8s  %-8s  %s\n", paint(view, BOLD),
            translate(view->language, "exercised"), paint(view, RESET), state_width,
            translate(view->language, "STATE"), translate(view->language, "COMMAND"),
            translate(view->language, "ANSWER"), next_width, translate(view->language, "NEXT"),
            translate(view->language, "TIMES"), translate(view->language, "GROUP"),
            translate(view->language, "FIRST AT"));
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        const struct coverage_tally *tally = &view->coverage->points[i];
        if (tally->count == 0)
            continue;
        fprintf(out, "  %-*s  %-9s  %-12s  %-*s  %8" PRIu64 "  %-8s  ", state_width,
                point_state(point), point_command(point),
                translate(view->language, point_answer(point)), next_width, point_next(point),
                tally->count, coverage_group_name(point->group));
        print_location(out, tally);
    }
    putc('\n', out);
}

static void print_faulty(FILE *out, const struct coverage_view *view)
{
    if (view->sum.faulty == 0)
        return;
    char kinds[COUNTED_MAX], commands[COUNTED_MAX];
    count_text(view, kinds, view->sum.faulty_kinds, "%llu kind", "%llu kinds");
    count_text(view, commands, view->sum.faulty, "%llu command", "%llu commands");
    fprintf(out,
            translate(view->language, "%sout of order%s, so no transition: %s, %s (smtpseq check "
                                      "explains them)"),
            paint(view, BOLD), paint(view, RESET), kinds, commands);
    fputs("\n\n", out);
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
    const char *separator = "";
    bool some = false;
    for (int group = 0; group < GROUP_COUNT; group++) {
        if (counted != !!(view->sum.groups & GROUP_BIT(group)))
            continue;
        if (!some)
            fprintf(out, "%s ",
                    translate(view->language, counted ? N_("counted:") : N_("not counted:")));
        fputs(separator, out);
        fprintf(out, translate(view->language, "%s %u of %u"),
                coverage_group_name((enum coverage_group)group), view->sum.exercised[group],
                view->sum.total[group]);
        separator = ", ";
        some = true;
    }
    if (some && !counted)
        fputs(translate(view->language, " (--all counts them, --group=NAME,... what you name)"),
              out);
    if (some)
        putc('\n', out);
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
    reply_times_print(out, &view->coverage->times, translate(view->language, "replies"),
                      view->language);
    if (view->coverage->unanswered > 0)
        fprintf(out, "%s %" PRIu64 "\n",
                translate(view->language, "without a reply, so no transition:"),
                view->coverage->unanswered);
    if (view->coverage->unregistered > 0)
        fprintf(out, "%s %" PRIu64 "\n",
                translate(view->language, "commands that no RFC has and the server offered:"),
                view->coverage->unregistered);
    char sessions[COUNTED_MAX], exchanges[COUNTED_MAX];
    count_text(view, sessions, view->sessions, "%llu session", "%llu sessions");
    count_text(view, exchanges, view->exchanges, "%llu exchange", "%llu exchanges");
    fprintf(out,
            translate(view->language, "%s%u of %u transitions exercised: %u.%u %%%s in %s, %s"),
            paint(view, BOLD), view->sum.hit, view->sum.counted, permille / 10, permille % 10,
            paint(view, RESET), sessions, exchanges);
    putc('\n', out);
}
