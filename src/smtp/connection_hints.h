/* connection_hints.h - what the words around a session say of its connection.
 *
 * It need not be sure: it is only asked before something is said about a connection that leaves the
 * computer in the clear.
 */
#ifndef SMTPSEQ_SMTP_CONNECTION_HINTS_H
#define SMTPSEQ_SMTP_CONNECTION_HINTS_H

#include "base/slice.h"

enum connection_hint {
    HINT_LOOPBACK = 1, /* both ends are this computer: 127.0.0.0/8, ::1, localhost */
    HINT_TLS = 2       /* it is encrypted, or on the port where it is from the beginning */
};

/* Bits of enum surroundings, from a note or heading; only its beginning is looked at. */
unsigned connection_hints_in(struct slice note);

/* Returns true if a text names this computer. */
bool names_loopback(struct slice text);

#endif
