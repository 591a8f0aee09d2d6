/* export.h - captures that tshark or Wireshark wrote down as text.
 *
 * Each packet of an export becomes a segment of TCP again, and from there on it is read as a capture is:
 * by the same code, with the same caution about what is missing. A finding points at the line of the file
 * in which the text stands. What an export does not show (the message, in most of them) counts as octets
 * that were not captured.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_EXPORT_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_EXPORT_H

#include "transcript/capture/smtp.h"
#include "transcript/formats/format.h"

/* Lines of one packet that are told apart; more are one piece. */
#define EXPORT_LINES_MAX  1024
/* The most octets of one packet. */
#define EXPORT_PACKET_MAX ((size_t)256 << 10)

/* A packet under construction. */
struct export_packet {
    struct segment segment; /* without payload */
    bool addressed;         /* it is TCP: who sent it to whom is known */
    bool numbered;          /* it has sequence numbers */
    bool sized;             /* `length` is known */
    bool continued;         /* its text is shown with a later packet, which completes a line */
    uint32_t length;        /* of the payload */
    char *octets;           /* what of the payload is shown */
    size_t size, capacity;
    size_t last_line; /* of a reply: where its last line begins ... */
    bool in_reply;    /* ... to which more may be added */
    size_t line_count;
    struct export_line {
        uint64_t number; /* which line of the file shows ... */
        size_t begin;    /* ... what begins here in `octets` */
    } lines[EXPORT_LINES_MAX];
};

struct export
{
    struct tcp tcp;
    struct capture_smtp smtp;
    struct export_packet packet;
    const struct export_format *format;
    void *state;     /* the format's own, of its state_size, all zero at first */
    struct fit *fit; /* while recognising: packets are counted, not read */
    bool no_memory;
};

/* The detail of a row of this family. */
struct export_format {
    size_t state_size;
    int mode;   /* where formats share a reader: which of them */
    bool exact; /* every octet of the payload is there, as a rule */
    /* Returns true if a file that begins so is in this format and no other. NULL: never. */
    bool (*is_sure)(struct slice head);
    /* Takes a line of the file. Returns false if it says nothing of a packet. */
    bool (*line)(struct export *export, const struct source_line *line);
    /* The export has ended. NULL: nothing is left but the packet. */
    void (*finish)(struct export *export);
};

extern const struct format_family export_family; /* detail: a struct export_format */

/* An address as text, and a port. What is no address, a name, stands for itself by its hash. */
struct endpoint export_endpoint(struct slice address, unsigned port);

/* Adds to the packet's payload what the line `number` of the file shows of it, as it is. */
void export_octets(struct export *export, uint64_t number, struct slice octets);
/* The same with a CRLF. */
void export_text(struct export *export, uint64_t number, struct slice text);
/* A line of a reply whose first line was added last, but which is shown without its code: it becomes
 * "250-text", and "250 text" if it is the last one. */
void export_reply_more(struct export *export, uint64_t number, struct slice text);

/* The packet is complete: passes it on and begins the next. */
void export_end(struct export *export, uint64_t number);

extern const struct export_format export_list_format, export_details_format;
extern const struct export_format export_json_format, export_ek_format, export_pdml_format;
extern const struct export_format export_table_format;

#endif
