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

/* What a rule can see: something about an exchange, or another event. */
enum sight {
    SEE_ANY,            /* every exchange */
    SEE_OUT_OF_ORDER,   /* the machine does not expect the command in this state */
    SEE_UNSEEN_REFUSAL, /* out of order, but only because of a refusal that the client had not seen */
    SEE_BEFORE_GREETING, /* sent before the 220 */
    SEE_AFTER_STARTTLS,  /* sent after STARTTLS without waiting for its reply */
    SEE_PAST_SYNC_POINT, /* sent after a command that ends a group, without waiting */
    SEE_IN_GROUP,        /* sent without waiting, and PIPELINING was not offered */
    SEE_EARLY_CONTENT,   /* AUTH, DATA: what belongs to it was sent before its 334 or 354 */
    SEE_MESSAGE_LINE,    /* a line of a message that no DATA was accepted for */
    SEE_ARGUMENT,        /* an argument that is more than a plain address */
    SEE_NO_ARGUMENT,     /* VRFY, EXPN: none at all */
    SEE_LONG,            /* a command of more than COMMAND_MAX octets */
    SEE_LINE_END,        /* its line holds a bare CR or LF */
    SEE_ODD_END,         /* the end of a message that is not CR LF . CR LF */
    SEE_AUTH_ANSWER,     /* an answer to a challenge that was not made */
    SEE_MISSING_REPLY,   /* later commands were answered, this one was not */
    SEE_MISFIT,          /* a reply that the command cannot draw */
    SEE_REFUSED,         /* a reply of 400 or more */
    SEE_503,             /* the reply 503 */
    SEE_FORWARD,         /* 251, 551 or 252 */
    SEE_SERVERS,         /* servers were named, which may answer otherwise */
    SEE_LATE,            /* its reply came after the time-out of RFC 5321 4.5.3.2 */
    SEE_GAVE_UP,         /* sent instead of waiting as long as that for a reply */
    /* Other events. */
    SEE_STRAY_EXTRA,     /* a reply to nothing */
    SEE_STRAY_MALFORMED, /* a line of the server that is no reply */
    SEE_STRAY_MIXED,     /* a reply with several codes */
    SEE_ANSWER,          /* an answer to a challenge of AUTH */
    SEE_LONG_LINE,       /* a line of a message that is too long */
    SEE_BARE_NEWLINE,    /* a bare CR or LF in a message or a reply */
    SEE_ODD_DOT,         /* a dot between line ends that are not both CR LF */
    SEE_AFTER_ODD_DOT,   /* a line after such a dot that reads like a command */
    SEE_CLEAR_REPLY,     /* a reply in the clear after the 220 to STARTTLS */
    SEE_CLEAR_COMMAND,   /* a command in the clear after the 220 to STARTTLS */
    SEE_FOREIGN,         /* octets of another protocol, from the client */
    SEE_UNREADABLE,      /* the session contradicts the way in which the recording is read */
    SEE_TRUNCATED,       /* the session ended in the middle of something */
    SEE_COUNT
};
typedef uint64_t sight_set;
#define SIGHT(name) (UINT64_C(1) << SEE_##name)

/* Further properties of a rule. */
enum need {
    NEED_NOTHING = 0,
    NEED_IN_ORDER = 1,    /* only for commands that were in order, as far as the recording tells */
    NEED_UNEXPLAINED = 2, /* only where no rule that EXPLAINS is broken by the same command */
    EXPLAINS = 4,         /* explains why the server refused the command */
    /* Rules that say the same of different commands: no transaction is open. */
    WANTS_TRANSACTION = 8,
    /* Rules of what is only refused because its cause was: a finding about that one says it all. */
    LEANS_ON_CAUSE = 32,
    /* Reported once a file, with the lines of the other sessions, unless each is asked for. */
    ONCE_A_FILE = 16
};

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
    uint32_t states;           /* rules of order: the states (RULE_STATE_...) ... */
    command_set commands;      /* ... and the commands that are out of order in them; else 0 */
    sight_set sees;            /* bits of enum sight ... */
    command_set seen_commands; /* ... and, of exchanges, those of which commands */
    unsigned needs;            /* bits of enum need */
    const char *title;         /* in a line */
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

/* Every command, the greeting included. */
#define COMMANDS_ALL ((UINT64_C(1) << COMMAND_COUNT) - 1)

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
