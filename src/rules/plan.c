/* plan.c - adds up what the rows of the registry say that they see. */
#include "rules/plan.h"

/* The sights of exchanges; the others belong to other events. */
#define OF_EXCHANGES (SIGHT(STRAY_EXTRA) - 1)

static void add_rule(struct plan_row *row, size_t rule)
{
    row->seen |= smtpseq_rules[rule].sees;
    row->sees[row->count] = smtpseq_rules[rule].sees;
    row->rules[row->count++] = (uint8_t)rule;
}

/* Adds the rules of one of the two turns. */
static void add_rules(struct plan *plan, unsigned turn)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &smtpseq_rules[i];
        if ((rule->needs & NEED_UNEXPLAINED) != turn)
            continue;
        for (int command = 0; command < COMMAND_COUNT && (rule->sees & OF_EXCHANGES); command++)
            if (rule->seen_commands >> command & 1)
                add_rule(&plan->exchanges[command], i);
        if (rule->sees & ~OF_EXCHANGES)
            add_rule(&plan->others, i);
    }
}

void plan_make(struct plan *plan)
{
    _Static_assert(RULE_COUNT <= UINT8_MAX, "struct plan_row numbers rules with one octet");
    *plan = (struct plan){0};
    add_rules(plan, 0);
    add_rules(plan, NEED_UNEXPLAINED);
}
