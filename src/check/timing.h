/* timing.h - how long replies took, by the times of a log's lines.
 */
#ifndef SMTPSEQ_CHECK_TIMING_H
#define SMTPSEQ_CHECK_TIMING_H

#include "session/session.h"
#include "smtp/session_label.h"

/* The times of a session so far; all zero at first. */
struct timeline {
    bool ticks; /* two lines are a little apart: the log's times are those of its lines */
    bool back;  /* a line is older than the one before it */
    bool timed; /* `last` is valid */
    int64_t last;
    struct {
        bool known;
        size_t number;
        enum command command;
        bool answered;
        int64_t sent, replied; /* replied: -1 if that is not known */
    } before;                  /* the exchange before */
    struct head_time head;     /* of the line that was read last */
};

/* What the log's times say of an exchange. `line`: the one that ended its reply; NULL: it has no reply. */
struct exchange_times timeline_exchange(struct timeline *timeline, const struct exchange *exchange,
                                        const struct line *line);

#endif
