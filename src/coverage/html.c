/* html.c - coverage as a page of one file: no script, no network. It shares the style of the html
 * report (report/html.css).
 */
#include <inttypes.h>

#include "coverage/coverage.h"
#include "report/html.h"

static const char *of(const struct coverage_view *view, const char *text)
{
    return translate(view->language, text);
}

static void print_count(FILE *out, const struct coverage_view *view, uint64_t number,
                        const char *one, const char *many)
{
    fprintf(out, translate_count(view->language, one, many, number), (unsigned long long)number);
}

/* A section, or a link to it. */
static void begin_section(FILE *out, const char *id, const char *title)
{
    fprintf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

static void print_link(FILE *out, const char *id, const char *title)
{
    fprintf(out, "<li><a href=\"#%s\">%s</a></li>\n", id, title);
}

static void print_head(FILE *out, const struct coverage_view *view)
{
    unsigned permille = coverage_permille(&view->sum);
    html_head(out, catalogue_language(view->language), of(view, N_("SMTP coverage")));
    fprintf(out, "<a class=\"skip\" href=\"#missing\">%s</a>\n<header>\n<h1>%s</h1>\n",
            of(view, N_("To what was never exercised")), of(view, N_("SMTP coverage")));
    fprintf(out, "<p class=\"percent\"><b>%u.%u %%</b> ", permille / 10, permille % 10);
    fprintf(out, translate(view->language, "%u of %u transitions exercised"), view->sum.hit,
            view->sum.counted);
    fprintf(out, "</p>\n<meter min=\"0\" max=\"%u\" value=\"%u\" aria-label=\"%s\">",
            view->sum.counted, view->sum.hit, of(view, N_("transitions exercised")));
    fprintf(out, translate(view->language, "%u of %u"), view->sum.hit, view->sum.counted);
    fputs("</meter>\n<p class=\"meta\">", out);
    print_count(out, view, view->files, "%llu file", "%llu files");
    fputs(", ", out);
    print_count(out, view, view->sessions, "%llu session", "%llu sessions");
    fputs(", ", out);
    print_count(out, view, view->exchanges, "%llu exchange", "%llu exchanges");
    fprintf(out, "</p>\n<nav aria-label=\"%s\"><ul class=\"parts\">\n",
            of(view, N_("Parts of this page")));
    print_link(out, "picture", of(view, N_("Picture")));
    print_link(out, "missing", of(view, N_("Never exercised")));
    print_link(out, "counts", of(view, N_("Counts")));
    print_link(out, "groups", of(view, N_("What is counted")));
    fputs("</ul></nav>\n</header>\n<main>\n", out);
}

static void print_missing(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    const struct coverage_point *last = NULL;
    begin_section(out, "missing", of(view, N_("Never exercised")));
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        if (view->coverage->points[i].count > 0 || !(view->sum.groups & GROUP_BIT(point->group)))
            continue;
        if (!last || last->security != point->security || last->state != point->state)
            fprintf(out,
                    "%s<h3><code>%s</code> <span class=\"soft\">%s</span></h3>\n<ul "
                    "class=\"missing\">\n",
                    last ? "</ul>\n" : "", point_state(point), of(view, point_state_title(point)));
        last = point;
        fputs("<li>", out);
        point_print(out, point, view->language);
        if (point->hint) {
            fputs("<span>", out);
            fprintf(out, translate(view->language, "Try: %s"), of(view, point->hint));
            fputs("</span>", out);
        }
        fputs("</li>\n", out);
    }
    if (last)
        fputs("</ul>\n", out);
    else
        fprintf(out, "<p>%s</p>\n",
                of(view, N_("Nothing: every transition that is counted was exercised.")));
    fputs("</section>\n", out);
}

static void print_picture(FILE *out, const struct coverage_view *view, const char *drawn,
                          const char *trouble)
{
    begin_section(out, "picture", of(view, N_("Picture")));
    if (drawn) {
        fprintf(
            out,
            "<p class=\"meta\">%s</p>\n<div class=\"scroll picture\" role=\"region\" "
            "aria-label=\"%s\" tabindex=\"0\">\n",
            of(view, N_("Exercised: solid, the thicker the oftener, with the count. Never: grey "
                        "and dashed.")),
            of(view, N_("State machine")));
        coverage_print_svg(out, view, drawn, true);
        fputs("</div>\n", out);
    } else {
        fprintf(out, "<p>%s ", of(view, N_("There is none:")));
        html_plain(out, slice_of(trouble));
        fputs("</p>\n", out);
    }
    fputs("</section>\n", out);
}

static void print_location(FILE *out, const struct coverage_tally *tally)
{
    fputs("<td><code>", out);
    html_plain(out, slice_of(tally->file ? tally->file : "?"));
    fprintf(out, ":%" PRIu64 "</code></td></tr>\n", tally->line);
}

/* A column of a table; numbers stand on the right. */
struct column {
    const char *title; /* translated */
    bool number;
};

