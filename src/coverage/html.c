/* html.c - coverage as one page that needs nothing else: no script, no network.
 */
#include <inttypes.h>

#include "coverage/coverage.h"
#include "report/harmless.h"

/* Light and dark, wide and narrow, screen and paper. Presentation attributes of the picture are weaker
 * than any rule here. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c2126;--faint:#5a636d;--line:#d4d9de;"
    "--soft:#f4f6f8;--taken:#1f5fa8;--seen:#e8f0fa;--never:#8a5300;--grey:#666e76}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e6e9ec;--faint:#a3acb5;"
    "--line:#3a4149;--soft:#1e2227;--taken:#7db3f0;--seen:#1b2a3c;--never:#f0b35a;"
    "--grey:#8b949d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}\n"
    "h3 code{font-size:1.05em}h3 span{font-weight:400;color:var(--faint)}\n"
    "code,td.n,td.w{font-family:ui-monospace,monospace}\n"
    ".sum{font-size:1.1rem;margin:.3rem 0}.sum b{font-size:1.6rem}\n"
    "meter{width:100%;max-width:32rem;height:1.2rem}\n"
    ".faint{color:var(--faint)}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0}\n"
    "a{color:var(--taken)}:focus-visible{outline:3px solid var(--taken);outline-offset:2px}\n"
    "ul.missing{list-style:none;margin:0;padding:0}\n"
    "ul.missing li{border-left:4px solid var(--never);background:var(--soft);margin:.4rem 0;"
    "padding:.35rem .8rem}\n"
    "ul.missing span{display:block;color:var(--faint)}\n"
    ".wide{overflow-x:auto;border:1px solid var(--line)}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "caption{text-align:left;padding:.4rem .6rem;color:var(--faint)}\n"
    "th,td{padding:.25rem .6rem;text-align:left;border-top:1px solid var(--line);"
    "white-space:nowrap}\n"
    "thead th{background:var(--soft)}td.n,th.n{text-align:right}\n"
    "td.w{white-space:normal;overflow-wrap:anywhere;min-width:20rem;width:100%}\n"
    ".wide svg{display:block;margin:0 auto;max-width:max(100%,95rem);height:auto}\n"
    "svg .node text,svg .cluster text{fill:var(--ink)}\n"
    "svg .taken path{stroke:var(--taken)}svg .node.taken path{fill:var(--seen)}\n"
    "svg .taken polygon{stroke:var(--taken);fill:var(--taken)}\n"
    "svg .edge.taken text{fill:var(--ink)}\n"
    "svg .never path{stroke:var(--grey)}svg .never polygon{stroke:var(--grey);fill:var(--grey)}\n"
    "svg .never text{fill:var(--grey)}\n"
    "@media print{:root{--paper:#fff;--ink:#000;--faint:#444;--soft:#fff;--line:#999;"
    "--taken:#1f5fa8;--seen:#fff;--never:#8a5300;--grey:#777}"
    "nav{display:none}.wide{overflow:visible;border:0}.wide svg{max-width:100%;width:auto}"
    "ul.missing li,tr{break-inside:avoid}h3{break-after:avoid}th,td{white-space:normal}}\n";

/* Text that may come from outside, as content or as an attribute. */
static void print_text(FILE *out, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "<>&\"'");
        print_harmless(out, (struct slice){text, plain});
        text += plain;
        if (*text)
            fprintf(out, "&#%d;", *text++);
    }
}

static void print_head(FILE *out, const struct coverage_view *view)
{
    unsigned permille = coverage_permille(&view->sum);
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<title>SMTP coverage</title>\n<style>\n",
          out);
    fputs(style, out);
    fputs("</style>\n</head>\n<body>\n<header>\n<h1>SMTP coverage</h1>\n", out);
    fprintf(out,
            "<p class=\"sum\"><b>%u.%u %%</b> %u of %u transitions exercised</p>\n"
            "<meter min=\"0\" max=\"%u\" value=\"%u\" aria-label=\"transitions exercised\">%u of "
            "%u</meter>\n",
            permille / 10, permille % 10, view->sum.hit, view->sum.counted, view->sum.counted,
            view->sum.hit, view->sum.hit, view->sum.counted);
    fprintf(out,
            "<p class=\"faint\">%" PRIu64 " file%s, %" PRIu64 " session%s, %" PRIu64
            " exchange%s</p>\n",
            view->files, view->files == 1 ? "" : "s", view->sessions,
            view->sessions == 1 ? "" : "s", view->exchanges, view->exchanges == 1 ? "" : "s");
    fputs("<nav aria-label=\"Parts of this page\"><ul>\n"
          "<li><a href=\"#missing\">Never exercised</a></li>\n"
          "<li><a href=\"#picture\">Picture</a></li>\n"
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
            fprintf(out, "%s<h3><code>%s</code> <span>%s</span></h3>\n<ul class=\"missing\">\n",
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
        fputs(
            "<p class=\"faint\">Exercised: solid, the thicker the oftener, with the count. Never: "
            "grey and dashed.</p>\n<div class=\"wide\" role=\"region\" "
            "aria-label=\"State machine\" tabindex=\"0\">\n",
            out);
        coverage_print_svg(out, view, drawn, true);
        fputs("</div>\n", out);
    } else {
        fputs("<p>There is none: ", out);
        print_text(out, trouble);
        fputs("</p>\n", out);
    }
    fputs("</section>\n", out);
}

