/* gathered.h - what is said at the end of a run of all files together.
 *
 * A file's own is kept until its turn comes, and then becomes a part of the run's: with 10,000 files to
 * check, none of them may cost memory to the end.
 */
#ifndef SMTPSEQ_GATHERED_H
#define SMTPSEQ_GATHERED_H

#include "report/forward_list.h"
#include "report/outcomes.h"
#include "report/statistics.h"

/* All zero at first. */
struct gathered {
    struct forward_list forwards;   /* forwards: the answers */
    struct statistics statistics;   /* check: of what is reported */
    struct outcome_groups outcomes; /* check: what became of the sessions */
};

/* Adds what became of a session; with `statistics` also its slowest reply. Returns false when out of memory. */
bool gathered_add_session(struct gathered *gathered, const char *path, uint64_t number,
                          const struct session_outcome *outcome, bool statistics);

/* Adds those of a later file, which is emptied. Returns false when out of memory. */
bool gathered_merge(struct gathered *gathered, struct gathered *later);

void gathered_free(struct gathered *gathered);

#endif
