/* tcp.c - which connection a segment belongs to, and when one begins and ends.
 */
#include "transcript/capture/tcp.h"

#include <stdlib.h>

#include "transcript/capture/order.h"

#define TABLE_SIZE     ((size_t)65536)
/* Octets that can be on their way at a time. What is farther from the rest is damaged, or of
 * another connection with the same ends, if so many segments in a row fit it. */
#define ON_THE_WAY_MAX (16 << 20)
#define WILD_MAX       4

bool tcp_open(struct tcp *tcp, const struct tcp_receiver *receiver)
{
    *tcp = (struct tcp){.receiver = *receiver};
    /* So that no capture can be made to fall into one slot of the table. */
    if (getrandom(&tcp->seed, sizeof tcp->seed, GRND_NONBLOCK) < 0)
        tcp->seed = (uint64_t)(uintptr_t)tcp;
    tcp->table = calloc(TABLE_SIZE, sizeof *tcp->table);
    return tcp->table != NULL;
}

static size_t slot_of(const struct tcp *tcp, const struct endpoint ends[2])
{
    uint64_t hash = tcp->seed;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t words[2];
        memcpy(words, ends[i].address, sizeof words);
        hash = (hash ^ words[0]) * UINT64_C(0x9e3779b97f4a7c15);
        hash = ((hash ^ hash >> 29) + words[1]) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = ((hash ^ hash >> 32) + ends[i].port + tcp->seed) * UINT64_C(0x94d049bb133111eb);
    }
    return (size_t)(hash >> 32) % TABLE_SIZE;
}

static bool same_end(const struct endpoint *left, const struct endpoint *right)
{
    return left->port == right->port &&
           memcmp(left->address, right->address, sizeof left->address) == 0;
}

/* The ends in the order in which connections keep them; returns the side that sent the segment. */
static unsigned order_ends(const struct segment *segment, struct endpoint ends[2])
{
    int order = memcmp(segment->source.address, segment->destination.address,
                       sizeof segment->source.address);
    if (order == 0)
        order = (int)segment->source.port - (int)segment->destination.port;
    unsigned side = order > 0;
    ends[side] = segment->source;
    ends[!side] = segment->destination;
    return side;
}

static struct connection *find(const struct tcp *tcp, const struct endpoint ends[2])
{
    struct connection *connection = tcp->table[slot_of(tcp, ends)];
    while (connection &&
           !(same_end(&connection->ends[0], &ends[0]) && same_end(&connection->ends[1], &ends[1])))
        connection = connection->chained;
    return connection;
}

static void make_newest(struct tcp *tcp, struct connection *connection)
{
    connection->older = tcp->newest;
    connection->newer = NULL;
    if (tcp->newest)
        tcp->newest->newer = connection;
    tcp->newest = connection;
    if (!tcp->oldest)
        tcp->oldest = connection;
}

static void take_off_list(struct tcp *tcp, struct connection *connection)
{
    if (connection->newer)
        connection->newer->older = connection->older;
    else
        tcp->newest = connection->older;
    if (connection->older)
        connection->older->newer = connection->newer;
    else
        tcp->oldest = connection->newer;
}

/* The connection is over; its ends stay known, for what is sent again afterwards. */
static bool end(struct tcp *tcp, struct connection *connection)
{
    if (connection->ended)
        return true;
    bool done = order_flush(tcp, connection);
    connection->ended = true;
    order_forget(tcp, connection);
    return tcp->receiver.end(tcp->receiver.context, connection) && done;
}

static bool drop(struct tcp *tcp, struct connection *connection)
{
    bool done = end(tcp, connection);
    struct connection **location = &tcp->table[slot_of(tcp, connection->ends)];
    while (*location != connection)
        location = &(*location)->chained;
    *location = connection->chained;
    take_off_list(tcp, connection);
    tcp->count--;
    free(connection);
    return done;
}

static struct connection *begin(struct tcp *tcp, const struct endpoint ends[2])
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    memcpy(connection->ends, ends, sizeof connection->ends);
    connection->number = ++tcp->numbers;
    struct connection **slot = &tcp->table[slot_of(tcp, ends)];
    connection->chained = *slot;
    *slot = connection;
    make_newest(tcp, connection);
    tcp->count++;
    return connection;
}

/* Ends connections that have been silent longest until there is room. */
static bool make_room(struct tcp *tcp)
{
    while (tcp->oldest != tcp->newest &&
           (tcp->count > TCP_CONNECTIONS_MAX || tcp->memory > TCP_MEMORY_MAX)) {
        tcp->given_up += !tcp->oldest->ended && !tcp->oldest->ignored;
        if (!drop(tcp, tcp->oldest))
            return false;
    }
    return true;
}

static void learn_start(struct tcp_side *side, uint32_t sequence)
{
    side->known = true;
    side->start = side->next = sequence;
}

