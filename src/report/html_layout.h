/* html_layout.h - where everything in a drawn session goes, before it is drawn: the faults to their
 * steps, the lines to their causes into lanes, and what is folded.
 */
#ifndef SMTPSEQ_HTML_LAYOUT_H
#define SMTPSEQ_HTML_LAYOUT_H

#include "report/kept.h"

/* Lines beside one another; a fault whose line finds no lane still has the link. */
#define LANES   3
#define NO_WIRE UINT32_MAX

/* Rows are counted in halves: step i is 2 * i, what stands behind it and is no step 2 * i + 1. */

/* The way from a cause to the last fault that it led to. */
struct wire {
    size_t from, to;
    int lane; /* -1: none was free */
    enum severity severity;
};

/* Where a finding is drawn. */
struct locationd {
    size_t row;
    size_t finding; /* its index */
};

enum interest {
    INTEREST_NONE,  /* in order */
    INTEREST_WRONG, /* out of order, or trouble that follows from a fault */
    INTEREST_FOUND  /* a fault or a cause */
};

/* What is known of a step. */
struct layout_step {
    uint32_t wire;    /* that begins here, or NO_WIRE */
    uint64_t follows; /* the line of the fault that it follows from; 0: none */
    enum interest interest;
    size_t run_end; /* a run that is folded begins here: the first step behind it; 0: none does */
    bool left_out;  /* it is not drawn */
};

struct html_layout {
    struct locationd *places; /* of all findings, by row */
    struct wire *wires;
    size_t wire_count;
    struct layout_step *steps;
};

/* Of a run in check so many steps are drawn at its beginning, and as many at its end. */
#define RUN_DRAWN 100

/* Lays a session out, for html_layout_free; `replay`: its steps are what was asked for, and all of them
 * are drawn. False when out of memory. */
bool html_lay_out(struct html_layout *layout, struct kept_session *session, bool replay);
void html_layout_free(struct html_layout *layout);

#endif
