/* foreign.h - other protocols that look like SMTP in a log: lines of text, commands and answers.
 */
#ifndef SMTPSEQ_SMTP_FOREIGN_H
#define SMTPSEQ_SMTP_FOREIGN_H

#include <stdbool.h>

#include "base/slice.h"

enum protocol {
    PROTOCOL_SMTP, /* or nothing says another one */
    PROTOCOL_FTP,
    PROTOCOL_POP3,
    PROTOCOL_IMAP,
    PROTOCOL_MANAGESIEVE,
    PROTOCOLS
};

/* Its name: "FTP". */
const char *protocol_name(enum protocol protocol);

/* The protocol of a server that answers like this: POP3's "+OK", IMAP's "* OK", ManageSieve's
 * "\"IMPLEMENTATION\"". FTP answers as SMTP does. */
enum protocol foreign_answer(struct slice line);

/* Returns true if the client's line is a command of FTP, and none of SMTP. */
bool foreign_is_ftp(struct slice command);

/* Returns true if a greeting says that it is SMTP's or LMTP's. */
bool foreign_names_smtp(struct slice greeting);

#endif
