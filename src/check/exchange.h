/* exchange.h - passes what happens in a session on to those who follow it: its replay, its judge, what looks
 * for secrets, for its outcome, and for what speaks against the reading.
 */
#ifndef SMTPSEQ_CHECK_EXCHANGE_H
#define SMTPSEQ_CHECK_EXCHANGE_H

#include "check/conversation.h"

/* Takes an exchange. */
void conversation_exchange(struct conversation *conversation, const struct exchange *exchange);

/* A line contradicts the reading. When that has happened again and again, and speaks louder than what
 * fits, the session is not judged any more. */
void conversation_contradict(struct conversation *conversation, const struct line_view *line);

#endif
