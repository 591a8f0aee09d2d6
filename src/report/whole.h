/* whole.h - replay for formats that show a session as a whole, though a log interleaves sessions.
 *
 * A format puts these four into its row and draws in `session`, which is called for each session in
 * turn when the recording has been read. A recording of more than KEPT_STEPS_MAX exchanges comes in
 * several parts: a session that has `cleared` exchanges goes on where it stopped.
 */
#ifndef SMTPSEQ_WHOLE_H
#define SMTPSEQ_WHOLE_H

#include "report/kept.h"

void whole_begin(struct report *report, const char *file);
void whole_exchange(const struct report *report, const char *file, uint64_t session,
                    const struct exchange *exchange, const struct verdict *verdict);
void whole_file(const struct report *report, const char *file,
                const struct smtpseq_recording *recording);
void whole_end(struct report *report);

#endif
