/* reply.h - the code of a reply, its lines, and what the code means.
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
    struct slice text; /* after the code and its separator; a part of the line */
};

/* The scanner's memory, owned by the caller: one for each thread. NULL when out of memory. */
struct reply_scanner;
struct reply_scanner *reply_scanner_new(void);
void reply_scanner_free(struct reply_scanner *scanner);

/* Returns the number that the first three octets of a text are; -1 if they are not three digits. */
static inline int reply_code(struct slice text)
{
    if (text.size < 3 || !ascii_digit(text.data[0]) || !ascii_digit(text.data[1]) ||
        !ascii_digit(text.data[2]))
        return -1;
    return (text.data[0] - '0') * 100 + (text.data[1] - '0') * 10 + (text.data[2] - '0');
}

/* Reads a server's line (without its line end). Any octets are allowed. Three digits and a blank or a
 * hyphen, as nearly all replies have them, are read here; the scanner reads the rest. */
struct reply_line reply_scan_closely(struct reply_scanner *scanner, struct slice line);
static inline struct reply_line reply_scan(struct reply_scanner *scanner, struct slice line)
{
    int code = reply_code(line);
    if (code < 0 || line.size < 4 || (line.data[3] != ' ' && line.data[3] != '-'))
        return reply_scan_closely(scanner, line);
    return (struct reply_line){
        .kind = line.data[3] == ' ' ? REPLY_LINE_LAST : REPLY_LINE_MORE,
        .code = code,
        .text = {line.data + 4, line.size - 4},
    };
}

/* Returns true if a line is less than a reply, but may be the beginning of one: fewer than three
 * digits. Within a reply of several lines three are too few as well, because more may follow; a first
 * line of nothing but a code is how people write down replies. */
bool reply_may_begin(struct slice line, bool within);

/* Returns true if the digits are those of RFC 5321 4.2.1: 2 to 5, then 0 to 5, then any. */
bool reply_code_valid(int code);

/* Returns true if RFC 5321 4.3.2 or an extension lets a server answer `command` with `code`. Refusals
 * (4yz, 5yz) are allowed everywhere but where the RFCs leave no ground for one; the server chooses
 * which (RFC 5321 4.2). */
bool reply_code_fits(enum command command, int code);

/* Returns true if the command and its reply are a pair that hardly anything but SMTP has. */
bool reply_shows_smtp(enum command command, int code);

#endif
