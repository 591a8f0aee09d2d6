/* machine_walk.c - prints the whole automaton of the machine: every state that a session can come into,
 * both grammars and the two flags together, and where each exchange leads from it.
 *
 *     STATE-NUMBER  STATE-NAME  COMMAND  RULE  NUMBER...
 *
 * The rule is "-" where the command is in order. The numbers are the states after 2yz, 3yz, another
 * refusal, 500, and 421. Number 0 is the beginning.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rules/rules.h"

#define STATES_MAX (STATE_COUNT * SECURITY_STATE_COUNT * 4)

static struct machine found[STATES_MAX];
static size_t found_count;

/* Returns the number of a state; a new one is added. */
static size_t number_of(struct machine machine)
{
    size_t i = 0;
    for (; i < found_count; i++)
        if (found[i].state == machine.state && found[i].security == machine.security &&
            found[i].hello == machine.hello && found[i].secured == machine.secured)
            return i;
    if (found_count == STATES_MAX)
        abort();
    found[found_count++] = machine;
    return i;
}

static void print_command(size_t number, enum command command)
{
    const struct machine from = found[number];
    bool legal = machine_expects(&from) & COMMAND_BIT(command);
    const struct rule *rule =
        legal ? NULL : rule_of_order(machine_state(&from), machine_security(&from), command);
    printf("%zu\t%s\t%s\t%s", number, state_name(machine_state(&from)), command_name(command),
           legal  ? "-"
           : rule ? rule->name
                  : "no rule");
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        struct machine next = from;
        machine_play(&next, command, (enum outcome)outcome);
        printf("\t%zu", number_of(next));
    }
    struct machine closed = from;
    machine_play(&closed, command, OUTCOME_REFUSED);
    machine_close(&closed);
    printf("\t%zu\n", number_of(closed));
}

int main(void)
{
    number_of(machine_start(false));
    for (size_t number = 0; number < found_count; number++)
        for (int command = 0; command < COMMAND_COUNT; command++)
            print_command(number, (enum command)command);
    return 0;
}