static void print_place(FILE *out, const struct coverage_tally *tally)
{
    fputs("<td class=\"w\">", out);
    print_text(out, tally->file ? tally->file : "?");
    fprintf(out, ":%" PRIu64 "</td></tr>\n", tally->line);
}

static void begin_table(FILE *out, const char *caption)
{
    fprintf(out,
            "<div class=\"wide\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n<table>\n"
            "<caption>%s</caption>\n<thead><tr>",
            caption, caption);
}

static void print_counts(FILE *out, const struct coverage_view *view)
{
    const struct coverage_map *map = view->coverage->map;
    fputs("<section aria-labelledby=\"counts\">\n<h2 id=\"counts\">Counts</h2>\n", out);
    begin_table(out, "Transitions that were exercised");
    fputs("<th scope=\"col\">state</th><th scope=\"col\">command</th><th scope=\"col\">answer</th>"
          "<th scope=\"col\">next</th><th scope=\"col\" class=\"n\">times</th>"
          "<th scope=\"col\">group</th><th scope=\"col\">first at</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        const struct coverage_tally *tally = &view->coverage->points[i];
        if (tally->count == 0)
            continue;
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td>"
                "<td class=\"n\">%" PRIu64 "</td><td>%s</td>",
                point_state(point), point_command(point), point_answer(point), point_next(point),
                tally->count, coverage_group_name(point->group));
        print_place(out, tally);
    }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_faulty(FILE *out, const struct coverage_view *view)
{
    if (view->sum.faulty == 0)
        return;
    fputs("<section aria-labelledby=\"faulty\">\n<h2 id=\"faulty\">Out of order</h2>\n"
          "<p class=\"faint\">These are no transitions; <code>smtpseq check</code> explains "
          "them.</p>\n",
          out);
    begin_table(out, "Commands that were out of order");
    fputs("<th scope=\"col\">state</th><th scope=\"col\">command</th>"
          "<th scope=\"col\" class=\"n\">times</th><th scope=\"col\">first at</th></tr></thead>\n"
          "<tbody>\n",
          out);
    for (int state = 0; state < STATE_COUNT; state++)
        for (int command = 0; command < COMMAND_COUNT; command++) {
            const struct coverage_tally *tally = &view->coverage->out_of_order[state][command];
            if (tally->count == 0)
                continue;
            fprintf(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%" PRIu64 "</td>",
                    state_symbol((enum session_state)state), command_name((enum command)command),
                    tally->count);
            print_place(out, tally);
        }
    fputs("</tbody></table></div>\n</section>\n", out);
}

static void print_groups(FILE *out, const struct coverage_view *view)
{
    fputs("<section aria-labelledby=\"groups\">\n<h2 id=\"groups\">What is counted</h2>\n", out);
    begin_table(out, "Groups of transitions");
    fputs("<th scope=\"col\">group</th><th scope=\"col\">what</th><th scope=\"col\" "
          "class=\"n\">exercised</th><th scope=\"col\" class=\"n\">of</th>"
          "<th scope=\"col\">counted</th></tr></thead>\n<tbody>\n",
          out);
    for (int group = 0; group < GROUP_COUNT; group++)
        fprintf(out,
                "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%u</td>"
                "<td class=\"n\">%u</td><td>%s</td></tr>\n",
                coverage_group_name((enum coverage_group)group),
                coverage_group_title((enum coverage_group)group), view->sum.exercised[group],
                view->sum.total[group], view->sum.groups & GROUP_BIT(group) ? "yes" : "no");
    fputs("</tbody></table></div>\n", out);
    if (view->coverage->unanswered + view->coverage->unregistered > 0)
        fprintf(out,
                "<p class=\"faint\">No transitions: %" PRIu64
                " commands without a reply in the recording, %" PRIu64
                " that no RFC has and the server offered.</p>\n",
                view->coverage->unanswered, view->coverage->unregistered);
    fputs("</section>\n", out);
}

void coverage_print_html(FILE *out, const struct coverage_view *view, const char *drawn,
                         const char *trouble)
{
    print_head(out, view);
    print_missing(out, view);
    print_picture(out, view, drawn, trouble);
    print_counts(out, view);
    print_faulty(out, view);
    print_groups(out, view);
    fputs("</main>\n</body>\n</html>\n", out);
}
