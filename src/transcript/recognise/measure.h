/* measure.h - reads a sample through the reader of a format and weighs what comes out (score.h). */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_MEASURE_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_MEASURE_H

#include "transcript/formats/format.h"
#include "transcript/recognise/anchors.h"

struct measured {
    long points;    /* in hundredths */
    long against;   /* what speaks against the reading, without the cost of its sessions */
    bool clean;     /* nothing does, and it has a command with its reply */
    bool paired;    /* it has a command with its reply */
    unsigned doubt; /* what does, in percent of what speaks for it */
    unsigned commands, replies;
    size_t unplaced;       /* lines that are given to no side, though they may be of one */
    size_t read, anchored; /* lines with an anchor: that were read, and all */
};

/* Reads the sample of the anchors as the recognition says. Returns false when out of memory. */
bool measure(const struct recognition *recognition, const struct anchors *anchors,
             struct measured *measured);

#endif
