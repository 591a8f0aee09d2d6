/* graph.c - asks the machine for every transition it has, and draws them.
 *
 * Nothing here knows the grammar: states are found by playing every command that is in order with
 * every outcome, from every state that has been found.
 */
#include "cli/graph.h"

#include "session/machine.h"

/* One step of the way to a state. */
struct step {
    enum command command;
    enum outcome outcome;
};

#define WAY_MOST (STATE_COUNT + 1)

/* How to get to a state. */
struct way {
    bool known;
    bool closed; /* by a 421 at its end */
    size_t length;
    struct step steps[WAY_MOST];
};

/* The commands that lead from one state to another, by outcome. */
struct edges {
    command_set commands[STATE_COUNT][STATE_COUNT][OUTCOME_COUNT];
    bool closes[STATE_COUNT];
};

static bool go(struct machine *machine, const struct way *way)
{
    if (!machine_restart(machine, false))
        return false;
    for (size_t i = 0; i < way->length; i++)
        machine_play(machine, way->steps[i].command, way->steps[i].outcome);
    if (way->closed)
        machine_close(machine);
    return true;
}

/* Plays one command from the end of a way, and notes where it leads. */
static bool explore(struct machine *machine, struct way ways[], struct edges *edges,
                    enum session_state from, struct step step)
{
    if (!go(machine, &ways[from]))
        return false;
    if (!(machine_expects_order(machine) & COMMAND_BIT(step.command)))
        return true;
    machine_play(machine, step.command, step.outcome);
    enum session_state to = machine_state(machine);
    edges->commands[from][to][step.outcome] |= COMMAND_BIT(step.command);
    if (!ways[to].known && !ways[from].closed && ways[from].length < WAY_MOST) {
        ways[to] = ways[from];
        ways[to].steps[ways[to].length++] = step;
    }
    return true;
}

/* Finds all states and all edges between them. */
static bool walk(struct machine *machine, struct edges *edges)
{
    struct way ways[STATE_COUNT] = {[STATE_CONNECT] = {.known = true}};
    bool walked[STATE_COUNT] = {false};
    for (bool found = true; found;) {
        found = false;
        for (int from = 0; from < STATE_COUNT; from++) {
            if (!ways[from].known || walked[from])
                continue;
            walked[from] = found = true;
            for (int command = 0; command < COMMAND_COUNT; command++)
                for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
                    if (!explore(machine, ways, edges, (enum session_state)from,
                                 (struct step){(enum command)command, (enum outcome)outcome}))
                        return false;
            if (!go(machine, &ways[from]))
                return false;
            machine_close(machine);
            edges->closes[from] = machine_state(machine) == STATE_SHUT && from != STATE_SHUT;
            if (edges->closes[from] && !ways[STATE_SHUT].known) {
                ways[STATE_SHUT] = ways[from];
                ways[STATE_SHUT].closed = true;
            }
        }
    }
    return true;
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

bool graph_print(FILE *out, bool mermaid)
{
    struct edges edges = {0};
    struct machine *machine = machine_new(false);
    bool done = machine && walk(machine, &edges);
    machine_free(machine);
    if (!done)
        return false;
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
        if (edges.closes[from])
            fprintf(out, mermaid ? "    %s --> shut: 421\n" : "    %s -> shut [label=\"421\"];\n",
                    state_symbol((enum session_state)from));
    if (!mermaid)
        fputs("}\n", out);
    return true;
}
