/* graph.c - draws the transitions of the machine.
 */
#include "cli/graph.h"

#include "base/made_text.h"
#include "cli/language.h"
#include "cli/message.h"
#include "session/machine.h"

/* The commands that lead from one state to another, by outcome. */
struct edges {
    command_set commands[STATE_COUNT][STATE_COUNT][OUTCOME_COUNT];
};

static void collect(struct edges *edges)
{
    for (int from = 0; from < STATE_COUNT; from++)
        for (int command = 0; command < COMMAND_COUNT; command++)
            for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
                if (machine_table.expected[from] & COMMAND_BIT(command)) {
                    int to = machine_table.next[from][command][outcome];
                    edges->commands[from][to][outcome] |= COMMAND_BIT(command);
                }
}

/* "EHLO HELO" with the outcomes that lead along this edge. */
static void print_label(FILE *out, const command_set by_outcome[OUTCOME_COUNT], const char *line)
{
    static const char *const outcomes[] = {"2yz", "3yz", "4yz/5yz", "500/502"};
    command_set all = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        all |= by_outcome[i];
    const char *separator = "";
    for (int done = 0; done < 16 && all; done++) {
        /* Commands that have the same outcomes on this edge stand together. */
        unsigned pattern = 0;
        command_set same = 0;
        for (int c = 0; c < COMMAND_COUNT; c++) {
            unsigned mine = 0;
            for (int i = 0; i < OUTCOME_COUNT; i++)
                mine |= (unsigned)(by_outcome[i] >> c & 1) << i;
            if (!(all & COMMAND_BIT(c)) || (pattern && mine != pattern))
                continue;
            pattern = mine;
            same |= COMMAND_BIT(c);
        }
        all &= ~same;
        fputs(separator, out);
        separator = line;
        enum command list[COMMAND_COUNT];
        size_t count = command_set_list(same, list, COMMAND_COUNT);
        for (size_t i = 0; i < count; i++)
            fprintf(out, "%s%s", i ? " " : "", command_name(list[i]));
        /* A 3yz that a command cannot draw counts as a refusal. */
        unsigned refused = 1u << OUTCOME_REFUSED | 1u << OUTCOME_UNRECOGNIZED;
        if ((pattern & ~(1u << OUTCOME_GO)) == refused) {
            fputs(" refused", out);
        } else if (pattern != (1u << OUTCOME_COUNT) - 1) {
            for (int i = 0; i < OUTCOME_COUNT; i++)
                if (pattern >> i & 1)
                    fprintf(out, " %s", outcomes[i]);
        }
    }
}

static void print_edge(FILE *out, bool mermaid, int from, int to,
                       const command_set by_outcome[OUTCOME_COUNT])
{
    const char *names[2] = {state_symbol((enum session_state)from),
                            state_symbol((enum session_state)to)};
    fprintf(out, mermaid ? "    %s --> %s: " : "    %s -> %s [label=\"", names[0], names[1]);
    print_label(out, by_outcome, mermaid ? ", " : "\\n");
    fputs(mermaid ? "\n" : "\"];\n", out);
}

void graph_print(FILE *out, bool mermaid)
{
    struct edges edges = {0};
    collect(&edges);
    fputs(mermaid ? "stateDiagram-v2\n    direction TB\n    [*] --> connect\n"
                  : "digraph session {\n    rankdir=TB;\n    node [shape=box, style=rounded, "
                    "fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\", "
                    "fontsize=9];\n    connect [style=bold];\n",
          out);
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++) {
            command_set all = 0;
            for (int i = 0; i < OUTCOME_COUNT; i++)
                all |= edges.commands[from][to][i];
            if (all)
                print_edge(out, mermaid, from, to, edges.commands[from][to]);
        }
    for (int from = 0; from < STATE_COUNT; from++)
        if (machine_table.closed[from] != from)
            fprintf(out, mermaid ? "    %s --> shut: 421\n" : "    %s -> shut [label=\"421\"];\n",
                    state_symbol((enum session_state)from));
    if (!mermaid)
        fputs("}\n", out);
}

void graph_complain(enum graphviz_status status, const char *trouble)
{
    char text[GRAPHVIZ_TROUBLE * 2];
    translate_made(text, sizeof text, language(), trouble);
    if (status == GRAPHVIZ_ABSENT)
        message("--format=svg: %s; --format=dot prints its source", text);
    else
        message("--format=svg: %s", text);
}
