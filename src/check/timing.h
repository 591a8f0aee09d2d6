/* timing.h - how long replies took, by the times of a log's lines.
 */
#ifndef SMTPSEQ_CHECK_TIMING_H
#define SMTPSEQ_CHECK_TIMING_H

#include "check/conversation.h"

/* How long the client waited for the reply, which ends with the line that is being taken; -1: the log
 * does not say. */
int64_t waited_for(struct conversation *conversation, const struct exchange *exchange);

#endif
