/* replay_sessions.h - replay for formats that show a session as a whole, although sessions are
 * interleaved in a log.
 *
 * A format puts these four functions into its row and draws in `session`, which is called for each
 * session when the recording has been read. A recording of more than COPIED_STEPS_MAX exchanges
 * comes in several parts: a session with `cleared` > 0 is continued.
 */
#ifndef SMTPSEQ_REPLAY_SESSIONS_H
#define SMTPSEQ_REPLAY_SESSIONS_H

#include "report/copied_sessions.h"

void replay_begin(struct report *report, const char *file);
void replay_exchange(const struct report *report, const char *file, uint64_t session,
                     const struct exchange *exchange, const struct verdict *verdict);
void replay_file(const struct report *report, const char *file,
                 const struct smtpseq_recording *recording);
void replay_end(struct report *report);

#endif
