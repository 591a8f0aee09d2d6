/* plan.h - which rules see what, added up from their rows once for all sessions of a recording.
 */
#ifndef SMTPSEQ_PLAN_H
#define SMTPSEQ_PLAN_H

#include "rules/rules.h"

/* The rules for one kind of event, in the order in which they are checked: first those that may explain
 * a refusal, then those that want to know whether it is explained. */
struct plan_row {
    sight_set seen; /* what any of them sees */
    size_t count;
    sight_set sees[RULE_COUNT];
    uint8_t rules[RULE_COUNT];
};

struct plan {
    struct plan_row exchanges[COMMAND_COUNT]; /* by command */
    struct plan_row others;                   /* strays, observations, the end of a session */
};

/* Adds up the rows of the registry. */
void plan_make(struct plan *plan);

#endif
