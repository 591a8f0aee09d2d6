/* html.c - coverage as a page of one file: no script, no network. It shares the style of the html
 * report (report/html.css).
 */
#include <inttypes.h>

#include "coverage/coverage.h"
#include "report/html.h"
#include "report/text.h"

static void print_head(FILE *out, const struct coverage_view *view)
{
    unsigned permille = coverage_permille(&view->sum);
    html_head(out, "en", "SMTP coverage");
    fputs("<a class=\"skip\" href=\"#missing\">To what was never exercised</a>\n<header>\n"
          "<h1>SMTP coverage</h1>\n",
          out);
    fprintf(out,
            "<p class=\"percent\"><b>%u.%u %%</b> %u of %u transitions exercised</p>\n"
            "<meter min=\"0\" max=\"%u\" value=\"%u\" aria-label=\"transitions exercised\">%u of "
            "%u</meter>\n<p class=\"meta\">",
            permille / 10, permille % 10, view->sum.hit, view->sum.counted, view->sum.counted,
            view->sum.hit, view->sum.hit, view->sum.counted);
    text_count(out, view->files, "file");
    fputs(", ", out);
    text_count(out, view->sessions, "session");
    fputs(", ", out);
    text_count(out, view->exchanges, "exchange");
    fputs("</p>\n<nav aria-label=\"Parts of this page\"><ul class=\"parts\">\n"
          "<li><a href=\"#picture\">Picture</a></li>\n"
          "<li><a href=\"#missing\">Never exercised</a></li>\n"
          "<li><a href=\"#counts\">Counts</a></li>\n"
          "<li><a href=\"#groups\">What is counted</a></li>\n</ul></nav>\n</header>\n<main>\n",
          out);
}

static void print_missing(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    const struct coverage_point *last = NULL;
    fputs("<section aria-labelledby=\"missing\">\n<h2 id=\"missing\">Never exercised</h2>\n", out);
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        if (view->coverage->points[i].count > 0 || !(view->sum.groups & GROUP_BIT(point->group)))
            continue;
        if (!last || last->security != point->security || last->state != point->state)
            fprintf(out,
                    "%s<h3><code>%s</code> <span class=\"soft\">%s</span></h3>\n<ul "
                    "class=\"missing\">\n",
                    last ? "</ul>\n" : "", point_state(point), point_state_title(point));
        last = point;
        fputs("<li>", out);
        point_print(out, point);
        if (point->hint)
            fprintf(out, "<span>Try: %s</span>", point->hint);
        fputs("</li>\n", out);
    }
    fputs(last ? "</ul>\n" : "<p>Nothing: every transition that is counted was exercised.</p>\n",
          out);
    fputs("</section>\n", out);
}

static void print_picture(FILE *out, const struct coverage_view *view, const char *drawn,
                          const char *trouble)
{
    fputs("<section aria-labelledby=\"picture\">\n<h2 id=\"picture\">Picture</h2>\n", out);
    if (drawn) {
        fputs("<p class=\"meta\">Exercised: solid, the thicker the oftener, with the count. Never: "
              "grey and dashed.</p>\n<div class=\"scroll picture\" role=\"region\" "
              "aria-label=\"State machine\" tabindex=\"0\">\n",
              out);
        coverage_print_svg(out, view, drawn, true);
        fputs("</div>\n", out);
    } else {
        fputs("<p>There is none: ", out);
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

static void begin_table(FILE *out, const char *caption)
{
    fprintf(out,
            "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n<table>\n"
            "<caption>%s</caption>\n<thead><tr>",
            caption, caption);
}

static void print_counts(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    fputs("<section aria-labelledby=\"counts\">\n<h2 id=\"counts\">Counts</h2>\n", out);
    begin_table(out, "Transitions that were exercised");
    fputs("<th scope=\"col\">state</th><th scope=\"col\">command</th><th scope=\"col\">answer</th>"
          "<th scope=\"col\">next</th><th scope=\"col\" class=\"number\">times</th>"
          "<th scope=\"col\">group</th><th scope=\"col\">first at</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        const struct coverage_tally *tally = &view->coverage->points[i];
        if (tally->count == 0)
            continue;
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td>"
                "<td class=\"number\">%" PRIu64 "</td><td>%s</td>",
                point_state(point), point_command(point), point_answer(point), point_next(point),
                tally->count, coverage_group_name(point->group));
        print_location(out, tally);
    }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_faulty(FILE *out, const struct coverage_view *view)
{
    if (view->sum.faulty == 0)
        return;
    fputs("<section aria-labelledby=\"faulty\">\n<h2 id=\"faulty\">Out of order</h2>\n"
          "<p class=\"meta\">These are no transitions; <code>smtpseq check</code> explains "
          "them.</p>\n",
          out);
    begin_table(out, "Commands that were out of order");
    fputs("<th scope=\"col\">state</th><th scope=\"col\">command</th>"
          "<th scope=\"col\" class=\"number\">times</th><th scope=\"col\">first "
          "at</th></tr></thead>\n"
          "<tbody>\n",
          out);
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

static void print_slowest(FILE *out, const struct reply_times *times)
{
    enum command list[COMMAND_COUNT];
    size_t count = reply_times_list(times, list);
    if (count == 0)
        return;
    fputs("<section aria-labelledby=\"slowest\">\n<h2 id=\"slowest\">Slowest replies</h2>\n", out);
    begin_table(out, "How long replies took, by command");
    fputs("<th scope=\"col\">command</th><th scope=\"col\" class=\"number\">longest</th>"
          "<th scope=\"col\" class=\"number\">average</th><th scope=\"col\" "
          "class=\"number\">replies</th><th scope=\"col\">longest at</th></tr></thead>\n<tbody>\n",
          out);
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
    fputs("<section aria-labelledby=\"groups\">\n<h2 id=\"groups\">What is counted</h2>\n", out);
    begin_table(out, "Groups of transitions");
    fputs("<th scope=\"col\">group</th><th scope=\"col\">what</th><th scope=\"col\" "
          "class=\"number\">exercised</th><th scope=\"col\" class=\"number\">of</th>"
          "<th scope=\"col\">counted</th></tr></thead>\n<tbody>\n",
          out);
    for (int group = 0; group < GROUP_COUNT; group++)
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%u</td>"
                "<td class=\"number\">%u</td><td>%s</td></tr>\n",
                coverage_group_name((enum coverage_group)group),
                coverage_group_title((enum coverage_group)group), view->sum.exercised[group],
                view->sum.total[group], view->sum.groups & GROUP_BIT(group) ? "yes" : "no");
    fputs("</tbody></table></div>\n", out);
    if (view->coverage->unanswered + view->coverage->unregistered > 0)
        fprintf(out,
                "<p class=\"meta\">No transitions: %" PRIu64
                " commands without a reply in the recording, %" PRIu64
                " that no RFC has and the server offered.</p>\n",
                view->coverage->unanswered, view->coverage->unregistered);
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
    print_slowest(out, &view->coverage->times);
    print_groups(out, view);
    html_end(out);
}
