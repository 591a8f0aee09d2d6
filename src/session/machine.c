/* machine.c - looks the next state up in the table of the grammars. */
#include "session/machine.h"

const char *state_name(enum session_state state)
{
    static const char *const names[STATE_COUNT] = {
#define X(name, symbol, reported, title) reported,
        SESSION_STATES(X)
#undef X
    };
    return names[state];
}

const char *state_symbol(enum session_state state)
{
    static const char *const symbols[STATE_COUNT] = {
#define X(name, symbol, reported, title) symbol,
        SESSION_STATES(X)
#undef X
    };
    return symbols[state];
}

const char *state_title(enum session_state state)
{
    static const char *const titles[STATE_COUNT] = {
#define X(name, symbol, reported, title) title,
        SESSION_STATES(X)
#undef X
    };
    return titles[state];
}

const char *security_state_symbol(enum security_state state)
{
    static const char *const symbols[SECURITY_STATE_COUNT] = {
#define X(name, symbol, title) symbol,
        SECURITY_STATES(X)
#undef X
    };
    return symbols[state];
}

const char *security_state_title(enum security_state state)
{
    static const char *const titles[SECURITY_STATE_COUNT] = {
#define X(name, symbol, title) title,
        SECURITY_STATES(X)
#undef X
    };
    return titles[state];
}

struct machine machine_start(bool encrypted)
{
    return (struct machine){
        .state = STATE_CONNECT,
        .security = encrypted ? SECURITY_STATE_ENCRYPTED : SECURITY_STATE_PLAIN,
    };
}

void machine_close(struct machine *machine)
{
    machine->state = machine_table.closed[machine->state];
}

void machine_end_tls(struct machine *machine)
{
    if (machine->security == SECURITY_STATE_ENCRYPTED)
        machine->security = SECURITY_STATE_PLAIN;
    else if (machine->security == SECURITY_STATE_BOTH)
        machine->security = SECURITY_STATE_AUTHENTICATED;
}

void machine_enter(struct machine *machine, enum command command)
{
    /* The usual way through a session. */
    static const struct {
        enum command command;
        enum outcome outcome;
    } way[] = {
        {COMMAND_CONNECT, OUTCOME_OK}, {COMMAND_EHLO, OUTCOME_OK}, {COMMAND_MAIL, OUTCOME_OK},
        {COMMAND_RCPT, OUTCOME_OK},    {COMMAND_DATA, OUTCOME_GO},
    };
    /* A hello says nothing about what came before it; most other commands come after one. A command
     * that is never in order says nothing either. */
    bool hello = command_is_hello(command);
    if (command == COMMAND_UNKNOWN)
        command = COMMAND_NOOP;
    size_t least = hello ? 1 : 2;
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        if (i >= least && (machine_expects(machine) & COMMAND_BIT(command)))
            return;
        machine_play(machine, way[i].command, way[i].outcome);
    }
}

size_t command_set_list(command_set set, enum command list[], size_t size)
{
    const command_set onward = COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT) |
                               COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_END_OF_DATA);
    size_t count = 0;
    /* Where no mail can move, a hello is what moves the session on: first, then. */
    bool hello_first = !(set & onward);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < COMMAND_COUNT; i++) {
            bool first = hello_first && (HELLO_COMMANDS & COMMAND_BIT(i));
            if ((set & COMMAND_BIT(i)) && first == (pass == 0) && count < size)
                list[count++] = (enum command)i;
        }
    return count;
}
