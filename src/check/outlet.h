/* outlet.h - where exchanges and findings leave the library: the one place that blanks secrets.
 *
 * A session remembers what it sent with AUTH (check/auth_watch.h); whatever is passed on of the
 * recording, before or after, is blanked here. Findings wait anyway until their session has ended;
 * exchanges wait in check/lookahead.h.
 */
#ifndef SMTPSEQ_CHECK_OUTLET_H
#define SMTPSEQ_CHECK_OUTLET_H

#include "check/lookahead.h"
#include "check/redact.h"
#include "smtpseq.h"

/* Outcomes that wait at most. */
#define OUTLET_SESSIONS 1024

/* What became of a session, until more of the recording has been read: a later line may show that the
 * reply in it repeats a password. */
struct ended_session {
    uint64_t number;
    struct session_outcome outcome;
};

struct outlet {
    struct smtpseq_callbacks callbacks;
    size_t servers; /* of the run: so many predictions has a verdict */
    struct secrets secrets;
    struct lookahead ahead;
    struct octet_buffer redacted;
    struct ended_session *ended; /* room for OUTLET_SESSIONS, or NULL */
    size_t ended_count;
};

/* Forgets the secrets of the recording before. */
void outlet_begin(struct outlet *outlet);
void outlet_free(struct outlet *outlet);

/* Takes an exchange. Returns false when out of memory. */
bool outlet_exchange(struct outlet *outlet, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict);

/* Passes a finding on, after the exchanges that wait. `context`: the outlet. */
void outlet_finding(void *context, struct finding *finding);

/* Takes what became of a session. Returns false when out of memory. */
bool outlet_session(struct outlet *outlet, uint64_t number, const struct session_outcome *outcome);

/* Passes the exchanges on that wait. */
void outlet_flush(struct outlet *outlet);

/* Passes on what became of the sessions that have ended. */
void outlet_end(struct outlet *outlet);

#endif
