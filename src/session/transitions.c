/* transitions.c - asks the machine for every transition it has.
 */
#include "session/transitions.h"

#include <string.h>

/* One step of the way to a state. */
struct step {
    enum command command;
    enum outcome outcome;
};

#define WAY_MAX (STATE_COUNT + 1)

/* How to get to a state. */
struct way {
    bool known;
    bool closed; /* by a 421 at its end */
    size_t length;
    struct step steps[WAY_MAX];
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

/* Makes a way one step longer. */
static struct way way_and(const struct way *way, struct step step)
{
    struct way longer = *way;
    longer.steps[longer.length++] = step;
    return longer;
}

/* Plays one command from the end of a way, and notes where it leads. */
static bool explore(struct machine *machine, struct way ways[], struct transitions *transitions,
                    enum session_state from, struct step step)
{
    if (!go(machine, &ways[from]))
        return false;
    if (!(machine_expects_order(machine) & COMMAND_BIT(step.command)))
        return true;
    machine_play(machine, step.command, step.outcome);
    enum session_state to = machine_state(machine);
    transitions->next[from][step.command][step.outcome] = (unsigned char)to;
    if (!ways[to].known && !ways[from].closed && ways[from].length < WAY_MAX)
        ways[to] = way_and(&ways[from], step);
    return true;
}

/* Explores everything that can be said in one state. */
static bool explore_state(struct machine *machine, struct way ways[],
                          struct transitions *transitions, enum session_state from)
{
    for (int command = 0; command < COMMAND_COUNT; command++)
        for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            if (!explore(machine, ways, transitions, from,
                         (struct step){(enum command)command, (enum outcome)outcome}))
                return false;
    if (!go(machine, &ways[from]))
        return false;
    machine_close(machine);
    transitions->closes[from] = machine_state(machine) == STATE_SHUT && from != STATE_SHUT;
    if (transitions->closes[from] && !ways[STATE_SHUT].known) {
        ways[STATE_SHUT] = ways[from];
        ways[STATE_SHUT].closed = true;
    }
    return true;
}

static bool walk_order(struct machine *machine, struct transitions *transitions)
{
    struct way ways[STATE_COUNT] = {[STATE_CONNECT] = {.known = true}};
    bool walked[STATE_COUNT] = {false};
    memset(transitions->next, STATE_COUNT, sizeof transitions->next);
    for (bool found = true; found;) {
        found = false;
        for (int from = 0; from < STATE_COUNT; from++) {
            if (!ways[from].known || walked[from])
                continue;
            walked[from] = found = true;
            if (!explore_state(machine, ways, transitions, (enum session_state)from))
                return false;
        }
    }
    return true;
}

/* Plays one command of the second grammar. A hello in front of it and behind it: the first grammar
 * wants one, the second does not see it. */
static bool explore_security(struct machine *machine, struct way ways[],
                             struct transitions *transitions, enum security_state from,
                             struct step step)
{
    const struct step hello = {COMMAND_EHLO, OUTCOME_OK};
    if (!go(machine, &ways[from]))
        return false;
    if (!(machine_expects_security(machine) & COMMAND_BIT(step.command)))
        return true;
    machine_play(machine, step.command, step.outcome);
    enum security_state to = machine_security(machine);
    transitions->security_next[from][step.command][step.outcome] = (unsigned char)to;
    if (!ways[to].known && ways[from].length + 2 <= WAY_MAX) {
        struct way way = way_and(&ways[from], step);
        ways[to] = way_and(&way, hello);
    }
    return true;
}

static bool walk_security(struct machine *machine, struct transitions *transitions)
{
    static const enum command commands[] = {COMMAND_AUTH, COMMAND_STARTTLS};
    struct way ways[SECURITY_STATE_COUNT] = {
        [SECURITY_STATE_PLAIN] = {.known = true,
                                  .length = 2,
                                  .steps = {{COMMAND_CONNECT, OUTCOME_OK},
                                            {COMMAND_EHLO, OUTCOME_OK}}},
    };
    bool walked[SECURITY_STATE_COUNT] = {false};
    memset(transitions->security_next, SECURITY_STATE_COUNT, sizeof transitions->security_next);
    for (bool found = true; found;) {
        found = false;
        for (int from = 0; from < SECURITY_STATE_COUNT; from++) {
            if (!ways[from].known || walked[from])
                continue;
            walked[from] = found = true;
            for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
                for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
                    if (!explore_security(machine, ways, transitions, (enum security_state)from,
                                          (struct step){commands[i], (enum outcome)outcome}))
                        return false;
        }
    }
    return true;
}

bool transitions_walk(struct transitions *transitions)
{
    struct machine *machine = machine_new(false);
    bool done = machine && walk_order(machine, transitions) && walk_security(machine, transitions);
    machine_free(machine);
    return done;
}

enum answer answer_of(const unsigned char next[OUTCOME_COUNT], enum outcome outcome)
{
    /* DATA is taken by a 354; a 250 begins nothing. Everything else is taken by a 2yz. */
    bool goes_on =
        next[OUTCOME_OK] == next[OUTCOME_REFUSED] && next[OUTCOME_GO] != next[OUTCOME_REFUSED];
    switch (outcome) {
    case OUTCOME_OK:
        return goes_on ? ANSWER_REFUSED : ANSWER_ACCEPTED;
    case OUTCOME_GO:
        return goes_on || next[OUTCOME_GO] == next[OUTCOME_OK] ? ANSWER_ACCEPTED : ANSWER_REFUSED;
    case OUTCOME_UNRECOGNIZED:
        return next[OUTCOME_UNRECOGNIZED] != next[OUTCOME_REFUSED] ? ANSWER_UNRECOGNIZED
                                                                   : ANSWER_REFUSED;
    default:
        return ANSWER_REFUSED;
    }
}

const char *security_state_symbol(enum security_state state)
{
    static const char *const symbols[SECURITY_STATE_COUNT] = {
        [SECURITY_STATE_PLAIN] = "plain",
        [SECURITY_STATE_AUTHENTICATED] = "authenticated",
        [SECURITY_STATE_ENCRYPTED] = "encrypted",
        [SECURITY_STATE_BOTH] = "authenticated_encrypted",
    };
    return symbols[state];
}
