/* server_limits.h - how many errors a server puts up with: the lines `limit` of its table.
 */
#ifndef SMTPSEQ_SERVER_LIMITS_H
#define SMTPSEQ_SERVER_LIMITS_H

#include "session/server.h"

/* Returns true if the session has reached a limit: what the server says now was not measured. */
bool limits_reached(const struct server_replay *replay);

/* Counts a command that the server answered with this code (see struct prediction). `event`: of the
 * command if nothing were against it; SERVER_EVENT_COUNT: one that tables do not have. */
void limits_count(struct server_replay *replay, enum server_event event, int code);

#endif
