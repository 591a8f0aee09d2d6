/* rule_sessions.h - the sessions of a file in which rules were found: replay --rule.
 *
 * An exchange is shown before a finding about its session can be known, so the file is read twice.
 */
#ifndef SMTPSEQ_RULE_SESSIONS_H
#define SMTPSEQ_RULE_SESSIONS_H

#include "cli/settings.h"

/* A session: the recording in the file and the number in that, both from 1. */
struct rule_session {
    uint64_t recording, session;
};

/* All zero at first. */
struct rule_sessions {
    struct rule_session *list; /* in order, once they are found */
    size_t count, capacity;
    bool no_memory;
};

/* Reads a file from its descriptor, and goes back to where that stood. Returns false, with the reason in
 * errno, if that cannot be done (ESPIPE: a pipe), or when out of memory. */
bool rule_sessions_find(struct rule_sessions *found, const struct input *input, int descriptor,
                        const struct options *options);

/* Returns true if one of the rules was found in a session. */
bool rule_sessions_have(const struct rule_sessions *found, uint64_t recording, uint64_t session);

void rule_sessions_free(struct rule_sessions *found);

#endif
