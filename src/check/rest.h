/* rest.h - where a recording can be cut: between two sessions, when all that is remembered is known.
 */
#ifndef SMTPSEQ_CHECK_REST_H
#define SMTPSEQ_CHECK_REST_H

#include "check/reading.h"

/* What a reading takes along from the session that is over to the next. */
struct rest {
    uint64_t first_line; /* of the session that is over */
    uint64_t reader;     /* what the reader remembers */
    unsigned hints;
    bool from_start;
    bool names_smtp;
    bool connecting, silent, timed, known; /* the same as in struct conversation ... */
    int64_t at, waited;                    /* ... of the last connection */
    char peer[LABEL_PEER], test[LABEL_NAME];
    struct session_label label;
};

/* Returns true if nothing is under way in the reading but the end of a session, which has said goodbye, and sets *rest: a
 * reading that has seen only this session, and has the same rest, goes on alike. */
bool reading_rests(const struct reading *reading, struct rest *rest);

bool rest_equal(const struct rest *a, const struct rest *b);

#endif
