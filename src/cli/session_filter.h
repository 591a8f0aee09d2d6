/* session_filter.h - which sessions and rules are asked for: --session, --peer, --since, --until, --rule.
 */
#ifndef SMTPSEQ_SESSION_FILTER_H
#define SMTPSEQ_SESSION_FILTER_H

#include "cli/command_line.h"
#include "rules/rules.h"
#include "smtp/session_label.h"

/* All zero: everything is wanted. The texts are those of the command line. */
struct session_filter {
    bool active;         /* one of the first four is set */
    const char *session; /* numbers and ranges with commas ("3,7-9"), or a part of the name or id */
    const char *peer;    /* a part of the address */
    bool has_since, has_until;
    struct log_time since, until;
    bool has_rules;
    bool rules[RULE_COUNT];
};

/* Returns true if a session is wanted. */
bool filter_wants_session(const struct session_filter *filter, uint64_t number,
                          const struct session_label *label);

/* Returns true if the findings of a rule are wanted. */
bool filter_wants_rule(const struct session_filter *filter, const struct rule *rule);

/* Says that no session is one that the options ask for. */
void filter_say_none(enum cli_command command, uint64_t sessions);

#endif