static void begin_table(FILE *out, const struct coverage_view *view, const char *caption,
                        const struct column columns[], size_t count)
{
    fprintf(out,
            "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n<table>\n"
            "<caption>%s</caption>\n<thead><tr>",
            of(view, caption), of(view, caption));
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<th scope=\"col\"%s>%s</th>", columns[i].number ? " class=\"number\"" : "",
                of(view, columns[i].title));
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void print_counts(FILE *out, const struct coverage_view *view)
{
    static const struct column columns[] = {
        {N_("state"), false}, {N_("command"), false}, {N_("answer"), false},  {N_("next"), false},
        {N_("times"), true},  {N_("group"), false},   {N_("first at"), false}};
    const struct coverage_map *map = view->coverage->map;
    begin_section(out, "counts", of(view, N_("Counts")));
    begin_table(out, view, N_("Transitions that were exercised"), columns, 7);
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        const struct coverage_tally *tally = &view->coverage->points[i];
        if (tally->count == 0)
            continue;
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td>"
                "<td class=\"number\">%" PRIu64 "</td><td>%s</td>",
                point_state(point), point_command(point), of(view, point_answer(point)),
                point_next(point), tally->count, coverage_group_name(point->group));
        print_location(out, tally);
    }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_faulty(FILE *out, const struct coverage_view *view)
{
    static const struct column columns[] = {
        {N_("state"), false}, {N_("command"), false}, {N_("times"), true}, {N_("first at"), false}};
    if (view->sum.faulty == 0)
        return;
    begin_section(out, "faulty", of(view, N_("Out of order")));
    fprintf(out, "<p class=\"meta\">%s</p>\n",
            of(view, N_("These are no transitions; <code>smtpseq check</code> explains them.")));
    begin_table(out, view, N_("Commands that were out of order"), columns, 4);
    for (int state = 0; state < STATE_COUNT; state++)
        for (int command = 0; command < COMMAND_COUNT; command++) {
            const struct coverage_tally *tally = &view->coverage->out_of_order[state][command];
            if (tally->count == 0)
                continue;
            fprintf(out,
                    "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%" PRIu64 "</td>",
                    state_symbol((enum session_state)state), command_name((enum command)command),
                    tally->count);
            print_location(out, tally);
        }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_slowest(FILE *out, const struct coverage_view *view)
{
    static const struct column columns[] = {{N_("command"), false},
                                            {N_("longest"), true},
                                            {N_("average"), true},
                                            {N_("replies"), true},
                                            {N_("longest at"), false}};
    const struct reply_times *times = &view->coverage->times;
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(times, list);
    if (count == 0)
        return;
    begin_section(out, "slowest", of(view, N_("Slowest replies")));
    begin_table(out, view, N_("How long replies took, by command"), columns, 5);
    for (size_t i = 0; i < count; i++) {
        const struct reply_time *time = &times->commands[list[i]];
        const struct coverage_tally tally = tally_of_times(time);
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td class=\"number\">%.1f s</td>"
                "<td class=\"number\">%.1f s</td><td class=\"number\">%" PRIu64 "</td>",
                command_name(list[i]), (double)time->longest / 1000,
                (double)time->sum / (double)time->count / 1000, time->count);
        print_location(out, &tally);
    }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_groups(FILE *out, const struct coverage_view *view)
{
    static const struct column columns[] = {{N_("group"), false},
                                            {N_("what"), false},
                                            {N_("exercised"), true},
                                            {N_("of"), true},
                                            {N_("counted"), false}};
    begin_section(out, "groups", of(view, N_("What is counted")));
    begin_table(out, view, N_("Groups of transitions"), columns, 5);
    for (int group = 0; group < GROUP_COUNT; group++)
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%u</td>"
                "<td class=\"number\">%u</td><td>%s</td></tr>\n",
                coverage_group_name((enum coverage_group)group),
                of(view, coverage_group_title((enum coverage_group)group)),
                view->sum.exercised[group], view->sum.total[group],
                of(view, view->sum.groups & GROUP_BIT(group) ? N_("yes") : N_("no")));
    fputs("</tbody></table></div>\n", out);
    if (view->coverage->unanswered + view->coverage->unregistered > 0) {
        fputs("<p class=\"meta\">", out);
        fprintf(out,
                translate(view->language,
                          "No transitions: %llu commands without a reply in the "
                          "recording, %llu that no RFC has and the server offered."),
                (unsigned long long)view->coverage->unanswered,
                (unsigned long long)view->coverage->unregistered);
        fputs("</p>\n", out);
    }
    fputs("</section>\n", out);
}

void coverage_print_html(FILE *out, const struct coverage_view *view, const char *drawn,
                         const char *trouble)
{
    print_head(out, view);
    print_picture(out, view, drawn, trouble);
    print_missing(out, view);
    print_counts(out, view);
    print_faulty(out, view);
    print_slowest(out, view);
    print_groups(out, view);
    html_end(out);
}
