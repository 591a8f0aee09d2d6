/* coverage.c - the formats of `smtpseq coverage`.
 */
#include "cli/coverage.h"

#include <stdlib.h>

#include "base/made_text.h"
#include "base/string_builder.h"
#include "cli/graph.h"
#include "cli/graphviz.h"
#include "cli/message.h"

static const struct report_format formats[] = {
    {.name = "text", .title = "for a person", .translated = true},
    {.name = "json", .title = "one JSON object"},
    {.name = "dot", .title = "the state machine, for Graphviz"},
    {.name = "svg", .title = "the same as a picture"},
    {.name = "html", .title = "one page with all of it", .translated = true},
};

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_DOT, FORMAT_SVG, FORMAT_HTML, FORMAT_COUNT };

bool coverage_draws(const struct report_format *format)
{
    return format == &formats[FORMAT_SVG] || format == &formats[FORMAT_HTML];
}

const struct report_format *coverage_format_at(size_t index)
{
    return index < FORMAT_COUNT ? &formats[index] : NULL;
}

bool coverage_is_format(const struct report_format *format)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (format == &formats[i])
            return true;
    return false;
}

const struct report_format *coverage_format_named(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

bool coverage_groups_parse(const char *list, unsigned *groups)
{
    const char *names[GROUP_COUNT + 1] = {0};
    for (int i = 0; i < GROUP_COUNT; i++)
        names[i] = coverage_group_name((enum coverage_group)i);
    while (true) {
        char name[32];
        size_t size = strcspn(list, ",");
        int group = 0;
        snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name), list);
        while (group < GROUP_COUNT && strcmp(names[group], name) != 0)
            group++;
        if (group == GROUP_COUNT)
            return message_unknown(N_("group"), name, names, NULL);
        *groups |= GROUP_BIT(group);
        if (list[size] == '\0')
            return true;
        list += size + 1;
    }
}

/* The picture. NULL: there is none, and `trouble` says why. */
static char *draw(const struct coverage_view *view, enum graphviz_status *status,
                  char trouble[GRAPHVIZ_TROUBLE])
{
    struct string_builder source;
    char *svg = NULL;
    *status = GRAPHVIZ_FAILED;
    snprintf(trouble, GRAPHVIZ_TROUBLE, N_("out of memory"));
    if (string_builder_begin(&source))
        coverage_print_dot(source.out, view);
    if (string_builder_end(&source))
        *status = graphviz_svg(source.text, source.size, &svg, trouble);
    free(source.text);
    return svg;
}

static bool report_svg(const struct report *report, const struct coverage_view *view)
{
    enum graphviz_status status;
    char trouble[GRAPHVIZ_TROUBLE];
    char *svg = draw(view, &status, trouble);
    if (svg)
        coverage_print_svg(report->out, view, svg, false);
    else
        graph_complain(status, trouble);
    bool done = svg != NULL;
    free(svg);
    return done;
}

/* The page goes without a picture, and says so. That Graphviz is not installed is no trouble. */
static void report_html(const struct report *report, const struct coverage_view *view)
{
    enum graphviz_status status;
    char trouble[GRAPHVIZ_TROUBLE];
    char *svg = draw(view, &status, trouble);
    char text[GRAPHVIZ_TROUBLE * 2];
    translate_made(text, sizeof text, language(), svg ? "" : trouble);
    if (!svg && status != GRAPHVIZ_ABSENT)
        message("the page has no picture: %s", text);
    coverage_print_html(report->out, view, svg, text);
    free(svg);
}

bool coverage_report(const struct report *report, const struct coverage_view *view)
{
    bool done = true;
    switch (report->format - formats) {
    case FORMAT_TEXT:
        coverage_print_text(report->out, view);
        return true;
    case FORMAT_JSON:
        done = coverage_print_json(report->out, view);
        if (!done)
            message("out of memory");
        return done;
    case FORMAT_DOT:
        coverage_print_dot(report->out, view);
        return true;
    case FORMAT_SVG:
        return report_svg(report, view);
    default:
        report_html(report, view);
        return true;
    }
}

bool coverage_is_below(const struct coverage_sum *sum, double percent)
{
    unsigned permille = coverage_permille(sum);
    if (sum->hit * 100.0 >= percent * sum->counted)
        return false;
    message("%u.%u %% of the transitions were exercised, --fail-under wants %g %%", permille / 10,
            permille % 10, percent);
    return true;
}
