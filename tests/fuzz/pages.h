/* pages.h - writes a made-up session down as programs do, each format in its way.
 */
#ifndef SMTPSEQ_FUZZ_PAGES_H
#define SMTPSEQ_FUZZ_PAGES_H

#include <stdio.h>
#include <stdlib.h>

#include "script.h"

/* What has been written. */
struct page {
    FILE *out;
    uint64_t line;                      /* that is being written, from 1; of a capture the frame */
    uint64_t line_of[SCRIPT_LINES_MAX]; /* where each line of the session stands */
    uint64_t octets[2];                 /* that each side has sent: the client's, the server's */
};

/* How a session is written down. */
struct page_format {
    const char *format;                 /* its row in the table of formats */
    const char *client, *server, *tail; /* what stands around the text of a line; or else: */
    const char *head;                   /* a line before them all */
    void (*write)(struct page *page, const struct script *script);
    void (*text)(struct page *page, struct slice text); /* NULL: as it is */
    bool guesses;       /* its reader tells messages from commands by how they look */
    bool hides_message; /* such lines are not written, but what stands for them */
    bool unstuffed;     /* its messages are those before dots were doubled */
    bool learns;        /* its reader learns from the head which side is which */
    bool from_start;    /* it shows that the connection begins, or its reader has to see it */
    bool ascii;         /* what is not ASCII is lost */
};

extern const struct page_format page_formats[];
extern const size_t page_format_count;

/* Writes the session to page->out. */
void page_write(struct page *page, const struct page_format *format, const struct script *script);

/* Writes text and counts lines. */
void page_put(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Octets that went one way in one go: `count` lines of the session from `first` on. */
struct packet {
    bool server;
    size_t first, count;
    size_t start[SCRIPT_LINES_MAX]; /* of each line in the octets, counted from `first` */
    char octets[SCRIPT_TEXT_MAX + 2 * SCRIPT_LINES_MAX];
    size_t size;
};

/* The next packet; false after the last. All zero at first. */
bool packet_next(struct packet *packet, const struct script *script);

/* The lines that begin in those octets of the packet stand in the line that is being written. */
void page_location(struct page *page, const struct packet *packet, size_t from, size_t to);

/* pages_capture.c */
void write_pcap(struct page *page, const struct script *script);
void write_tcpdump_x(struct page *page, const struct script *script);
/* pages_dump.c */
void write_socat(struct page *page, const struct script *script);
void write_netcat(struct page *page, const struct script *script);
void write_strace(struct page *page, const struct script *script);
void write_curl_trace(struct page *page, const struct script *script);
void write_follow_hex(struct page *page, const struct script *script);
void write_follow_raw(struct page *page, const struct script *script);
void write_follow_ascii(struct page *page, const struct script *script);
void write_follow_yaml(struct page *page, const struct script *script);
void write_ngrep(struct page *page, const struct script *script);
void write_tcpflow(struct page *page, const struct script *script);

#endif
