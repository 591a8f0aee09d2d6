/* finding_order.h - findings wait for those of older sessions that still run, so that they come in the
 * order of lines.
 */
#ifndef SMTPSEQ_CHECK_FINDING_ORDER_H
#define SMTPSEQ_CHECK_FINDING_ORDER_H

#include <stddef.h>

#include "rules/finding.h"

struct finding_order {
    void (*finding)(void *context, struct finding *finding); /* NULL: nobody wants them */
    void *context;
    struct finding **waiting;
    size_t count, capacity;
    bool each; /* rules that are reported once a file are reported each time */
    struct finding *first[RULE_COUNT]; /* of these rules, while it waits */
    bool live;                         /* they are passed on as they come ... */
    bool said[RULE_COUNT]; /* ... so that these rules have been reported for the file already */
    size_t most; /* when so many wait, those that can no longer be overtaken are passed on */
};

/* Adds a finding, which it frees. Returns false when out of memory. */
bool finding_order_add(struct finding_order *order, struct finding *finding);

/* Returns true if so many wait that finding_order_settle is due. */
static inline bool finding_order_is_full(const struct finding_order *order)
{
    return order->count >= order->most;
}

/* Passes those on that stand before the line, and all when far too many wait: a session can run for
 * ever. */
void finding_order_settle(struct finding_order *order, uint64_t line);

/* Passes those on that stand before the line, up to one that may still be found of other sessions (ONCE_A_FILE). */
void finding_order_tell(struct finding_order *order, uint64_t line);

/* Passes all on. */
void finding_order_release(struct finding_order *order);

void finding_order_free(struct finding_order *order);

#endif
