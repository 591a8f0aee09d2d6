/* to_come.h - rules whose examples prove nothing: a transcript cannot draw them.
 *
 * They have no fixtures either, unless another form of recording draws them. check_rules.c sees to it
 * that a rule leaves this list with its first finding or its first fixture in a transcript.
 */
#ifndef SMTPSEQ_TO_COME_H
#define SMTPSEQ_TO_COME_H

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name, *why;
    bool has_fixtures; /* dumps of octets, which draw it */
} rules_to_come[] = {
    {"plaintext-after-starttls", "only octets show that nothing was inside TLS", true},
    {"refused-by-server", "only --server draws it: tests/cli/cases/servers.txt", false},
};

/* Returns true if no transcript can draw the rule. */
static inline bool is_to_come(const char *rule)
{
    for (size_t i = 0; i < sizeof rules_to_come / sizeof rules_to_come[0]; i++)
        if (strcmp(rules_to_come[i].name, rule) == 0)
            return true;
    return false;
}

/* Returns true if the rule has to have a catch and a near miss. */
static inline bool wants_fixtures(const char *rule)
{
    for (size_t i = 0; i < sizeof rules_to_come / sizeof rules_to_come[0]; i++)
        if (strcmp(rules_to_come[i].name, rule) == 0)
            return rules_to_come[i].has_fixtures;
    return true;
}

#endif
