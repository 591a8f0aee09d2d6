/* outcomes.h - what became of the sessions: in words, and grouped where many ended alike.
 */
#ifndef SMTPSEQ_OUTCOMES_H
#define SMTPSEQ_OUTCOMES_H

#include <stdio.h>

#include "smtpseq.h"

/* Writes the outcome in words, without the session's name: "in order; RCPT refused at line 28 (554 5.7.1
 * ...): ...". Text of the recording is escaped for a terminal. */
void outcome_print(FILE *out, const struct session_outcome *outcome,
                   const struct catalogue *language);

/* The same in memory, owned by the caller; NULL when out of memory. */
char *outcome_text(const struct session_outcome *outcome, const struct catalogue *language);

/* Returns true if the session did what it was for, and nothing needs to be said. */
bool outcome_is_plain(const struct session_outcome *outcome);

/* How many sessions of a group are shown one by one, and how many groups are kept. */
#define OUTCOME_SAMPLES    3
#define OUTCOME_GROUPS_MAX 1000

struct outcome_sample {
    char *file;
    uint64_t session;
    struct session_outcome outcome;
};

/* Sessions with the same outcome. */
struct outcome_group {
    uint64_t count;
    struct outcome_sample samples[OUTCOME_SAMPLES]; /* the first ones */
};

/* All zero at first. */
struct outcome_groups {
    struct outcome_group *list; /* in the order of their first sessions; without plain ones ... */
    size_t count, capacity;
    uint64_t results[RESULT_COUNT]; /* ... but these are all sessions */
    uint64_t left;                  /* sessions that are in no group, since there are too many */
    struct outcome_sample plain;    /* the first plain one; file NULL: there is none */
};

/* Add a session, or the groups of a later file, which are emptied. False when out of memory. */
bool outcomes_add(struct outcome_groups *groups, const char *file, uint64_t session,
                  const struct session_outcome *outcome);
bool outcomes_merge(struct outcome_groups *groups, struct outcome_groups *later);
void outcomes_free(struct outcome_groups *groups);

/* How many samples a group has: fewer than it counts where there are many, or was no memory. */
size_t outcome_samples(const struct outcome_group *group);

/* Writes "12 delivered, 5 refused"; zero counts are omitted. Returns false if there is nothing. */
bool outcomes_print_counts(FILE *out, const struct outcome_groups *groups,
                           const struct catalogue *language);

#endif
