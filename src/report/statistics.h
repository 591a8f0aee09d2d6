/* statistics.h - findings counted by rule, file, peer, client and day, and the slowest replies: --statistics.
 */
#ifndef SMTPSEQ_STATISTICS_H
#define SMTPSEQ_STATISTICS_H

#include <stdio.h>

#include "rules/finding.h"
#include "session/reply_times.h"
#include "session/session_outcome.h"

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
    struct reply_times times;
};

/* "rule", "file", ... Static storage. */
const char *statistics_name(enum statistics_by by);

/* Count a finding, or those of a later file, which is emptied. False when out of memory. */
bool statistics_add(struct statistics *statistics, const char *file, const struct finding *finding);
/* Counts the slowest reply of a session. */
bool statistics_add_session(struct statistics *statistics, const char *file,
                            const struct session_outcome *outcome);
bool statistics_merge(struct statistics *statistics, struct statistics *later);
void statistics_sort(struct statistics *statistics);
void statistics_free(struct statistics *statistics);

/* Writes a table, nothing where the logs have no times. `counted`: "replies", or "sessions" where only the
 * slowest reply of each is in it. */
void reply_times_print(FILE *out, const struct reply_times *times, const char *counted,
                       const struct catalogue *language);

static inline uint64_t statistics_sum(const struct statistics_row *row)
{
    uint64_t sum = 0;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        sum += row->findings[i];
    return sum;
}

#endif
