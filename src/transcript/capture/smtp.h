/* smtp.h - which connections of a capture speak SMTP, and the lines they say.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_SMTP_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_SMTP_H

#include "smtp/line.h"
#include "transcript/capture/tcp.h"

/* The summary of a capture. */
struct capture_count {
    uint64_t connections; /* that carried anything */
    uint64_t smtp;
    uint64_t other;          /* that are not SMTP */
    uint64_t one_way;        /* SMTP connections with one side only */
    uint64_t tls;            /* TLS from the first octet */
    uint64_t starttls;       /* SMTP that went on in TLS */
    uint64_t holes, missing; /* and how many octets */
    uint64_t broken;         /* sessions that are not judged across a hole */
};

struct capture_smtp {
    struct tcp *tcp; /* which memory is counted in */
    const struct line_sink *sink;
    bool
        inexact; /* the octets were put together from a text: line ends are not those of the wire */
    /* Side 0 is the client and side 1 the server: that is known. After the 220 to STARTTLS the octets may be the
     * text inside TLS. */
    bool known;
    struct capture_count count;
};

/* The receiver that makes lines; `smtp` stays the caller's. */
struct tcp_receiver capture_smtp_receiver(struct capture_smtp *smtp);

/* Of `known` sides: what is known of the connection besides its octets, as a note. NOTE_TLS: what follows was said
 * inside TLS. Returns false when out of memory. */
bool capture_smtp_note(struct capture_smtp *smtp, struct connection *connection, enum note note,
                       const char *text);

#endif
