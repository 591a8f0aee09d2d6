/* offer.h - keeps what the server offers in its reply to EHLO (RFC 5321 4.1.1.1).
 *
 * What is asked of the offer (session_offers, session_lists) is declared in session.h.
 */
#ifndef SMTPSEQ_SESSION_OFFER_H
#define SMTPSEQ_SESSION_OFFER_H

#include "session/session.h"

/* Keeps the text of the reply to an accepted hello and reads the extensions from it. Sets no_memory of
 * the session when out of memory. */
void offer_read(struct session *session, const struct exchange *exchange);

/* Returns true if the EHLO reply lists a verb that no RFC has. Exchange lists its shadow redundancy by
 * one keyword for two verbs. */
bool offer_lists_verb(const struct session *session, struct slice verb);

#endif
