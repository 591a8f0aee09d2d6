/* server.h - one session as one real server would have answered it.
 *
 * A session is put to each server's machine, and each goes its own way: if Postfix would have taken
 * the early MAIL, then for Postfix the transaction is open. What a recording cannot say is taken
 * from it all the same: a mailbox that does not exist, a wrong password or a message that is too
 * large are so everywhere.
 */
#ifndef SMTPSEQ_SERVER_H
#define SMTPSEQ_SERVER_H

#include "dialogue/dialogue.h"
#include "session/server_table.h"
#include "session/session.h"

#define SERVERS_MAX 32

/* The servers that a run asks about. */
struct server_set {
    const struct server_table *tables[SERVERS_MAX];
    const char *paths[SERVERS_MAX]; /* the files they were read from; NULL: built in */
    size_t count;
    bool strict; /* rfc5321 was named beside them */
};

struct prediction {
    int code;          /* 250 for any acceptance; 0: it would not answer, or was not measured */
    bool for_order;    /* refused because it is out of order for this server */
    struct slice text; /* of the reply, where the table has one; the table's */
};

/* A server's place in a session. */
struct server_replay {
    const struct server_table *table;
    uint16_t state;
    bool measured; /* LMTP and sessions that begin in the middle are not */
};

void server_start(struct server_replay *replay, const struct server_table *table);

/* Puts one exchange to the server. `verdict`: of the strict machine, which tells whether the
 * recorded refusal was one of order; `middle`: the recording begins inside the session. */
struct prediction server_predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, bool middle);

#endif
