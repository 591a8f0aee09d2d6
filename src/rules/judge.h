/* judge.h - from verdicts to findings.
 *
 * Takes one session's exchanges with their verdicts, gives findings: what is wrong, which earlier
 * line is the cause, and what only follows from it. The rules are in the files *_rules.c, their
 * texts in the registry.
 */
#ifndef SMTPSEQ_JUDGE_H
#define SMTPSEQ_JUDGE_H

#include "rules/finding.h"
#include "session/session.h"

struct finding_sink {
    void *context;
    /* In the order of lines within a session, when it has ended. The finding becomes the receiver's,
     * who frees it with finding_free. */
    void (*finding)(void *context, struct finding *finding);
};

/* A judge, owned by the caller; judge_new gives NULL when out of memory. `servers` stays the
 * caller's and must outlive the judge and the findings. */
struct judge;
struct judge *judge_new(const struct finding_sink *sink, const struct server_set *servers);
void judge_free(struct judge *judge);

/* The line before which no more findings of the session under way will come: that of the last one
 * given on while it runs; 0 where there is none. */
uint64_t judge_settled(const struct judge *judge);

/* Octets of memory that the judge holds. */
size_t judge_memory(const struct judge *judge);

/* The life of a session. `session` is the replay that gave the verdict, as it is after the exchange.
 * False when out of memory. */
bool judge_begin(struct judge *judge, uint64_t session_number);
bool judge_exchange(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict);
bool judge_stray(struct judge *judge, const struct session *session, const struct stray *stray);
bool judge_observation(struct judge *judge, const struct session *session,
                       const struct observation *observation);
bool judge_end(struct judge *judge, const struct session *session, const struct session_end *end);

#endif
