/* sights.h - what there is to see of an exchange, and what the judge remembers of it for later ones.
 */
#ifndef SMTPSEQ_SIGHTS_H
#define SMTPSEQ_SIGHTS_H

#include "rules/case.h"

/* Returns the sights of the exchange; SIGHT(ANY) alone for most. Called once for each, in order. */
sight_set sights_of(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict);

/* Returns true if that is all of a command in order with its usual answer and without a flag. */
bool shows_nothing(const struct judge *judge, const struct session *session,
                   const struct exchange *exchange);

/* Returns true if the exchange breaks judgement->broken only because of a refusal that the client had
 * not seen: judgement->order_cause. */
bool refused_unseen(const struct judgement *judgement);

/* Remembers the exchange, after it was judged. */
void remember(struct judge *judge, const struct exchange *exchange, const struct verdict *verdict);

#endif
