/* server.h - one session as one real server would have answered it.
 *
 * Each server's table follows the session by itself: if Postfix would have accepted the early MAIL,
 * then for Postfix the transaction is open. What has nothing to do with order is taken from the
 * recording: a mailbox that does not exist, a wrong password, a message that is too large, a DATA
 * that is deferred are the same everywhere, and a command that is refused for such a reason changes
 * nothing.
 *
 * A table was measured one command at a time, with certain settings. Beyond that there is no
 * prediction: see server_predict.
 */
#ifndef SMTPSEQ_SERVER_H
#define SMTPSEQ_SERVER_H

#include "dialogue/dialogue.h"
#include "session/server_table.h"
#include "session/session.h"

#define SERVERS_MAX 64

/* The servers that a run asks about. */
struct server_set {
    const struct server_table *tables[SERVERS_MAX];
    const char *paths[SERVERS_MAX]; /* the files they were read from; NULL: built in */
    size_t count;
    bool strict; /* rfc5321 was named beside them */
};

/* What a server would say to a command: it takes it, refuses it with this code, or that was not
 * measured (of a documented server: no source says it). */
struct prediction {
    int code;       /* 250: it takes it; 400 to 599, or 221: it refuses it; else one of these two */
    bool for_order; /* refused because it is out of order for this server */
    struct slice text; /* of the reply, where the table has one; the table's */
};
#define PREDICTION_NOT_MEASURED 0
#define PREDICTION_NO_ANSWER    (-1) /* the server has closed the connection */

/* A server's place in a session. */
struct server_replay {
    const struct server_table *table;
    uint16_t state;
    bool measured;        /* the state is known */
    bool recorded;        /* the greeting is of this program: the recording is of such a server */
    bool extended;        /* it took the last EHLO, and no HELO since */
    enum command command; /* of the exchange before */
    size_t dot, starttls; /* the exchanges that came last, plus one; 0: none */
    uint16_t counted[SERVER_LIMITS_MAX]; /* towards the limits of the table */
};

void server_start(struct server_replay *replay, const struct server_table *table);

/* Puts one exchange to the server. `verdict`: of the strict machine, which tells whether the
 * recorded refusal was one of order. Not measured, from there to the end of the session: what
 * follows a refused greeting, a 421 or a limit on errors; LMTP at a server of SMTP, and the reverse; a recording that begins inside a session; commands
 * that the table does not have and that change the state; where pipelining was not measured, commands
 * sent before the reply to one that has to be waited for; and what follows a reply of the recorded server itself that its own
 * table does not have, since its settings are others then. */
struct prediction server_predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, const struct session *session);

#endif
