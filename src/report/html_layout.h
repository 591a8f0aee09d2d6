/* html_layout.h - where everything goes in a session before it is drawn: the row of each finding,
 * the lane of each wire from a cause to its findings, and the runs of steps that are folded.
 */
#ifndef SMTPSEQ_HTML_LAYOUT_H
#define SMTPSEQ_HTML_LAYOUT_H

#include "report/copied_sessions.h"

/* Wires beside one another; a finding whose wire has no lane still links to its cause. */
#define LANES   3
#define NO_WIRE UINT32_MAX

/* Rows: step i is row 2 * i; findings after it that belong to no step are row 2 * i + 1. */

/* The line drawn from an earlier line to the last finding that it explains. */
struct wire {
    size_t from, to;
    int lane; /* -1: none was free */
    enum severity severity;
    const char *words; /* what the first finding says at its beginning */
};

/* Where a finding is drawn. */
struct placed_finding {
    size_t row;
    size_t finding; /* its index */
};

enum interest {
    INTEREST_NONE,  /* in order */
    INTEREST_WRONG, /* out of order, or a follower of a finding */
    INTEREST_FOUND  /* a finding or a cause */
};

/* The layout of a step. */
struct layout_step {
    uint32_t wire;    /* that begins here, or NO_WIRE */
    uint64_t follows; /* the line of the finding that it follows from; 0: none */
    enum interest interest;
    size_t run_end; /* if a folded run begins here, the first step after it; else 0 */
    bool left_out;  /* it is not drawn */
};

struct html_layout {
    struct placed_finding *places; /* of all findings, by row */
    struct wire *wires;
    size_t wire_count;
    struct layout_step *steps;
};

/* How many steps of a run are drawn in check, at its beginning and again at its end. */
#define RUN_DRAWN 100

/* Lays a session out; html_layout_free frees the layout. `replay`: all steps are drawn. Returns
 * false when out of memory. */
bool html_lay_out(struct html_layout *layout, struct copied_session *session, bool replay);
void html_layout_free(struct html_layout *layout);

#endif
