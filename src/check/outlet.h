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

struct outlet {
    struct smtpseq_callbacks callbacks;
    size_t servers; /* of the run: so many predictions has a verdict */
    struct secrets secrets;
    struct lookahead ahead;
    struct redacted redacted;
};

/* Forgets the secrets of the recording before. */
void outlet_begin(struct outlet *outlet);
void outlet_free(struct outlet *outlet);

/* Takes an exchange. Returns false when out of memory. */
bool outlet_exchange(struct outlet *outlet, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict);

/* Passes a finding on, after the exchanges that wait. `context`: the outlet. */
void outlet_finding(void *context, struct finding *finding);

/* Passes the exchanges on that wait. */
void outlet_flush(struct outlet *outlet);

#endif
