/* dot.c - coverage as the picture of the state machine, for Graphviz.
 *
 * An exercised transition is drawn with its count, the thicker the more often it was taken; the
 * others grey and dashed. The classes "taken" and "never" are for style sheets. No octet comes from
 * a recording.
 */
#include <inttypes.h>

#include "coverage/coverage.h"

/* The exercised points from one state to another, or those that were not. */
struct edge {
    bool security, taken;
    int from, to;
};

static bool is_on(const struct coverage_view *view, size_t index, const struct edge *edge)
{
    const struct coverage_point *point = &view->coverage->map->points[index];
    bool taken = view->coverage->points[index].count > 0;
    bool shown = taken || (view->sum.groups & GROUP_BIT(point->group));
    return shown && taken == edge->taken && point->security == edge->security &&
           point->state == edge->from && point->next == edge->to;
}

/* Returns the width of a line: one more for every factor of ten in its count. */
static unsigned pen_width(uint64_t count)
{
    unsigned width = 1;
    for (; count > 0 && width < 8; count /= 10)
        width++;
    return width;
}

/* Writes one line of a label, with blanks, since Graphviz puts it next to the edge. */
static void print_item(FILE *out, const struct coverage_point *point, uint64_t count)
{
    bool dot = point->command == COMMAND_END_OF_DATA; /* a speck in a picture */
    fprintf(out, " %s", dot ? "dot" : point_command(point));
    if (point->answer != ANSWER_CLOSED)
        fprintf(out, " %s", point_answer(point));
    if (count > 0)
        fprintf(out, ": %" PRIu64, count);
    putc(' ', out);
}

/* How many points that do not count are named on an edge; more are only counted. */
#define OTHERS_NAMED 2

/* Writes the label of an edge, a line for each point. Returns how often they were taken. */
static uint64_t print_label(FILE *out, const struct coverage_view *view, const struct edge *edge)
{
    const struct coverage_map *map = view->coverage->map;
    const char *separator = "";
    uint64_t total = 0, in_others = 0;
    unsigned others = 0;
    for (size_t i = 0; i < map->count; i++)
        others += is_on(view, i, edge) && !(view->sum.groups & GROUP_BIT(map->points[i].group));
    for (size_t i = 0; i < map->count; i++) {
        uint64_t count = view->coverage->points[i].count;
        if (!is_on(view, i, edge))
            continue;
        total += count;
        if (others > OTHERS_NAMED && !(view->sum.groups & GROUP_BIT(map->points[i].group))) {
            in_others += count;
            continue;
        }
        fputs(separator, out);
        print_item(out, &map->points[i], count);
        separator = "\\n";
    }
    if (in_others > 0)
        fprintf(out, "%s %u others: %" PRIu64 " ", separator, others, in_others);
    return total;
}

static bool has_edge(const struct coverage_view *view, const struct edge *edge)
{
    for (size_t i = 0; i < view->coverage->map->count; i++)
        if (is_on(view, i, edge))
            return true;
    return false;
}

static void print_edge(FILE *out, const struct coverage_view *view, const struct edge *edge,
                       const char *from, const char *to)
{
    if (!has_edge(view, edge))
        return;
    fprintf(out, "    %s -> %s [label=\"", from, to);
    uint64_t total = print_label(out, view, edge);
    if (edge->taken)
        fprintf(out, "\", class=\"taken\", color=\"#1f5fa8\", fontcolor=\"#17406f\", penwidth=%u",
                pen_width(total));
    else
        fputs("\", class=\"never\", color=\"#8a8a8a\", fontcolor=\"#6a6a6a\", style=dashed", out);
    fputs("];\n", out);
}

/* Returns 1 if a state was seen, 0 if not, negative if no drawn edge touches it. */
static int was_seen(const struct coverage_view *view, bool security, int state)
{
    const struct coverage_map *map = view->coverage->map;
    int seen = -1;
    for (size_t i = 0; i < map->count; i++) {
        const struct coverage_point *point = &map->points[i];
        bool taken = view->coverage->points[i].count > 0;
        bool shown = taken || (view->sum.groups & GROUP_BIT(point->group));
        if (shown && point->security == security && (point->state == state || point->next == state))
            seen = taken || seen == 1;
    }
    return seen;
}

static void print_node(FILE *out, const struct coverage_view *view, bool security, int state,
                       const char *name)
{
    int seen = was_seen(view, security, state);
    if (seen > 0)
        fprintf(out, "    %s [class=\"taken\", color=\"#1f5fa8\", fillcolor=\"#e8f0fa\"];\n", name);
    else if (seen == 0)
        fprintf(out,
                "    %s [class=\"never\", color=\"#8a8a8a\", fontcolor=\"#6a6a6a\", "
                "style=\"rounded,dashed\"];\n",
                name);
}

static void print_security(FILE *out, const struct coverage_view *view)
{
    fputs("    subgraph cluster_security {\n    label=\"TLS and AUTH\"; color=\"#8a8a8a\";\n", out);
    for (int i = 0; i < SECURITY_STATE_COUNT; i++)
        print_node(out, view, true, i, security_state_symbol((enum security_state)i));
    for (int from = 0; from < SECURITY_STATE_COUNT; from++)
        for (int to = 0; to < SECURITY_STATE_COUNT; to++)
            for (int taken = 1; taken >= 0; taken--)
                print_edge(out, view, &(struct edge){true, taken, from, to},
                           security_state_symbol((enum security_state)from),
                           security_state_symbol((enum security_state)to));
    fputs("    }\n", out);
}

void coverage_print_dot(FILE *out, const struct coverage_view *view)
{
    fputs("digraph coverage {\n    rankdir=TB; nodesep=0.7; ranksep=0.8; bgcolor=\"transparent\"; "
          "fontname=\"sans-serif\";\n"
          "    node [shape=box, style=\"rounded,filled\", fillcolor=\"transparent\", "
          "fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\", fontsize=10];\n",
          out);
    for (int i = 0; i < STATE_COUNT; i++)
        print_node(out, view, false, i, state_symbol((enum session_state)i));
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++)
            for (int taken = 1; taken >= 0; taken--)
                print_edge(out, view, &(struct edge){false, taken, from, to},
                           state_symbol((enum session_state)from),
                           state_symbol((enum session_state)to));
    bool security = false;
    for (int i = 0; i < SECURITY_STATE_COUNT; i++)
        security = security || was_seen(view, true, i) >= 0;
    if (security)
        print_security(out, view);
    fputs("}\n", out);
}
