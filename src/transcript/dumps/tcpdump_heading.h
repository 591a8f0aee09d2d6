/* tcpdump_heading.h - what tcpdump says of a packet before its octets.
 */
#ifndef SMTPSEQ_TRANSCRIPT_DUMPS_TCPDUMP_HEADING_H
#define SMTPSEQ_TRANSCRIPT_DUMPS_TCPDUMP_HEADING_H

#include "base/slice.h"

/* The most of a packet that is kept to read its headers: IP and TCP at their longest, and what may
 * stand before them. */
#define TCPDUMP_PACKET_MAX ((size_t)65600)

/* The most that is kept of the payload's first line as the heading shows it. */
#define TCPDUMP_ECHO_MAX ((size_t)48)

/* A packet, as its heading and the text after it show it. */
struct tcpdump_packet {
    bool known; /* a heading of TCP has been read */
    uint64_t key;
    unsigned way;
    bool syn, first; /* SYN; without ACK */
    bool numbered;
    bool acknowledges;
    uint32_t acknowledged; /* of the other way */
    uint32_t start;        /* sequence numbers */
    size_t length;         /* of the payload */
    size_t options;        /* of TCP: octets */
    size_t echo_size;      /* "length 6: SMTP: QUIT": the payload's first line */
    char echo[TCPDUMP_ECHO_MAX];
    bool begun;        /* its first line has been read ... */
    bool over;         /* ... and its last */
    bool known_before; /* it was sent again */
    char code[3];      /* of the reply that continues after the last line shown; all zero: none */
    size_t shown;      /* of the payload's text, with a CRLF for each line end */
};

/* Returns true if a line is the first of a packet's heading. */
bool tcpdump_heading_begins(struct slice line);

/* Reads "127.0.0.1.12600 > 127.0.0.1.45938: Flags [P.], ..." somewhere in the line. Returns
 * false if it is not in it; with -v it stands in the second line of the heading. */
bool tcpdump_heading_read(struct tcpdump_packet *packet, struct slice line);

/* Where a text begins in the line; its size if it is not in it. */
size_t tcpdump_find(struct slice line, struct slice text);

#endif
