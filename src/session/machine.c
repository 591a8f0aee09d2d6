/* machine.c - drives the two push parsers, one exchange at a time.
 *
 * Between two exchanges the whole of the order parser is one state of the session: no production
 * looks further back. So what it has answered once is remembered, and it is only asked what it has
 * not been asked before: the grammar decides, a table repeats it.
 */
#include "session/machine.h"

#include <assert.h>
#include <stdlib.h>

#include "security.tab.h"
#include "session.tab.h"

/* From the epilogues of the grammars. */
enum session_state order_state(const order_pstate *parser);
uint64_t order_expected(const order_pstate *parser);
int order_rest(const order_pstate *parser);
void order_enter(order_pstate *parser, int rest);
enum security_state security_state(const security_pstate *parser);
uint64_t security_expected(const security_pstate *parser);
size_t security_memory(const security_pstate *parser);

/* The order parser, and what it has said so far. */
struct memory {
    order_pstate *parser;
    enum session_state parsed; /* where it stands: it is left behind when it need not be asked */
    bool met[STATE_COUNT];     /* it has been in this state ... */
    int rest[STATE_COUNT];     /* ... which is this one of the automaton ... */
    command_set expected[STATE_COUNT]; /* ... and expects these */
    /* Where an exchange leads, plus one; 0: not known yet. */
    uint8_t next[STATE_COUNT][COMMAND_COUNT][OUTCOME_COUNT];
};

struct machine {
    enum session_state state;
    security_pstate *security_parser;
    enum security_state security;
    command_set security_expects;
    bool hello;   /* EHLO, HELO or LHLO accepted since the greeting or STARTTLS */
    bool secured; /* STARTTLS has begun the session again */
    struct memory *memory;
    bool shared; /* the memory is another machine's */
};

/* session.y declares its commands in the order of COMMANDS, so that a set of its tokens is a set of
 * commands but for a shift. */
#define X(name, spelling)                                                        \
    static_assert((int)ORDER_##name == (int)COMMAND_##name + (int)ORDER_CONNECT, \
                  "session.y and COMMANDS disagree about " spelling);
COMMANDS(X)
#undef X

#define COMMAND_SET_ALL ((UINT64_C(1) << COMMAND_COUNT) - 1)

static const int order_outcomes[OUTCOME_COUNT] = {
    [OUTCOME_OK] = ORDER_OK,
    [OUTCOME_GO] = ORDER_GO,
    [OUTCOME_REFUSED] = ORDER_REFUSED,
    [OUTCOME_UNRECOGNIZED] = ORDER_UNRECOGNIZED,
};

const char *state_name(enum session_state state)
{
    switch (state) {
    case STATE_SECURED:
        return "greeted";
    case STATE_CHUNKED:
        return "ready";
    case STATE_QUIT:
    case STATE_SHUT:
        return "closed";
    default:
        return state_symbol(state);
    }
}

const char *state_symbol(enum session_state state)
{
    static const char *const symbols[STATE_COUNT] = {
        [STATE_CONNECT] = "connect", [STATE_GREETED] = "greeted",   [STATE_SECURED] = "secured",
        [STATE_READY] = "ready",     [STATE_CHUNKED] = "chunked",   [STATE_MAIL] = "mail",
        [STATE_REFUSED] = "refused", [STATE_RCPT] = "rcpt",         [STATE_CONTENT] = "content",
        [STATE_BDAT] = "bdat",       [STATE_REJECTED] = "rejected", [STATE_QUIT] = "quit",
        [STATE_SHUT] = "shut",
    };
    return symbols[state];
}

static void push_order(struct machine *machine, int token)
{
    order_push_parse(machine->memory->parser, token, NULL);
}

/* Takes over the state in which the parser is, and what it expects there. */
static void follow_order(struct machine *machine)
{
    struct memory *memory = machine->memory;
    enum session_state state = order_state(machine->memory->parser);
    machine->state = memory->parsed = state;
    if (memory->met[state])
        return;
    memory->met[state] = true;
    memory->rest[state] = order_rest(machine->memory->parser);
    memory->expected[state] =
        (order_expected(machine->memory->parser) >> ORDER_CONNECT) & COMMAND_SET_ALL;
}

