/* flow.h - the connections of a dump: which way is the client's, and the lines of both ways.
 *
 * A dump shows in which of two ways octets went, but not which side is the client: the lines of
 * each connection show that. Until it is known, lines are held back. Octets after an accepted
 * STARTTLS are encrypted and skipped.
 */
#ifndef SMTPSEQ_TRANSCRIPT_DUMPS_FLOW_H
#define SMTPSEQ_TRANSCRIPT_DUMPS_FLOW_H

#include "base/keyed_table.h"
#include "base/octet_buffer.h"
#include "smtp/follower.h"
#include "transcript/formats/octets.h"
#include "transcript/formats/stream.h"

/* Connections at the same time, at most. */
#define FLOWS_MAX     4096
/* Octets of a connection that are held back; earlier ones are dropped. */
#define FLOW_HELD_MAX ((size_t)32 << 10)

/* The key of lines that belong to no connection. */
#define FLOW_NONE UINT64_MAX

struct way {
    struct stream stream;
    bool spoke;
    /* Sequence numbers of TCP, where the dump has them. */
    bool numbered;
    bool syn;      /* nothing has come since the SYN ... */
    uint32_t isn;  /* ... which had this number */
    uint32_t next; /* expected */
    uint32_t base; /* of the first segment: tcpdump counts from it later on */
    /* A SYN in the middle: a new connection, or one that was captured late. */
    bool again;
    uint32_t again_isn;
};

struct flow {
    struct keyed keyed; /* touched: the file's line it took last */
    struct way ways[2];
    int client;   /* 0 or 1: which way is the client's; -1: not known yet */
    bool greeted; /* it is known by the greeting, so the dump has the beginning */
    struct follower follower;
    bool middle;         /* its beginning is not in the dump, as far as the dump can tell */
    bool wire;           /* NOTE_WIRE has been passed on */
    bool encrypted;      /* what goes on is TLS */
    unsigned said;       /* what the lines around its first octets have said; 0: nothing, or told */
    uint64_t secret_row; /* the file's line in which the last secret ended */
    struct octet_buffer held; /* lines whose side is not known yet */
};

struct flows {
    const struct line_sink *sink;
    bool both_ways; /* a connection counts only when both ways have spoken */
    bool wire;      /* they are those of the network (NOTE_WIRE) */
    bool exact;     /* octets come as they were, so that line ends are those of the wire */
    unsigned said;  /* what the lines around the octets say (connection_hints.h) */
    struct keyed_table table; /* of struct flow */
    /* While a stream passes on its lines. */
    struct flow *giving;
    unsigned way;
    uint64_t row; /* the file's line that is being read */
    bool no_memory;
    uint64_t holes;     /* places where something is missing */
    uint64_t withheld;  /* replies that are not passed on, since something before them is missing */
    uint64_t encrypted; /* connections that went on in TLS */
};

/* Returns the connection of that key; NULL when out of memory. */
struct flow *flow_find(struct flows *flows, uint64_t key);

/* Takes octets of one way; `at` as for stream_take. Returns false when out of memory. */
bool flow_take(struct flows *flows, struct flow *flow, unsigned way, const struct line *at,
               struct slice octets);

/* The same for encoded octets from at->column on, decoded line by line, so that each line has its
 * column. *decoder then shows how far it came. */
bool flow_decode(struct flows *flows, struct flow *flow, unsigned way, const struct line *at,
                 struct decoder *decoder);

/* Octets of that way are missing here: the begun line is dropped, and later lines are not judged by
 * earlier ones, except in the middle of a message. */
void flow_gap(struct flows *flows, struct flow *flow, unsigned way, const struct line *at);

/* The dump shows how connections begin, and has not shown it of this one: nothing is judged
 * before the client has answered a reply, unless the server greets or the client speaks first. */
void flow_middle(struct flow *flow);

/* A SYN with that number: nothing of what follows may be missing. */
void flow_syn(struct flow *flow, unsigned way, uint32_t number);

/* A SYN after octets: what comes next shows whether a connection begins with it (flow_begins_again). */
void flow_syn_again(struct flow *flow, unsigned way, uint32_t number);

/* The first segment with octets after such a SYN. Returns true if a connection begins. */
bool flow_begins_again(const struct flow *flow, unsigned way, uint32_t start);

/* Places a segment of TCP with these sequence numbers (`size` octets from `start`). Returns how
 * many octets at its beginning are known already; sets *gap if octets before it are missing. */
size_t flow_sequence(struct flow *flow, unsigned way, uint32_t start, size_t size, bool *gap);

/* An ACK for everything of this way before `number`. Returns true if the dump lacks part of it. */
bool flow_acknowledged(struct flow *flow, unsigned way, uint32_t number);

/* A new connection with the key of an old one; its SYNs may have been seen. */
bool flow_restart(struct flows *flows, struct flow *flow, const struct line *at);

/* Takes a line of the file that is a note, or that cannot be placed. */
void flow_note(struct flows *flows, const struct line *at);
void flow_unplaced(struct flows *flows, const struct line *at);

/* The dump has ended. */
bool flows_finish(struct flows *flows);
void flows_free(struct flows *flows);

/* Adds a text to a key (FNV-1a). */
uint64_t flow_key(uint64_t key, struct slice text);

#endif
