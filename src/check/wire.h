/* wire.h - a session that passes by: a proxy has the octets of both sides, and knows whose they are.
 *
 * Nothing is waited for: what comes is judged at once, in the caller's thread. Lines are numbered as they end, those of
 * both sides together. Findings come in the order in which they become certain (smtpseq_checker_flush).
 */
#ifndef SMTPSEQ_CHECK_WIRE_H
#define SMTPSEQ_CHECK_WIRE_H

#include "smtpseq.h"

/* What is known of the connection besides its octets. */
enum wire_fact {
    WIRE_TLS,   /* from here on the octets are those inside TLS */
    WIRE_LOCAL, /* it does not leave this computer */
    WIRE_LOST   /* some of the side's have not been seen */
};

/* A session, owned by the caller; NULL when out of memory. The checker, which stays the caller's, can take nothing else
 * before its end. */
struct wire;
struct wire *wire_new(struct smtpseq_checker *checker);

/* Takes the next octets of a side. False when out of memory. */
bool wire_take(struct wire *wire, enum side side, struct slice octets);

/* `side`: of WIRE_LOST. False when out of memory. */
bool wire_note(struct wire *wire, enum wire_fact fact, enum side side);

/* The connection is closed: fills *recording, and frees the session. */
enum smtpseq_status wire_end(struct wire *wire, struct smtpseq_recording *recording);

#endif
