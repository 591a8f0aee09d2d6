/* follower.h - where a session stands, as far as a reader must know it to tell what the next line is.
 *
 * A reader tells its follower every line of a side, in order. The dialogue knows more (which reply
 * answers which command), but works on the lines that readers pass on.
 */
#ifndef SMTPSEQ_SMTP_FOLLOWER_H
#define SMTPSEQ_SMTP_FOLLOWER_H

#include "smtp/command.h"
#include "smtp/line.h"

enum follower_tls {
    FOLLOWER_PLAIN,
    FOLLOWER_TLS_ASKED, /* STARTTLS was sent ... */
    FOLLOWER_TLS_AGREED /* ... and answered with 220: a handshake may come */
};

/* All zero at first. */
struct follower {
    bool greeted;        /* a reply has come; a first 220 answers no command */
    bool content;        /* 354 has come, the dot has not */
    bool answer;         /* 334 has come: the client's next line answers it */
    bool auth;           /* AUTH is not decided: the client's lines are secret */
    bool closed;         /* 221 has come */
    bool data;           /* the last command is DATA, without an answer yet */
    size_t waiting;      /* commands without an answer */
    int open;            /* code of a reply whose last line has not come; 0: none */
    uint64_t chunk_left; /* octets of a chunk still to come, lines counted with CR LF (RFC 3030) */
    enum follower_tls tls;
    bool lost;     /* lines are missing: nothing can be judged ... */
    bool answered; /* ... until the client sends a command after a whole reply */
};

/* Follows one line. Returns true if it can be judged: nothing that it hangs on is missing. */
bool follower_take(struct follower *follower, enum side side, struct slice payload);

/* Follows a client's line that is a command for sure. */
void follower_command(struct follower *follower, const struct command_line *command);

/* Octets of that side are missing. Returns false if they are of a message, on which nothing hangs. */
bool follower_lose(struct follower *follower, enum side side);

#endif
