/* order.h - one connection: its segments in order. For capture_tcp.c. */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_ORDER_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_ORDER_H

#include "transcript/capture/tcp.h"

/* How far `to` comes after `from` in the circle of sequence numbers (RFC 9293 3.4); negative: before
 * it. */
static inline int32_t sequence_distance(uint32_t from, uint32_t to)
{
    uint32_t distance = to - from;
    return distance <= INT32_MAX ? (int32_t)distance : -(int32_t)(UINT32_MAX - distance) - 1;
}

/* Takes what a segment carries: passes it on at once, or keeps it for later. */
bool order_take(struct tcp *tcp, struct connection *connection, unsigned side,
                const struct segment *segment);

/* Gives on all that waits, with its holes. */
bool order_flush(struct tcp *tcp, struct connection *connection);

/* Forgets all that waits. */
void order_forget(struct tcp *tcp, struct connection *connection);

#endif