/* Brings the parser to where the machine is, before it is asked. */
static void catch_up(struct machine *machine)
{
    if (machine->memory->parsed == machine->state)
        return;
    order_enter(machine->memory->parser, machine->memory->rest[machine->state]);
    machine->memory->parsed = machine->state;
}

static void push_security(struct machine *machine, int token)
{
    security_push_parse(machine->security_parser, token, NULL);
}

static void follow_security(struct machine *machine)
{
    uint64_t expected = security_expected(machine->security_parser);
    command_set set = COMMAND_SET_ALL & ~COMMAND_BIT(COMMAND_AUTH) & ~COMMAND_BIT(COMMAND_STARTTLS);
    if (expected & UINT64_C(1) << SECURITY_AUTH)
        set |= COMMAND_BIT(COMMAND_AUTH);
    if (expected & UINT64_C(1) << SECURITY_STARTTLS)
        set |= COMMAND_BIT(COMMAND_STARTTLS);
    machine->security_expects = set;
    machine->security = security_state(machine->security_parser);
}

/* The rest of a machine that has a memory, or has not got one. */
static struct machine *make_ready(struct machine *machine, bool encrypted)
{
    if (machine->memory && machine->memory->parser && machine_restart(machine, encrypted))
        return machine;
    machine_free(machine);
    return NULL;
}

struct machine *machine_new(bool encrypted)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    machine->memory = calloc(1, sizeof *machine->memory);
    if (machine->memory)
        machine->memory->parser = order_pstate_new();
    return make_ready(machine, encrypted);
}

struct machine *machine_share(struct machine *other)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    machine->memory = other->memory;
    machine->shared = true;
    return make_ready(machine, false);
}

void machine_free(struct machine *machine)
{
    if (!machine)
        return;
    if (!machine->shared && machine->memory) {
        if (machine->memory->parser)
            order_pstate_delete(machine->memory->parser);
        free(machine->memory);
    }
    if (machine->security_parser)
        security_pstate_delete(machine->security_parser);
    free(machine);
}

size_t machine_memory(const struct machine *machine)
{
    return sizeof *machine + security_memory(machine->security_parser);
}

bool machine_restart(struct machine *machine, bool encrypted)
{
    machine->state = STATE_CONNECT;
    if (!machine->memory->met[STATE_CONNECT]) {
        order_enter(machine->memory->parser, 0);
        follow_order(machine);
    }
    machine->hello = machine->secured = false;
    if (machine->security_parser)
        security_pstate_delete(machine->security_parser);
    machine->security_parser = security_pstate_new();
    if (!machine->security_parser)
        return false;
    push_security(machine, encrypted ? SECURITY_CONNECT_TLS : SECURITY_CONNECT);
    follow_security(machine);
    return true;
}

void machine_forget(struct machine *machine)
{
    struct memory *memory = machine->memory;
    catch_up(machine);
    *memory = (struct memory){.parser = memory->parser};
    follow_order(machine);
}

enum session_state machine_state(const struct machine *machine)
{
    return machine->state;
}

enum security_state machine_security(const struct machine *machine)
{
    return machine->security;
}

command_set machine_expects_order(const struct machine *machine)
{
    return machine->memory->expected[machine->state];
}

command_set machine_expects_security(const struct machine *machine)
{
    return machine->security_expects;
}

command_set machine_expects(const struct machine *machine)
{
    return machine_expects_order(machine) & machine_expects_security(machine);
}

/* Whether `token` may be pushed now. */
static bool order_expects(const struct machine *machine, int token)
{
    return order_expected(machine->memory->parser) >> token & 1;
}

/* Pushes the outcome of a command that has just been pushed. Where the grammar has no place for it
 * (a DATA that is answered 250), the exchange counts as refused: nothing has begun. */
