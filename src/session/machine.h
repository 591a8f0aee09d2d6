/* machine.h - the state machine of a session: a thin door to the two grammars.
 *
 * grammar/session.y holds the order of the commands, grammar/security.y TLS and authentication. A
 * machine is one session's place in both. It judges nothing that the grammars do not say.
 */
#ifndef SMTPSEQ_MACHINE_H
#define SMTPSEQ_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp/command.h"

/* The states of session.y, in the order in which a session meets them. SECURED and CHUNKED are seen
 * from outside as greeted and ready, QUIT and SHUT as closed (state_name). */
enum session_state {
    STATE_CONNECT,
    STATE_GREETED,
    STATE_SECURED,
    STATE_READY,
    STATE_CHUNKED,
    STATE_MAIL,
    STATE_REFUSED,
    STATE_RCPT,
    STATE_CONTENT,
    STATE_BDAT,
    STATE_REJECTED,
    STATE_QUIT,
    STATE_SHUT,
    STATE_COUNT
};

/* The states of security.y. */
enum security_state {
    SECURITY_STATE_PLAIN,
    SECURITY_STATE_AUTHENTICATED,
    SECURITY_STATE_ENCRYPTED,
    SECURITY_STATE_BOTH,
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

/* The outcome that a reply code stands for (RFC 5321 4.2.1: the first digit decides). A number that
 * is no reply code counts as a refusal. */
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

/* The state's name as CONTRACT-level output has it: connect, greeted, ready, mail, refused, rcpt,
 * content, bdat, rejected, closed. Static storage. */
const char *state_name(enum session_state state);

/* The state's own name in session.y (tells secured from greeted). Static storage. */
const char *state_symbol(enum session_state state);

/* A machine, owned by the caller; machine_free takes it back (NULL is allowed). machine_new gives
 * NULL when out of memory. `encrypted`: the connection began inside TLS. */
struct machine;
struct machine *machine_new(bool encrypted);
void machine_free(struct machine *machine);

/* A machine, not encrypted, that shares the parser of `other` and what that has answered. `other` stays
 * the caller's and must outlive it; both are for one thread. NULL when out of memory. */
struct machine *machine_share(struct machine *other);

/* Octets that it holds, without what it shares. */
size_t machine_memory(const struct machine *machine);

/* Puts a machine back to STATE_CONNECT. False when out of memory; the machine is then unusable
 * but may be freed. */
bool machine_restart(struct machine *machine, bool encrypted);

/* Forgets what the parser has answered; the state stays. For tests of that memory. */
void machine_forget(struct machine *machine);

enum session_state machine_state(const struct machine *machine);
enum security_state machine_security(const struct machine *machine);

/* A set of commands: bit n is command n. */
typedef uint64_t command_set;
#define COMMAND_BIT(command) (UINT64_C(1) << (command))
#define HELLO_COMMANDS \
    (COMMAND_BIT(COMMAND_EHLO) | COMMAND_BIT(COMMAND_HELO) | COMMAND_BIT(COMMAND_LHLO))

/* The commands that are in order now, straight from the automata. */
command_set machine_expects(const struct machine *machine);
/* The same for one grammar only: which of the two objects decides the rule. */
command_set machine_expects_order(const struct machine *machine);
command_set machine_expects_security(const struct machine *machine);

/* Plays one exchange. A command that is in order is played as it is; one that is not, only when the
 * server took it (OK or GO) and session.y has a production for that; else nothing changes. */
void machine_play(struct machine *machine, enum command command, enum outcome outcome);

/* The server closed the connection (421). */
void machine_close(struct machine *machine);

/* Brings a fresh machine by the shortest way to a state from which `command` is in order: for a
 * recording that begins in the middle of a session. */
void machine_enter(struct machine *machine, enum command command);

/* The commands of a set in the order in which a reader wants them: what moves the session on first.
 * Fills at most `size` and gives how many there are. */
size_t command_set_list(command_set set, enum command list[], size_t size);

#endif
