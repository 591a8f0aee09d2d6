/* capture.h - captured network traffic: pcap and pcapng.
 *
 * The lines of a capture are its frames: a finding points at the frame in which the line began, in
 * column 1, and its excerpt is the line that was said, without the heads of the packets.
 */
#ifndef SMTPSEQ_TRANSCRIPT_CAPTURE_CAPTURE_H
#define SMTPSEQ_TRANSCRIPT_CAPTURE_CAPTURE_H

#include "transcript/formats/format.h"

/* How files of a kind begin. */
struct capture_kind {
    const char *const *magics; /* of 4 octets each; the last is NULL */
};

extern const struct capture_kind pcap_capture, pcapng_capture;
extern const struct format_family capture_family; /* detail: a struct capture_kind */

/* Returns true if a file with this head is read through libpcap. */
bool capture_wants_library(struct slice head);

/* Loads libpcap, before a sandbox closes. Without it, it is loaded by the first capture. */
void capture_prepare(void);

/* read.c: format_family.read_all. */
int capture_read_all(struct reader *reader, struct source *source);

#endif
