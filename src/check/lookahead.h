/* lookahead.h - exchanges that wait until more of their recording has been read.
 *
 * A password can be printed before the recording shows that it is one: in a line that stands above
 * AUTH. So exchanges that are to be shown wait, in two blocks of LOOKAHEAD_BLOCK octets. When both are
 * full, those of the older one are passed on with what is known by then.
 */
#ifndef SMTPSEQ_CHECK_LOOKAHEAD_H
#define SMTPSEQ_CHECK_LOOKAHEAD_H

#include "dialogue/dialogue.h"
#include "session/server.h"
#include "session/session.h"

#define LOOKAHEAD_BLOCK ((size_t)120 << 10)

/* An exchange, and after it in the same block all that it needs. */
struct waiting {
    uint64_t session;
    struct exchange exchange;
    struct verdict verdict;
    struct reply *replies; /* those of the exchange */
    size_t next;           /* where the next one begins in the block */
};

struct lookahead_block {
    char *octets;
    size_t size, capacity;
};

/* All zero at first but `give` and `context`. */
struct lookahead {
    void (*give)(void *context, struct waiting *ahead);
    void *context;
    struct lookahead_block young, old;
};

/* Takes a copy. `servers`: how many predictions the verdict has. False when out of memory. */
bool lookahead_add(struct lookahead *ahead, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict, size_t servers);

/* Gives on all that wait. */
void lookahead_give_all(struct lookahead *ahead);

void lookahead_free(struct lookahead *ahead);

#endif
