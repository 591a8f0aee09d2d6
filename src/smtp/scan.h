/* scan.h - where SMTP may begin in a text of whatever kind.
 *
 * Most of a large log is about other things. The scan passes over it at the speed of memory and
 * stops at what nearly every recording of SMTP has: a command with the argument it must have, or the
 * heading of a dump of octets. It may stop too often; recognition decides. */
#ifndef SMTPSEQ_SMTP_SCAN_H
#define SMTPSEQ_SMTP_SCAN_H

#include "base/slice.h"

/* So many octets at the end of a text cannot be decided without those after them. */
#define SCAN_REACH 32

/* The first place at `from` or after it where SMTP may begin; the size of the text where there is
 * none. Octets before `from` are looked at, none before the text. */
size_t scan_find(struct slice text, size_t from);

/* The kinds of places: a command, or a dump of octets, which may hold any. */
enum scan_word { SCAN_HELLO, SCAN_MAIL, SCAN_RCPT, SCAN_DUMP, SCAN_WORDS };

/* The same, and what stands there. */
size_t scan_next(struct slice text, size_t from, enum scan_word *what);

/* Returns true if SMTP may begin in the line. */
bool scan_finds(struct slice line);

/* The first place where a reply with this code may begin; the size of the text where none does. */
size_t scan_reply(struct slice text, struct slice code);

#endif