static void push_outcome(struct machine *machine, enum outcome outcome)
{
    int token = order_outcomes[outcome];
    if (!order_expects(machine, token))
        token = ORDER_REFUSED;
    push_order(machine, token);
}

/* A command that was out of order and taken all the same. The grammar lists which outcomes mean
 * that it was; asking first keeps the parser out of a syntax error. */
static void play_tolerated(struct machine *machine, enum command command, enum outcome outcome)
{
    bool begins_content = command == COMMAND_DATA;
    bool no_change_unless_ok = command == COMMAND_STARTTLS || command == COMMAND_RCPT;
    if (outcome != OUTCOME_OK && outcome != OUTCOME_GO)
        return;
    enum session_state state = machine_state(machine);
    bool over = state == STATE_REJECTED || state == STATE_QUIT || state == STATE_SHUT;
    if (!over && begins_content && outcome != OUTCOME_GO)
        return;
    if (!over && no_change_unless_ok && outcome != OUTCOME_OK)
        return;
    if (!order_expects(machine, ORDER_TOLERATED))
        return;
    push_order(machine, ORDER_TOLERATED);
    push_order(machine, (int)command + ORDER_CONNECT);
    int token = order_outcomes[outcome];
    push_order(machine, order_expects(machine, token) ? token : ORDER_OK);
}

/* AUTH and STARTTLS, in the second grammar. XCLIENT starts the session again, user and all. */
static void play_security(struct machine *machine, enum command command, enum outcome outcome)
{
    int token = command == COMMAND_AUTH ? SECURITY_AUTH : SECURITY_STARTTLS;
    bool expected = security_expected(machine->security_parser) >> token & 1;
    if (!expected) {
        if (outcome != OUTCOME_OK)
            return;
        push_security(machine, SECURITY_TOLERATED);
    }
    push_security(machine, token);
    push_security(machine, outcome == OUTCOME_OK ? SECURITY_OK : SECURITY_REFUSED);
    follow_security(machine);
}

/* A lenient server may take a whole transaction without a hello. When it is over, the hello is still
 * to come. */
static void remember_hello(struct machine *machine, enum command command, enum outcome outcome)
{
    if (outcome == OUTCOME_OK && command_is_hello(command))
        machine->hello = true;
    if (outcome == OUTCOME_OK && (command == COMMAND_STARTTLS || command == COMMAND_XCLIENT))
        machine->hello = false;
    if (outcome == OUTCOME_OK && command == COMMAND_STARTTLS)
        machine->secured = true;
    enum session_state state = machine->state;
    if (machine->hello || (state != STATE_READY && state != STATE_CHUNKED))
        return;
    catch_up(machine);
    push_order(machine, machine->secured ? ORDER_NO_HELLO_TLS : ORDER_NO_HELLO);
    follow_order(machine);
}

/* The order of commands, asked of the parser. */
static void parse_order(struct machine *machine, enum command command, enum outcome outcome)
{
    catch_up(machine);
    if (order_expects(machine, (int)command + ORDER_CONNECT)) {
        push_order(machine, (int)command + ORDER_CONNECT);
        push_outcome(machine, outcome);
    } else {
        play_tolerated(machine, command, outcome);
    }
    follow_order(machine);
}

void machine_play(struct machine *machine, enum command command, enum outcome outcome)
{
    uint8_t *next = &machine->memory->next[machine->state][command][outcome];
    if (*next > 0) {
        machine->state = (enum session_state)(*next - 1);
    } else {
        parse_order(machine, command, outcome);
        *next = (uint8_t)(machine->state + 1);
    }
    if (command == COMMAND_AUTH || command == COMMAND_STARTTLS)
        play_security(machine, command, outcome);
    remember_hello(machine, command, outcome);
}

void machine_close(struct machine *machine)
{
    catch_up(machine);
    if (order_expects(machine, ORDER_CLOSE))
        push_order(machine, ORDER_CLOSE);
    follow_order(machine);
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
    /* A hello says nothing about what was before it; most others are said behind one. What is never
     * in order says nothing either. */
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
