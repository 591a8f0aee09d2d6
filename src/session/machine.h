/* machine.h - the state machine of a session: a constant table made from the two grammars.
 *
 * grammar/session.y has the order of the commands, grammar/security.y TLS and authentication.
 * grammar/walk.c plays every exchange in every state of the parsers that bison makes of them, when
 * smtpseq is built, and writes down where each leads. A machine is one session's place in that
 * table.
 */
#ifndef SMTPSEQ_MACHINE_H
#define SMTPSEQ_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/catalogue.h"
#include "smtp/command.h"

/* The states of session.y, in the order in which a session meets them: symbol in the grammar,
 * name in reports, what is known in it. */
#define SESSION_STATES(X)                                                                    \
    X(CONNECT, "connect", "connect", N_("the connection is made, no greeting yet"))          \
    X(GREETED, "greeted", "greeted", N_("220 received, no EHLO or HELO accepted yet"))       \
    X(SECURED, "secured", "greeted", N_("TLS has begun, EHLO has to come again"))            \
    X(READY, "ready", "ready", N_("EHLO or HELO accepted, no transaction"))                  \
    X(CHUNKED, "chunked", "ready", N_("a message has ended with BDAT LAST, no transaction")) \
    X(MAIL, "mail", "mail", N_("MAIL accepted, no recipient yet"))                           \
    X(REFUSED, "refused", "refused", N_("every recipient so far was refused"))               \
    X(RCPT, "rcpt", "rcpt", N_("at least one recipient accepted"))                           \
    X(CONTENT, "content", "content", N_("354 received, the message is being sent"))          \
    X(EXCH50, "exch50", "content", N_("354 to XEXCH50 received, its octets are being sent")) \
    X(BDAT, "bdat", "bdat", N_("between two chunks of a message"))                           \
    X(REJECTED, "rejected", "rejected", N_("the greeting was a refusal"))                    \
    X(QUIT, "quit", "closed", N_("QUIT accepted"))                                           \
    X(SHUT, "shut", "closed", N_("closed by the server with 421"))

enum session_state {
#define X(name, symbol, reported, title) STATE_##name,
    SESSION_STATES(X)
#undef X
        STATE_COUNT
};

/* The states of security.y: symbol in the grammar, what is known in it. */
#define SECURITY_STATES(X)                                     \
    X(PLAIN, "plain", N_("neither TLS nor logged in"))         \
    X(AUTHENTICATED, "authenticated", N_("logged in, no TLS")) \
    X(ENCRYPTED, "encrypted", N_("TLS, not logged in"))        \
    X(BOTH, "authenticated_encrypted", N_("TLS, and logged in"))

enum security_state {
#define X(name, symbol, title) SECURITY_STATE_##name,
    SECURITY_STATES(X)
#undef X
        SECURITY_STATE_COUNT
};

/* How an exchange ended, as far as the order of commands is concerned. */
enum outcome {
    OUTCOME_OK,           /* 2yz */
    OUTCOME_GO,           /* 3yz */
    OUTCOME_REFUSED,      /* 4yz, 5yz */
    OUTCOME_UNRECOGNIZED, /* 500, 502: the server does not have the command */
    OUTCOME_COUNT
};

/* Returns the outcome for a reply code (RFC 5321 4.2.1: the first digit decides). A number that
 * is not a reply code counts as a refusal. */
static inline enum outcome outcome_of(int code)
{
    if (code == 500 || code == 502)
        return OUTCOME_UNRECOGNIZED;
    if (code >= 200 && code < 300)
        return OUTCOME_OK;
    if (code >= 300 && code < 400)
        return OUTCOME_GO;
    return OUTCOME_REFUSED;
}

/* The state's name in reports (connect, greeted, ready, ..., closed), its own
 * name in session.y (tells secured from greeted), and what is known in it. Static storage. */
const char *state_name(enum session_state state);
const char *state_symbol(enum session_state state);
const char *state_title(enum session_state state);

/* The same for the states of security.y. Static storage. */
const char *security_state_symbol(enum security_state state);
const char *security_state_title(enum security_state state);

/* The commands that security.y sees. */
#define SECURITY_COMMANDS (COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_STARTTLS))

/* The two grammars as tables. */
struct machine_table {
    /* The commands that are in order in a state. */
    command_set expected[STATE_COUNT];
    /* The state after a command with that outcome. A command that is out of order leads on only
     * where the server took it and session.y has a production for that. */
    unsigned char next[STATE_COUNT][COMMAND_COUNT][OUTCOME_COUNT];
    /* The state after the server has closed (421). */
    unsigned char closed[STATE_COUNT];
    /* The state to which a session without a hello falls back when a transaction is over: [0]
     * without STARTTLS, [1] after it. */
    unsigned char no_hello[STATE_COUNT][2];
    /* The same of security.y, where all but SECURITY_COMMANDS are in order and change nothing. */
    command_set security_expected[SECURITY_STATE_COUNT];
    unsigned char security_next[SECURITY_STATE_COUNT][COMMAND_COUNT][OUTCOME_COUNT];
};

/* Generated by grammar/walk.c. */
extern const struct machine_table machine_table;

/* One session's place in both grammars. Only the functions below change it. */
struct machine {
    unsigned char state;    /* enum session_state */
    unsigned char security; /* enum security_state */
    bool hello;             /* EHLO, HELO or LHLO accepted since the greeting or STARTTLS */
    bool secured;           /* STARTTLS has started the session again */
};

/* Returns a machine in STATE_CONNECT. `encrypted`: the connection began inside TLS. */
struct machine machine_start(bool encrypted);

static inline enum session_state machine_state(const struct machine *machine)
{
    return (enum session_state)machine->state;
}

static inline enum security_state machine_security(const struct machine *machine)
{
    return (enum security_state)machine->security;
}

/* Returns the commands that are in order now. */
static inline command_set machine_expects(const struct machine *machine)
{
    return machine_table.expected[machine->state] &
           machine_table.security_expected[machine->security];
}

/* A lenient server may take a whole transaction without a hello. When it is over, the hello is
 * still to come. */
static inline void machine_remember_hello(struct machine *machine, enum command command,
                                          enum outcome outcome)
{
    const command_set anew = COMMAND_BIT(COMMAND_STARTTLS) | COMMAND_BIT(COMMAND_XCLIENT);
    command_set here = COMMAND_BIT(command);
    if (outcome == OUTCOME_OK && (here & (HELLO_COMMANDS | anew))) {
        machine->hello = !(here & anew);
        machine->secured = machine->secured || command == COMMAND_STARTTLS;
    }
    if (!machine->hello)
        machine->state = machine_table.no_hello[machine->state][machine->secured];
}

/* Plays one exchange. */
static inline void machine_play(struct machine *machine, enum command command, enum outcome outcome)
{
    machine->state = machine_table.next[machine->state][command][outcome];
    machine->security = machine_table.security_next[machine->security][command][outcome];
    machine_remember_hello(machine, command, outcome);
}

/* The server closed the connection (421). */
void machine_close(struct machine *machine);

/* TLS has been shut down, and the connection goes on without it. */
void machine_end_tls(struct machine *machine);

/* Brings a fresh machine by the shortest way to a state in which `command` is in order: for a
 * recording that begins in the middle of a session. */
void machine_enter(struct machine *machine, enum command command);

/* Lists the commands of a set in the order in which a reader expects them: first those that move
 * the session on. Fills at most `size` entries and returns how many it filled. */
size_t command_set_list(command_set set, enum command list[], size_t size);

#endif
