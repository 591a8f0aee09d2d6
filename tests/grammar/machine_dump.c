/* machine_dump.c - prints what the machine's table and the registry say of every state, for shape.py to
 * compare with the automata that bison built.
 *
 * One fact a line, its fields parted by tabs:
 *
 *     order     STATE  COMMAND...              what is in order in a state of session.y
 *     next      STATE  COMMAND  STATE...       the state after each outcome: 2yz, 3yz, refused, 500
 *     closed    STATE  STATE                   the state after the server has closed
 *     no-hello  STATE  STATE    STATE          the state without a hello, before and after STARTTLS
 *     security  STATE  COMMAND...              AUTH and STARTTLS in a state of security.y
 *     security-next  STATE  COMMAND  STATE...  the state after each outcome
 *     lost      STATE                          no session comes into this state
 *     rules     STATE  COMMAND  RULE...        the rows of the registry for a command there
 *     lookup    STATE  STATE    COMMAND  RULE  what rule_of_order returns for a command that one of the
 *                                              two does not expect; "-" for none
 */
#include <stdio.h>

#include "rules/rules.h"

static const char *order_symbol(size_t state)
{
    return state_symbol((enum session_state)state);
}

static const char *security_symbol(size_t state)
{
    return security_state_symbol((enum security_state)state);
}

static void print_set(const char *kind, const char *state, command_set set)
{
    printf("%s\t%s", kind, state);
    for (int command = 0; command < COMMAND_COUNT; command++)
        if (set & COMMAND_BIT(command))
            printf("\t%s", command_name((enum command)command));
    putchar('\n');
}

static void print_next(const char *kind, const char *state, int command,
                       const unsigned char next[OUTCOME_COUNT], const char *(*symbol)(size_t))
{
    printf("%s\t%s\t%s", kind, state, command_name((enum command)command));
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        printf("\t%s", symbol(next[outcome]));
    putchar('\n');
}

/* The rows for one command among these states. */
static void print_rules(const char *state, uint32_t states, enum command command)
{
    printf("rules\t%s\t%s", state, command_name(command));
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        if ((smtpseq_rules[i].states & states) &&
            (smtpseq_rules[i].commands & COMMAND_BIT(command)))
            printf("\t%s", smtpseq_rules[i].name);
    putchar('\n');
}

static void print_lookups(size_t state)
{
    for (size_t s = 0; s < SECURITY_STATE_COUNT; s++)
        for (int command = 0; command < COMMAND_COUNT; command++) {
            if (machine_table.expected[state] & machine_table.security_expected[s] &
                COMMAND_BIT(command))
                continue;
            const struct rule *rule = rule_of_order((enum session_state)state,
                                                    (enum security_state)s, (enum command)command);
            printf("lookup\t%s\t%s\t%s\t%s\n", order_symbol(state), security_symbol(s),
                   command_name((enum command)command), rule ? rule->name : "-");
        }
}

static void print_state(size_t state)
{
    const char *name = order_symbol(state);
    print_set("order", name, machine_table.expected[state]);
    for (int command = 0; command < COMMAND_COUNT; command++) {
        print_next("next", name, command, machine_table.next[state][command], order_symbol);
        print_rules(name, UINT32_C(1) << state, (enum command)command);
    }
    printf("closed\t%s\t%s\n", name, order_symbol(machine_table.closed[state]));
    printf("no-hello\t%s\t%s\t%s\n", name, order_symbol(machine_table.no_hello[state][0]),
           order_symbol(machine_table.no_hello[state][1]));
    print_lookups(state);
}

static void print_security(size_t state)
{
    static const uint32_t bits[SECURITY_STATE_COUNT] = {
        [SECURITY_STATE_AUTHENTICATED] = RULE_STATE_AUTHENTICATED,
        [SECURITY_STATE_ENCRYPTED] = RULE_STATE_ENCRYPTED,
        [SECURITY_STATE_BOTH] = RULE_STATE_AUTHENTICATED | RULE_STATE_ENCRYPTED,
    };
    const char *name = security_symbol(state);
    print_set("security", name, machine_table.security_expected[state] & SECURITY_COMMANDS);
    for (int command = 0; command < COMMAND_COUNT; command++) {
        print_next("security-next", name, command, machine_table.security_next[state][command],
                   security_symbol);
        print_rules(name, bits[state], (enum command)command);
    }
}

/* Follows the table from the beginning, and prints the states that nothing leads to. */
static void print_lost(void)
{
    bool found[STATE_COUNT] = {[STATE_CONNECT] = true};
    for (int pass = 0; pass < STATE_COUNT; pass++)
        for (size_t from = 0; from < STATE_COUNT; from++) {
            if (!found[from])
                continue;
            found[machine_table.closed[from]] = true;
            for (size_t i = 0; i < (size_t)COMMAND_COUNT * OUTCOME_COUNT; i++)
                found[machine_table.next[from][i / OUTCOME_COUNT][i % OUTCOME_COUNT]] = true;
        }
    for (size_t state = 0; state < STATE_COUNT; state++)
        if (!found[state])
            printf("lost\t%s\n", order_symbol(state));
}

int main(void)
{
    for (size_t state = 0; state < SECURITY_STATE_COUNT; state++)
        print_security(state);
    for (size_t state = 0; state < STATE_COUNT; state++)
        print_state(state);
    print_lost();
    return 0;
}
