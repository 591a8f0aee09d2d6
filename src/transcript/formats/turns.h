/* turns.h - whose turn it is in a dialogue whose lines carry no marks.
 *
 * Knows just enough of the dialogue to tell what a line without a mark can be: a message runs from
 * 354 to the dot, a chunk for its octets, 334 is answered by one line, and a server speaks when it
 * was asked. What the dialogue makes of the lines is decided later, elsewhere.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_TURNS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_TURNS_H

#include "smtp/follower.h"

enum turn {
    TURN_REPLY,      /* a line of a reply that has more lines */
    TURN_REPLY_LAST, /* the last, or only, line of a reply */
    TURN_COMMAND,    /* a command */
    TURN_DOT,        /* the end of the message */
    TURN_CONTENT,    /* a line of a message or chunk, or of what may become one */
    TURN_ANSWER,     /* the answer to a challenge of AUTH */
    TURN_TEXT        /* none of these, by the look of it */
};

/* Begins with turns_restart; messages_shown and proofs are zero at first and then kept. */
struct turns {
    struct follower follower;
    bool under_way;      /* a greeting or a command has been seen, and no goodbye */
    bool greeted;        /* nothing has come after the greeting yet */
    bool content_begins; /* nothing has come after the 354 yet */
    bool chunk_begins;   /* nor after BDAT */
    bool data;           /* DATA waits for its 354 */
    bool early;          /* and a message has begun before it */
    bool dot;            /* the dot has come before the 354 */
    bool lmtp;           /* LHLO: the end of a message draws several replies (RFC 2033 4.2) */
    bool messages_shown; /* the recording shows what stands between 354 and the reply to it */
    size_t pending;      /* commands without a reply */
    enum command last;   /* command; COMMAND_COUNT if there is none, or text came after it */
    bool last_is_exact;  /* and nothing else stands on its line */
    unsigned proofs;     /* how often a command of SMTP drew the reply that SMTP has for it */
};

/* Returns what a line can be. Changes nothing: that is done by the functions below. */
enum turn turns_of(const struct turns *turns, struct slice line);

/* Takes a line as what it is. */
void turns_take(struct turns *turns, enum turn turn, struct slice line);

/* Takes the line as a command, whatever it looks like. */
void turns_take_command(struct turns *turns, struct slice line);

/* A new connection is being made. */
void turns_restart(struct turns *turns);

/* Returns true if a reply would answer nothing that was asked. */
bool turns_unasked(const struct turns *turns, struct slice reply);

#endif
