/* order.c - retransmissions, overlaps, segments out of order and segments that are missing.
 */
#include "transcript/capture/order.h"

#include <stdlib.h>

/* Frames of a connection that may come between two that changed places while they were captured.
 * What is missing after so many, although the other side has acknowledged it, was not captured. */
#define CHANGED_PLACES_MAX 64

static void drop_first(struct tcp *tcp, struct tcp_side *side)
{
    struct tcp_segment *segment = side->first;
    side->first = segment->next;
    if (!side->first)
        side->last = NULL;
    side->waiting -= segment->size;
    side->segments--;
    tcp->memory -= sizeof *segment + segment->size;
    free(segment);
}

void order_forget(struct tcp *tcp, struct connection *connection)
{
    for (unsigned i = 0; i < 2; i++)
        while (connection->sides[i].first)
            drop_first(tcp, &connection->sides[i]);
}

/* Keeps a segment, in the order of sequence numbers. Among equals the first captured stays first:
 * it is the one the receiver took. */
static bool keep(struct tcp *tcp, struct tcp_side *side, const struct segment *segment)
{
    struct slice payload = segment->payload;
    struct tcp_segment *kept = malloc(sizeof *kept + payload.size);
    if (!kept)
        return false;
    *kept = (struct tcp_segment){
        .sequence = segment->sequence,
        .acknowledged = segment->acknowledged,
        .acknowledges = segment->acknowledges,
        .frame = tcp->frame,
        .size = payload.size,
    };
    memcpy(kept->octets, payload.data, payload.size);
    struct tcp_segment **location = &side->first;
    if (side->last && sequence_distance(side->last->sequence, kept->sequence) >= 0)
        location = &side->last->next;
    while (*location && sequence_distance((*location)->sequence, kept->sequence) >= 0)
        location = &(*location)->next;
    kept->next = *location;
    *location = kept;
    if (!kept->next)
        side->last = kept;
    side->waiting += payload.size;
    side->segments++;
    tcp->memory += sizeof *kept + payload.size;
    return true;
}

/* Returns true if everything acknowledged there has been passed on. One octet more is a FIN. */
static bool acknowledged_is_given(const struct tcp_side *other, bool acknowledges, uint32_t number)
{
    return !acknowledges || !other->known || sequence_distance(other->next, number) <= 1;
}

/* Gives octets on that begin at or before the next one. */
static bool give(struct tcp *tcp, struct connection *connection, unsigned side, uint32_t sequence,
                 uint64_t frame, struct slice octets)
{
    struct tcp_side *from = &connection->sides[side];
    octets = slice_after(octets, from->next - sequence);
    if (octets.size == 0)
        return true;
    from->next += (uint32_t)octets.size;
    from->given = true;
    return connection->ignored ||
           tcp->receiver.octets(tcp->receiver.context, connection, side, frame, octets);
}

/* Returns true if the first waiting segment of a side can be passed on. */
static bool is_ready(const struct connection *connection, unsigned side)
{
    const struct tcp_segment *first = connection->sides[side].first;
    return first && sequence_distance(connection->sides[side].next, first->sequence) <= 0 &&
           acknowledged_is_given(&connection->sides[!side], first->acknowledges,
                                 first->acknowledged);
}

/* Drops what waits at the head of a side but has come another way. */
static void drop_old(struct tcp *tcp, struct tcp_side *side)
{
    while (side->first &&
           sequence_distance(side->next, side->first->sequence + (uint32_t)side->first->size) <= 0)
        drop_first(tcp, side);
}

/* Gives on what has become ready, in the order of the capture. */
static bool give_ready(struct tcp *tcp, struct connection *connection)
{
    for (;;) {
        for (unsigned i = 0; i < 2; i++)
            drop_old(tcp, &connection->sides[i]);
        bool ready[2] = {is_ready(connection, 0), is_ready(connection, 1)};
        if (!ready[0] && !ready[1])
            return true;
        unsigned side = ready[1] && (!ready[0] || connection->sides[1].first->frame <
                                                      connection->sides[0].first->frame);
        struct tcp_segment *first = connection->sides[side].first;
        connection->blocked = 0;
        if (!give(tcp, connection, side, first->sequence, first->frame,
                  (struct slice){first->octets, first->size}))
            return false;
        drop_first(tcp, &connection->sides[side]);
    }
}

