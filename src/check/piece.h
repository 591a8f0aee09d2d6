/* piece.h - a piece of a recording, read by itself.
 */
#ifndef SMTPSEQ_CHECK_PIECE_H
#define SMTPSEQ_CHECK_PIECE_H

#include "check/rest.h"

/* Where a recording is cut. */
struct cut {
    uint64_t
        warm_up; /* where the last sessions before it begin: the place of their first octet in the file ... */
    uint64_t place;                /* ... and where the cut is */
    uint64_t warm_up_lines, lines; /* the lines before both */
};

struct piece {
    struct cut cut;
    uint64_t end;             /* the place after its last octet */
    struct octet_buffer text; /* from cut.warm_up to the end */
    bool done;                /* it has been read ... */
    bool usable;              /* ... and all that came of it is here */
    struct rest begins, ends; /* at the cut, and at its end */
    struct journal journal;
    uint64_t sessions_before; /* of those in `counted`, before the cut */
    struct smtpseq_recording counted;
    uint64_t foreign[PROTOCOLS], foreign_begun;
    struct dialogue_count lines;
};

/* What pieces of the same recording have in common. */
struct piece_setup {
    const struct recognition *recognition;
    struct slice head; /* what the reader is opened with */
    const struct smtpseq_checker *checker;
    bool only;
};

/* Reads a piece, whose cut, end and text are set. */
void piece_read(struct piece *piece, const struct piece_setup *setup);

/* Adds what came of it to the reading of the recording, which has come to the cut. */
void piece_add(struct piece *piece, struct reading *reading);

/* Lets the reading of the recording go on where a piece begins, since those before it have been added. */
enum smtpseq_status piece_go(struct reading *reading, const struct piece *piece, struct slice head,
                             bool only);

/* Makes it ready for another, and keeps its memory. */
void piece_clear(struct piece *piece);

void piece_free(struct piece *piece);

#endif
