/* journal.h - what has been found in a piece of a recording, until it is that piece's turn.
 *
 * Pieces are read at the same time (pieces.h), but what one gives may hang on those before it: the numbers of sessions,
 * what is a secret, what is said once a file. So it is written down in the order in which it came, and played to the
 * recording's own checker when that has come to the place where the piece begins.
 */
#ifndef SMTPSEQ_CHECK_JOURNAL_H
#define SMTPSEQ_CHECK_JOURNAL_H

#include "base/octet_buffer.h"
#include "rules/finding.h"
#include "session/session_outcome.h"

/* All zero at first; journal_clear and octet_buffer_free(&entries) when done. */
struct journal {
    struct octet_buffer entries;
    bool unsettled; /* a finding has come since journal_settle */
    bool odd;       /* something has come that cannot be told later */
    bool no_memory;
};

/* The finding becomes the journal's. `oldest`: the line where the oldest session under way begins. */
void journal_finding(struct journal *journal, struct finding *finding, uint64_t oldest);

/* A line has been read, after which findings may be passed on. */
void journal_settle(struct journal *journal, uint64_t oldest);

void journal_session(struct journal *journal, uint64_t number,
                     const struct session_outcome *outcome);

/* For struct secrets. `context`: the journal. */
void journal_secret(void *context, struct slice text, bool quoted);

/* Receives what stands in a journal. */
struct journal_player {
    void *context;
    /* The finding becomes the receiver's. */
    void (*finding)(void *context, struct finding *finding, uint64_t oldest);
    void (*settle)(void *context, uint64_t oldest);
    void (*session)(void *context, uint64_t number, const struct session_outcome *outcome);
    void (*secret)(void *context, struct slice text, bool quoted);
};

/* Plays it, and empties it: its memory stays. */
void journal_play(struct journal *journal, const struct journal_player *player);

/* Empties it: what stands in it is gone. */
void journal_clear(struct journal *journal);

#endif
