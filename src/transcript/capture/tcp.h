/* tcp.h - the TCP connections of a capture, each put back in order.
 *
 * Octets are passed on in the order in which the other side can have read them, those of one side
 * relative to those of the other as well: what a segment acknowledges comes before it. What was
 * captured out of order waits in bounded memory until the rest comes; what never comes is said.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_TCP_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_TCP_H

#include "transcript/capture/packet.h"

/* The most connections that are known at a time, and the most memory for what waits in them: of
 * one side, and of all. Beyond that the connection that has been silent longest is given up. */
#define TCP_CONNECTIONS_MAX 65536
#define TCP_SIDE_MAX        ((size_t)4 << 20)
#define TCP_SEGMENTS_MAX    4096
#define TCP_MEMORY_MAX      ((size_t)64 << 20)

/* A segment that waits for octets before it, or for those it acknowledges. */
struct tcp_segment {
    struct tcp_segment *next;
    uint32_t sequence, acknowledged;
    bool acknowledges;
    uint64_t frame;
    size_t size;
    char octets[];
};

/* One direction of a connection. */
struct tcp_side {
    struct tcp_segment *first, *last; /* waiting, by sequence */
    size_t waiting, segments;         /* octets and how many */
    uint32_t start;        /* the sequence number of its first octet, as far as is known */
    uint32_t next;         /* of the next octet to be given on */
    uint32_t acknowledged; /* by the other side */
    uint32_t fin_at;
    bool known;            /* start and next are */
    bool syn, fin;         /* were seen */
    bool given;            /* octets have been given on */
    bool was_acknowledged; /* acknowledged is known */
};

struct connection {
    struct endpoint ends[2]; /* in the order of their octets, not of who called whom */
    struct tcp_side sides[2];
    uint64_t number; /* in the capture, from 1 */
    bool ignored;    /* the receiver wants nothing more of it */
    bool ended;
    unsigned wild;    /* segments in a row that are far from everything else */
    unsigned blocked; /* frames since something waits that could be given on but for a hole */
    size_t memory;    /* of the receiver's */
    void *receiver;   /* the receiver's */
    struct connection *newer, *older, *chained;
};

/* The callbacks for the octets of connections. Each returns false when out of memory. */
struct tcp_receiver {
    void *context;
    bool (*octets)(void *context, struct connection *connection, unsigned side, uint64_t frame,
                   struct slice octets);
    /* `size` octets are not in the capture. */
    bool (*hole)(void *context, struct connection *connection, unsigned side, uint64_t frame,
                 uint32_t size);
    /* The connection is over; what receiver points to must be freed. */
    bool (*end)(void *context, struct connection *connection);
};

struct tcp {
    struct tcp_receiver receiver;
    struct connection **table;
    struct connection *newest, *oldest; /* by their last frame */
    size_t count;
    size_t memory; /* of waiting segments and of the receiver */
    uint64_t numbers;
    uint64_t seed;
    uint64_t given_up; /* connections that ended for want of room */
    uint64_t frame;
};

/* False when out of memory. */
bool tcp_open(struct tcp *tcp, const struct tcp_receiver *receiver);
bool tcp_take(struct tcp *tcp, const struct segment *segment, uint64_t frame);
/* The capture has ended: passes on what still waits. */
bool tcp_finish(struct tcp *tcp);
void tcp_close(struct tcp *tcp);

#endif
