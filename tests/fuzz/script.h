/* script.h - a session made up from a fuzzer's octets: what the client and the server say, line by
 * line, in the order in which it happens.
 */
#ifndef SMTPSEQ_FUZZ_SCRIPT_H
#define SMTPSEQ_FUZZ_SCRIPT_H

#include "base/slice.h"

#include <stdint.h>

#define SCRIPT_LINES_MAX 160
#define SCRIPT_TEXT_MAX  ((size_t)16 << 10)

/* What is left of the octets; after their end there are only zeros. */
struct feed {
    const uint8_t *data;
    size_t size;
};

/* The next octet. */
unsigned feed_next(struct feed *feed);

struct script_line {
    struct slice text; /* without its line end */
    bool server;
    bool message; /* a line of a message, or its dot */
};

struct script {
    struct script_line lines[SCRIPT_LINES_MAX];
    size_t count;
    bool calm;                  /* every command is answered, by a reply that is one */
    bool lockstep;              /* and the client waits for each reply */
    bool greeted;               /* it begins with a greeting that names SMTP */
    bool tls;                   /* TLS may begin in it: a dump would have nothing more to show */
    bool odd_message;           /* where a message ends cannot be told when it is not shown */
    char text[SCRIPT_TEXT_MAX]; /* what the lines point into */
    size_t size;
};

/* Makes up a session; most of it is as it should be when the octets are small. */
void script_make(struct script *script, struct feed *feed);

#endif
