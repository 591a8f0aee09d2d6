/* redact.h - findings and exchanges without the secrets of their recording.
 */
#ifndef SMTPSEQ_CHECK_REDACT_H
#define SMTPSEQ_CHECK_REDACT_H

#include "base/octet_buffer.h"
#include "check/secrets.h"
#include "rules/finding.h"

/* Blanks what a finding repeats of a recording, and says where its mark is in the line that is left.
 * `show`: secrets stay, but for the name by which a baseline knows the finding. */
void redact_finding(struct secrets *secrets, struct finding *finding, bool show);

/* Blanks the secrets in what a log calls a session. */
void redact_label(struct secrets *secrets, struct session_label *label);

/* Blanks the texts of an exchange whose replies are `replies`. The texts that are left stand in
 * `redacted` until the next call. */
void redact_exchange(struct secrets *secrets, struct octet_buffer *redacted,
                     struct exchange *exchange, struct reply replies[],
                     const struct verdict *verdict);

#endif
