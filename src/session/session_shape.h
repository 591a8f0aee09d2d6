/* session_shape.h - which commands came in a session, and how they were answered, as one number.
 *
 * Arguments, texts and places are left out, and a run of like exchanges counts once (a message with
 * three recipients is no other than one with two), so that the same test recorded again has the same
 * shape.
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
