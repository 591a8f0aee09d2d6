/* machine_dump.c - prints what the machine and the registry say of every state, for shape.py to
 * compare with the automata that bison built.
 *
 * One fact a line, its fields parted by tabs:
 *
 *     order     STATE     COMMAND...             what the machine expects in a state of session.y
 *     security  STATE     COMMAND...             and in one of security.y, of AUTH and STARTTLS
 *     rules     STATE     COMMAND   RULE...      the rows of the registry for a command there
 *     lookup    STATE     STATE     COMMAND RULE what rule_of_order gives for a command that one of
 *                                                the two does not expect; "-" for none
 */
#include <stdio.h>
#include <stdlib.h>

#include "rules/rules.h"

#define STEPS_MAX 6

/* How to bring a session into a state; CLOSES stands for the server's 421. */
#define CLOSES COMMAND_COUNT

struct step {
    int command;
    enum outcome outcome;
};

#define OK(command)                   \
    {                                 \
        COMMAND_##command, OUTCOME_OK \
    }
#define GO(command)                   \
    {                                 \
        COMMAND_##command, OUTCOME_GO \
    }
#define NO(command)                        \
    {                                      \
        COMMAND_##command, OUTCOME_REFUSED \
    }
#define END            \
    {                  \
        -1, OUTCOME_OK \
    }

static const struct step ways[STATE_COUNT][STEPS_MAX] = {
    [STATE_CONNECT] = {END},
    [STATE_GREETED] = {OK(CONNECT), END},
    [STATE_SECURED] = {OK(CONNECT), OK(EHLO), OK(STARTTLS), END},
    [STATE_READY] = {OK(CONNECT), OK(EHLO), END},
    [STATE_CHUNKED] = {OK(CONNECT), OK(EHLO), OK(MAIL), OK(RCPT), OK(BDAT_LAST), END},
    [STATE_MAIL] = {OK(CONNECT), OK(EHLO), OK(MAIL), END},
    [STATE_REFUSED] = {OK(CONNECT), OK(EHLO), OK(MAIL), NO(RCPT), END},
    [STATE_RCPT] = {OK(CONNECT), OK(EHLO), OK(MAIL), OK(RCPT), END},
    [STATE_CONTENT] = {OK(CONNECT), OK(EHLO), OK(MAIL), OK(RCPT), GO(DATA), END},
    [STATE_BDAT] = {OK(CONNECT), OK(EHLO), OK(MAIL), OK(RCPT), OK(BDAT), END},
    [STATE_REJECTED] = {NO(CONNECT), END},
    [STATE_QUIT] = {OK(CONNECT), OK(QUIT), END},
    [STATE_SHUT] = {OK(CONNECT), {CLOSES, OUTCOME_OK}, END},
};

static const struct step security_ways[SECURITY_STATE_COUNT][STEPS_MAX] = {
    [SECURITY_STATE_PLAIN] = {OK(CONNECT), OK(EHLO), END},
    [SECURITY_STATE_AUTHENTICATED] = {OK(CONNECT), OK(EHLO), OK(AUTH), END},
    [SECURITY_STATE_ENCRYPTED] = {OK(CONNECT), OK(EHLO), OK(STARTTLS), OK(EHLO), END},
    [SECURITY_STATE_BOTH] = {OK(CONNECT), OK(EHLO), OK(STARTTLS), OK(EHLO), OK(AUTH), END},
};

static const char *const security_names[SECURITY_STATE_COUNT] = {
    [SECURITY_STATE_PLAIN] = "plain",
    [SECURITY_STATE_AUTHENTICATED] = "authenticated",
    [SECURITY_STATE_ENCRYPTED] = "encrypted",
    [SECURITY_STATE_BOTH] = "authenticated_encrypted",
};

static void go(struct machine *machine, const struct step way[])
{
    if (!machine_restart(machine, false))
        exit(EXIT_FAILURE);
    for (size_t i = 0; way[i].command >= 0; i++)
        if (way[i].command == CLOSES)
            machine_close(machine);
        else
            machine_play(machine, (enum command)way[i].command, way[i].outcome);
}

static void print_set(const char *kind, const char *state, command_set set)
{
    printf("%s\t%s", kind, state);
    for (int command = 0; command < COMMAND_COUNT; command++)
        if (set & COMMAND_BIT(command))
            printf("\t%s", command_name((enum command)command));
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

static void print_lookups(enum session_state state, command_set order, command_set security[])
{
    for (int s = 0; s < SECURITY_STATE_COUNT; s++)
        for (int command = 0; command < COMMAND_COUNT; command++) {
            if (order & security[s] & COMMAND_BIT(command))
                continue;
            const struct rule *rule =
                rule_of_order(state, (enum security_state)s, (enum command)command);
            printf("lookup\t%s\t%s\t%s\t%s\n", state_symbol(state), security_names[s],
                   command_name((enum command)command), rule ? rule->name : "-");
        }
}

int main(void)
{
    static const uint32_t security_bits[SECURITY_STATE_COUNT] = {
        [SECURITY_STATE_AUTHENTICATED] = RULE_STATE_AUTHENTICATED,
        [SECURITY_STATE_ENCRYPTED] = RULE_STATE_ENCRYPTED,
        [SECURITY_STATE_BOTH] = RULE_STATE_AUTHENTICATED | RULE_STATE_ENCRYPTED,
    };
    command_set security[SECURITY_STATE_COUNT];
    struct machine *machine = machine_new(false);
    if (!machine)
        return EXIT_FAILURE;
    for (int state = 0; state < SECURITY_STATE_COUNT; state++) {
        go(machine, security_ways[state]);
        if (machine_security(machine) != (enum security_state)state)
            return EXIT_FAILURE;
        security[state] = machine_expects_security(machine);
        print_set("security", security_names[state],
                  security[state] & (COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_STARTTLS)));
        for (int command = 0; command < COMMAND_COUNT; command++)
            print_rules(security_names[state], security_bits[state], (enum command)command);
    }
    for (int state = 0; state < STATE_COUNT; state++) {
        const char *name = state_symbol((enum session_state)state);
        go(machine, ways[state]);
        if (machine_state(machine) != (enum session_state)state)
            return EXIT_FAILURE;
        command_set order = machine_expects_order(machine);
        print_set("order", name, order);
        for (int command = 0; command < COMMAND_COUNT; command++)
            print_rules(name, UINT32_C(1) << state, (enum command)command);
        print_lookups((enum session_state)state, order, security);
    }
    machine_free(machine);
    return EXIT_SUCCESS;
}
