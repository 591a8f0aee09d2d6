/* reply.h - one line of a reply, and what its code means.
 *
 * The head of the line is read by grammar/reply.l.
 */
#ifndef SMTPSEQ_SMTP_REPLY_H
#define SMTPSEQ_SMTP_REPLY_H

#include "base/slice.h"
#include "smtp/command.h"

enum reply_line_kind {
    REPLY_LINE_NONE, /* not a reply line */
    REPLY_LINE_MORE, /* "250-": more lines follow */
    REPLY_LINE_LAST  /* "250 " or a bare "250" */
};

struct reply_line {
    enum reply_line_kind kind;
    int code;          /* 0 to 999, whatever the digits say; 0 when kind is NONE */
    struct slice text; /* behind the code and its separator; a part of the line */
};

/* The scanner's memory, owned by the caller: one for each thread. NULL when out of memory. */
struct reply_scanner;
struct reply_scanner *reply_scanner_new(void);
void reply_scanner_free(struct reply_scanner *scanner);

/* Reads a server's line (without its line end). Any octets are allowed. */
struct reply_line reply_scan(struct reply_scanner *scanner, struct slice line);

/* Whether a line is too little of a reply, but may be its beginning: fewer than three digits. Within a
 * reply of several lines three are too few as well, because more may follow; a first line of nothing
 * but a code is how people write down replies. */
bool reply_may_begin(struct slice line, bool within);

/* Whether the digits are those of RFC 5321 4.2.1: 2 to 5, then 0 to 5, then any. */
bool reply_code_valid(int code);

/* Whether RFC 5321 4.3.2 or an extension lets a server answer `command` with `code`. Refusals
 * (4yz, 5yz) are allowed everywhere but where the RFCs leave no ground for one; which of them a
 * server picks, the RFCs leave to it (RFC 5321 4.2). */
bool reply_code_fits(enum command command, int code);

#endif
