/* to_come.h - rules that no recording draws by itself.
 *
 * They have no fixtures and their examples prove nothing. check_rules.c sees to it that a rule
 * leaves this list with its first finding or its first fixture.
 */
#ifndef SMTPSEQ_TO_COME_H
#define SMTPSEQ_TO_COME_H

#include <string.h>

static const struct {
    const char *name, *why;
} rules_to_come[] = {
    {"plaintext-after-starttls", "only a capture shows that nothing was inside TLS"},
    {"refused-by-server", "only --server draws it: tests/cli/cases/servers.txt"},
};

/* Why a rule is on the list; NULL: it is not. */
static inline const char *why_to_come(const char *rule)
{
    for (size_t i = 0; i < sizeof rules_to_come / sizeof rules_to_come[0]; i++)
        if (strcmp(rules_to_come[i].name, rule) == 0)
            return rules_to_come[i].why;
    return NULL;
}

#endif
