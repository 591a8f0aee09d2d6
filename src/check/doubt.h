/* doubt.h - whether what a reading makes of a recording can be a dialogue of SMTP.
 *
 * Commands and replies that fit each other speak for it; what cannot be in a session speaks against
 * it: replies to nothing, codes that the command cannot draw, verbs that nobody knows and that are
 * taken. A faulty client or server does one of these now and then; a wrong reading does them again and
 * again. */
#ifndef SMTPSEQ_CHECK_DOUBT_H
#define SMTPSEQ_CHECK_DOUBT_H

#include "dialogue/dialogue.h"
#include "session/session.h"
#include "smtp/points.h"
#include "smtp/reply.h"

/* All zero at first. Counted in the points of smtp/points.h. */
struct doubt {
    long earned, penalties;
    unsigned contradictions; /* what cannot be */
    bool begun;              /* an exchange or a stray line has come */
};

/* Takes an event of the session. Returns true if it contradicts the reading. */
bool doubt_exchange(struct doubt *doubt, const struct exchange *exchange,
                    const struct verdict *verdict);
/* The same of a command and its reply, which contradict nothing. After a challenge alone nothing is decided. */
static inline void doubt_usual(struct doubt *doubt, const struct exchange *exchange)
{
    int code = exchange_code(exchange);
    bool sure = code != 334 && reply_shows_smtp(exchange->command, code);
    doubt->begun = true;
    doubt->earned += POINTS_PAIR + (sure ? POINTS_SURE : 0);
}
bool doubt_stray(struct doubt *doubt, const struct stray *stray);

/* Adds the doubt of another session. */
void doubt_add(struct doubt *sum, const struct doubt *doubt);

#endif
