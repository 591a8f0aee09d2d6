/* judge.h - from verdicts to findings.
 *
 * Takes one session's exchanges with their verdicts and makes findings: what is wrong, which earlier
 * line is the cause, and what only follows from it. The rules are in the files *_rules.c, their
 * texts in the registry.
 */
#ifndef SMTPSEQ_JUDGE_H
#define SMTPSEQ_JUDGE_H

#include "rules/finding.h"
#include "rules/plan.h"
#include "session/session.h"

struct finding_sink {
    void *context;
    /* In the order of lines within a session, when it has ended. The finding becomes the receiver's,
     * who frees it with finding_free. */
    void (*finding)(void *context, struct finding *finding);
    const struct catalogue *language; /* findings are worded in it as well; NULL: in English only */
};

/* A judge, owned by the caller; judge_new returns NULL when out of memory. `plan` and `servers` stay the
 * caller's; the plan must outlive the judge, the servers the findings as well. */
struct judge;
struct judge *judge_new(const struct finding_sink *sink, const struct server_set *servers,
                        const struct plan *plan);
void judge_free(struct judge *judge);

/* Passes on what has been found so far, while the session runs; what follows from it is still folded into
 * it. Returns false when out of memory. */
bool judge_tell(struct judge *judge);

/* Returns true if something has been found that judge_tell has not passed on. */
bool judge_holds(const struct judge *judge);

/* The line before which no more findings of the session under way will come: that of the last one
 * passed on while it runs; 0 where there is none. */
uint64_t judge_settled(const struct judge *judge);

/* Octets of memory that the judge holds. */
size_t judge_memory(const struct judge *judge);

/* The life of a session. `session` is the replay that gave the verdict, as it is after the exchange.
 * False when out of memory. */
bool judge_begin(struct judge *judge, uint64_t session_number);
bool judge_exchange(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict);
/* Returns true if no rule can have a word to say of the exchange, which is in order, answered as it should be,
 * and has no flag: neither of how it was sent nor of what it says. judge_pass then comes to the same as
 * judge_exchange. */
bool judge_may_pass(const struct judge *judge, const struct session *session,
                    const struct exchange *exchange);
bool judge_pass(struct judge *judge, const struct exchange *exchange,
                const struct verdict *verdict);
bool judge_stray(struct judge *judge, const struct session *session, const struct stray *stray);
bool judge_observation(struct judge *judge, const struct session *session,
                       const struct observation *observation);

/* The session contradicts the way in which the recording is read, from that line on: reports it once.
 * `reading`: that way, in words. `withhold`: what has been found from there on is taken back, and
 * nothing more of the session is reported. Returns false when out of memory. */
bool judge_unreadable(struct judge *judge, const struct session *session,
                      const struct line_copy *from, const char *reading, bool withhold);

bool judge_end(struct judge *judge, const struct session *session, const struct session_end *end);

#endif
