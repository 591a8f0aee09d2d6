/* rules.h - the registry: every rule of smtpseq, one row each in registry.def.
 *
 * A row holds all that is known about a rule; the enum, `smtpseq rules`, `smtpseq explain` and the
 * reports come out of it. Codes are for ever and never reused.
 */
#ifndef SMTPSEQ_RULES_H
#define SMTPSEQ_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "session/machine.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_COUNT };
enum fault { FAULT_CLIENT, FAULT_SERVER, FAULT_RECORDING, FAULT_COUNT };

enum rule_id {
#define RULE(id, ...) RULE_##id,
#include "rules/registry.def"
#undef RULE
    RULE_COUNT
};

struct rule {
    const char *code; /* SQ001 */
    const char *name; /* mail-before-hello */
    enum severity severity;
    enum fault fault;
    uint32_t states;      /* rules of order: the states (RULE_STATE_...) ... */
    command_set commands; /* ... and the commands that are out of order in them; else 0 */
    const char *title;    /* in a line */
    const char *what, *when, *fix;
    const char *did; /* what smtpseq does next */
    const char *rfc;
    const char *before, *after; /* a dialogue that draws it, and the same put right */
};

/* States of both grammars as a set; bit n is the session state n. */
#define RULE_STATE_AUTHENTICATED (UINT32_C(1) << 30)
#define RULE_STATE_ENCRYPTED     (UINT32_C(1) << 31)

extern const struct rule smtpseq_rules[];
extern const size_t smtpseq_rule_count;

/* The rule of that name or code, in whatever case; NULL where there is none. */
const struct rule *rule_by_name(const char *name);

/* The rule that `command` breaks in this state, or NULL where it is in order: first by TLS and
 * authentication, which give the more exact reason, then by the order of commands. */
const struct rule *rule_of_order(enum session_state state, enum security_state security,
                                 enum command command);

/* "error", "warning", "note"; "client", "server", "recording". Static storage. */
const char *severity_name(enum severity severity);
const char *fault_name(enum fault fault);

#endif