/* A SYN that does not fit what is known: the ends are used again. */
static bool begins_anew(const struct connection *connection, unsigned side,
                        const struct segment *segment)
{
    const struct tcp_side *from = &connection->sides[side];
    uint32_t start = segment->sequence + 1;
    if (from->known && from->start == start)
        return false; /* sent again, or captured late */
    if (connection->ended || from->syn)
        return true;
    if (!segment->acknowledges)
        return from->known;
    return from->given;
}

/* A segment that belongs to none of what is known between these ends. */
static bool is_stranger(struct connection *connection, unsigned side, const struct segment *segment)
{
    const struct tcp_side *from = &connection->sides[side];
    if (segment->syn)
        return begins_anew(connection, side, segment);
    if (segment->reset || segment->payload.size == 0 || !from->known)
        return connection->ended && segment->payload.size > 0;
    int32_t distance = sequence_distance(from->next, segment->sequence);
    if (distance > -ON_THE_WAY_MAX && distance < ON_THE_WAY_MAX) {
        connection->wild = 0;
        return false;
    }
    return connection->ended || ++connection->wild >= WILD_MAX;
}

/* Returns true if all that is known of where a side began is what the other one acknowledged. */
static bool is_uncertain(const struct tcp_side *side)
{
    return !side->syn && !side->given && !side->first;
}

/* Reads the headers: where each side begins, what it has received, where it ends. */
static void learn(struct connection *connection, unsigned side, struct segment *segment)
{
    struct tcp_side *from = &connection->sides[side];
    struct tcp_side *other = &connection->sides[!side];
    if (segment->syn) {
        segment->sequence++;
        if (!from->syn && !from->given)
            learn_start(from, segment->sequence);
        from->syn = true;
    } else if (!from->known || (is_uncertain(from) && is_uncertain(other))) {
        /* In the middle of a connection: what the other side has acknowledged is only a guess. */
        learn_start(from, segment->sequence);
    }
    if (segment->acknowledges && !other->known)
        learn_start(other, segment->acknowledged);
    int32_t news = sequence_distance(other->next, segment->acknowledged);
    if (news > ON_THE_WAY_MAX || news < -ON_THE_WAY_MAX)
        segment->acknowledges = false; /* damaged */
    if (!segment->acknowledges)
        return;
    if (!other->was_acknowledged ||
        sequence_distance(other->acknowledged, segment->acknowledged) > 0)
        other->acknowledged = segment->acknowledged;
    other->was_acknowledged = true;
}

/* Returns true if nothing more can come. */
static bool is_over(const struct connection *connection)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct tcp_side *side = &connection->sides[i];
        if (!side->fin || side->first || sequence_distance(side->next, side->fin_at) > 0)
            return false;
    }
    return true;
}

/* A segment of a connection that is known. */
static bool take(struct tcp *tcp, struct connection *connection, unsigned side,
                 const struct segment *segment)
{
    struct tcp_side *from = &connection->sides[side];
    struct segment taken = *segment;
    bool wild = connection->wild > 0 && segment->payload.size > 0;
    if (connection->ended || wild)
        return true;
    if (segment->reset) {
        int32_t distance = sequence_distance(from->next, segment->sequence);
        bool ours = !from->known || (distance > -ON_THE_WAY_MAX && distance < ON_THE_WAY_MAX);
        return !ours || end(tcp, connection);
    }
    learn(connection, side, &taken);
    if (taken.fin) {
        from->fin = true;
        from->fin_at = taken.sequence + (uint32_t)taken.payload.size + taken.cut;
    }
    if (connection->ignored) {
        order_forget(tcp, connection);
        taken.payload.size = 0;
        from->next = taken.sequence + (uint32_t)segment->payload.size + taken.cut;
    }
    if (!order_take(tcp, connection, side, &taken))
        return false;
    return !is_over(connection) || end(tcp, connection);
}

bool tcp_take(struct tcp *tcp, const struct segment *segment, uint64_t frame)
{
    struct endpoint ends[2];
    unsigned side = order_ends(segment, ends);
    tcp->frame = frame;
    struct connection *connection = find(tcp, ends);
    if (connection && is_stranger(connection, side, segment)) {
        if (!drop(tcp, connection))
            return false;
        connection = NULL;
    }
    if (connection) {
        take_off_list(tcp, connection);
        make_newest(tcp, connection);
    } else if (segment->syn || (segment->payload.size > 0 && !segment->reset)) {
        connection = begin(tcp, ends);
        if (!connection)
            return false;
    } else {
        return true;
    }
    return take(tcp, connection, side, segment) && make_room(tcp);
}

bool tcp_finish(struct tcp *tcp)
{
    bool done = true;
    for (struct connection *connection = tcp->oldest; connection; connection = connection->newer)
        done = end(tcp, connection) && done;
    return done;
}

void tcp_close(struct tcp *tcp)
{
    while (tcp->oldest)
        drop(tcp, tcp->oldest);
    free(tcp->table);
    *tcp = (struct tcp){0};
}
