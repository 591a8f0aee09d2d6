/* session_shape.h - a hash of the commands of a session and of how they were answered.
 *
 * Arguments, texts and line numbers are not part of it, and a run of equal exchanges counts once
 * (three recipients are like two), so that the same test recorded again has the same shape.
 */
#ifndef SMTPSEQ_SESSION_SHAPE_H
#define SMTPSEQ_SESSION_SHAPE_H

#include <stdint.h>

#include "smtp/command.h"

struct session_shape {
    uint64_t hash; /* of all exchanges so far; 0 at the beginning */
    uint64_t last; /* the last of them */
};

/* Adds an exchange. `reply_class`: the first digit of the final reply, 0 where there is none. */
void session_shape_add(struct session_shape *shape, enum command command, int reply_class);

#endif