/* Goes on after octets that will not come. */
static bool skip_to(struct tcp *tcp, struct connection *connection, unsigned side, uint64_t frame,
                    uint32_t sequence)
{
    struct tcp_side *from = &connection->sides[side];
    uint32_t size = sequence - from->next;
    const struct tcp_side *other = &connection->sides[!side];
    bool began = from->given || from->syn || other->given || other->syn;
    from->next = sequence;
    /* What comes before the first octet of a connection in the middle is not missing. */
    return !began || connection->ignored ||
           tcp->receiver.hole(tcp->receiver.context, connection, side, frame, size);
}

/* The side whose first waiting segment was captured first. */
static unsigned side_of_oldest(const struct connection *connection)
{
    const struct tcp_segment *first = connection->sides[0].first;
    const struct tcp_segment *second = connection->sides[1].first;
    return !first || (second && second->frame < first->frame);
}

/* Takes it that what the oldest waiting segment waits for will not come. */
static bool give_up_waiting(struct tcp *tcp, struct connection *connection)
{
    unsigned side = side_of_oldest(connection);
    const struct tcp_segment *oldest = connection->sides[side].first;
    struct tcp_side *other = &connection->sides[!side];
    bool done;
    if (!acknowledged_is_given(other, oldest->acknowledges, oldest->acknowledged)) {
        uint32_t behind = oldest->acknowledged;
        if (other->first && sequence_distance(other->first->sequence, behind) > 0 &&
            sequence_distance(other->next, other->first->sequence) > 0)
            behind = other->first->sequence;
        else if (other->first && sequence_distance(other->first->sequence, behind) > 0)
            /* Each side waits for the other: no order fits both. */
            behind = other->next;
        done = behind != other->next
                   ? skip_to(tcp, connection, !side, oldest->frame, behind)
                   : give(tcp, connection, !side, other->first->sequence, other->first->frame,
                          (struct slice){other->first->octets, other->first->size});
    } else {
        done = skip_to(tcp, connection, side, oldest->frame, oldest->sequence);
    }
    return done && give_ready(tcp, connection);
}

/* Returns true if the other side has received the missing octets, so that they will not be sent
 * again. */
static bool is_lost(const struct connection *connection)
{
    unsigned side = side_of_oldest(connection);
    const struct tcp_side *from = &connection->sides[side];
    if (sequence_distance(from->next, from->first->sequence) <= 0)
        return true; /* it is the other side's that is missing, and this segment acknowledges it */
    return from->was_acknowledged && sequence_distance(from->next, from->acknowledged) > 0;
}

static bool is_full(const struct tcp_side *side)
{
    return side->waiting > TCP_SIDE_MAX || side->segments > TCP_SEGMENTS_MAX;
}

bool order_take(struct tcp *tcp, struct connection *connection, unsigned side,
                const struct segment *segment)
{
    struct tcp_side *from = &connection->sides[side];
    struct tcp_side *other = &connection->sides[!side];
    int32_t ahead = sequence_distance(from->next, segment->sequence);
    uint32_t size = (uint32_t)segment->payload.size;
    bool fresh = size > 0 && sequence_distance(from->next, segment->sequence + size) > 0;
    if (fresh && ahead <= 0 && !from->first && !other->first &&
        acknowledged_is_given(other, segment->acknowledges, segment->acknowledged))
        return give(tcp, connection, side, segment->sequence, tcp->frame, segment->payload);
    if (fresh && !keep(tcp, from, segment))
        return false;
    if (!from->first && !other->first)
        return true;
    connection->blocked++;
    if (!give_ready(tcp, connection))
        return false;
    while (from->first || other->first) {
        bool lost = connection->blocked > CHANGED_PLACES_MAX && is_lost(connection);
        if (!lost && !is_full(from) && !is_full(other))
            break;
        if (!give_up_waiting(tcp, connection))
            return false;
    }
    return true;
}

bool order_flush(struct tcp *tcp, struct connection *connection)
{
    if (!give_ready(tcp, connection))
        return false;
    while (connection->sides[0].first || connection->sides[1].first)
        if (!give_up_waiting(tcp, connection))
            return false;
    /* What was acknowledged and never captured. */
    for (unsigned i = 0; i < 2; i++) {
        struct tcp_side *side = &connection->sides[i];
        if (side->known && side->was_acknowledged &&
            sequence_distance(side->next, side->acknowledged) > 1 &&
            !skip_to(tcp, connection, i, tcp->frame, side->acknowledged))
            return false;
    }
    return true;
}
