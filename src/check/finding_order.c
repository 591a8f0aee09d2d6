/* finding_order.c - findings in the order of lines, in bounded memory. */
#include "check/finding_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* When so many wait, those that can no longer be overtaken are passed on ... */
#define WAITING     1024
/* ... and when so many wait all the same, all of them, out of order. */
#define WAITING_MAX 4096

static void sort(struct finding_order *order)
{
    if (order->count > 1)
        qsort(order->waiting, order->count, sizeof(struct finding *), finding_compare);
}

/* Passes the waiting findings before `line` on, in order. */
static void release(struct finding_order *order, uint64_t line)
{
    size_t count = 0;
    sort(order);
    while (count < order->count && order->waiting[count]->line < line) {
        const struct rule *rule = order->waiting[count]->rule;
        if ((rule->needs & ONCE_A_FILE) &&
            order->first[rule - smtpseq_rules] == order->waiting[count])
            order->first[rule - smtpseq_rules] = NULL;
        order->said[rule - smtpseq_rules] = order->live;
        if (order->finding)
            order->finding(order->context, order->waiting[count]);
        finding_free(order->waiting[count++]);
    }
    order->count -= count;
    if (count > 0)
        memmove(order->waiting, order->waiting + count, order->count * sizeof(struct finding *));
}

/* Adds the finding to one that waits, where it says the same of another session. */
static bool fold(struct finding_order *order, struct finding *finding, bool *done)
{
    if (order->each || !(finding->rule->needs & ONCE_A_FILE))
        return false;
    struct finding **first = &order->first[finding->rule - smtpseq_rules];
    if (order->said[finding->rule - smtpseq_rules]) {
        finding_free(finding);
        return true;
    }
    if (!*first) {
        *first = finding;
        return false;
    }
    *done = finding_fold(*first, finding);
    finding_free(finding);
    return true;
}

bool finding_order_add(struct finding_order *order, struct finding *finding)
{
    bool done = true;
    if (fold(order, finding, &done))
        return done;
    struct finding **waiting =
        array_with_room(order->waiting, order->count, &order->capacity, sizeof(struct finding *));
    if (!waiting) {
        finding_free(finding);
        return false;
    }
    order->waiting = waiting;
    order->waiting[order->count++] = finding;
    return true;
}

void finding_order_settle(struct finding_order *order, uint64_t line)
{
    release(order, line);
    if (order->count >= WAITING_MAX)
        release(order, UINT64_MAX);
    order->most = order->count * 2 + WAITING;
    if (order->most > WAITING_MAX)
        order->most = WAITING_MAX;
}

void finding_order_tell(struct finding_order *order, uint64_t line)
{
    size_t count = 0;
    sort(order);
    while (count < order->count && !(order->waiting[count]->rule->needs & ONCE_A_FILE))
        count++;
    if (count < order->count && order->waiting[count]->line < line)
        line = order->waiting[count]->line;
    release(order, line);
}

void finding_order_release(struct finding_order *order)
{
    release(order, UINT64_MAX);
    order->most = WAITING;
}

void finding_order_free(struct finding_order *order)
{
    for (size_t i = 0; i < order->count; i++)
        finding_free(order->waiting[i]);
    free(order->waiting);
    *order = (struct finding_order){0};
}
