/* statistics.h - findings counted by rule, file, peer, client and day: --statistics.
 */
#ifndef SMTPSEQ_STATISTICS_H
#define SMTPSEQ_STATISTICS_H

#include "rules/finding.h"

enum statistics_by { BY_RULE, BY_FILE, BY_PEER, BY_CLIENT, BY_DAY, BY_COUNT };

/* Different keys of a table that are counted apart; the others are added up. */
#define STATISTICS_KEYS 10000

struct statistics_row {
    char *key;
    uint64_t findings[SEVERITY_COUNT];
};

/* All zero at first. */
struct statistics {
    struct {
        struct statistics_row *rows; /* by key; after statistics_sort the most frequent first */
        size_t count, capacity;
        uint64_t others; /* findings with other keys */
    } tables[BY_COUNT];
};

/* "rule", "file", ... Static storage. */
const char *statistics_name(enum statistics_by by);

/* Count a finding, or those of a later file, which is emptied. False when out of memory. */
bool statistics_add(struct statistics *statistics, const char *file, const struct finding *finding);
bool statistics_merge(struct statistics *statistics, struct statistics *later);
void statistics_sort(struct statistics *statistics);
void statistics_free(struct statistics *statistics);

static inline uint64_t statistics_sum(const struct statistics_row *row)
{
    uint64_t sum = 0;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        sum += row->findings[i];
    return sum;
}

#endif
