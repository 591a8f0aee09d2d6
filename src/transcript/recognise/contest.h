/* contest.h - a recording's text under recognition: the readings that compete, and the best so far. */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_CONTEST_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_CONTEST_H

#include <limits.h>

#include "transcript/recognise/measure.h"

/* No row after a prefix, and no composed reading, below this. */
#define POINTS_LEAST 100
/* The cost of what the log is wrapped in, where it stays in the text: colours, entities, marks. */
#define COST_LEFT_IN 100

struct contest {
    struct slice head;
    struct anchors anchors;
    struct recognition *best;
    struct measured measured; /* of the best */
    bool measured_any;
    bool settled; /* a dump with headings of its own: nothing else can be meant */
    bool fields;  /* there are objects of JSON or rows of cells */
    bool objects; /* nearly all lines hold objects */
    bool inside;  /* the text was taken out of a wrapping */
};

/* Weighs a reading, less its cost, at most so many points; it becomes the best if it explains more.
 * Returns false when out of memory. */
bool contest_enter(struct contest *contest, const struct recognition *entrant, long cost,
                   long most);

/* The readings of a text as it is. Returns false when out of memory. */
bool contest_text(struct contest *contest, struct recognition *room);

/* What shows one side, or octets only, and is read where nothing else fits: rows that fit, or a dump by its
 * form, behind a prefix or not. Returns false when out of memory. */
bool contest_one_sided(struct contest *contest, struct recognition *room);

/* The composed reading. Returns false when out of memory. */
bool contest_composed(struct contest *contest, struct recognition *room);

/* What is known of the sides of a composed reading. */
void contest_settle(struct contest *contest);

/* Returns true if a reading that costs so much is no use: less than that speaks against the best one. */
bool contest_is_sure(const struct contest *contest, long cost);

/* The row of the table that the text can be nothing but; NULL: none. `wrapped`: only what is never told apart by what
 * stands before its lines, above all packets as text. */
const struct format *contest_sure_row(struct slice head, bool wrapped, struct fit *fit);

#endif
