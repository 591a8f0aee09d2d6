/* weigh.h - reads a text by way of trial: what dialogue comes out of it. */
#ifndef SMTPSEQ_CHECK_WEIGH_H
#define SMTPSEQ_CHECK_WEIGH_H

#include "check/doubt.h"
#include "transcript/recognise/recognise.h"

struct weight {
    struct doubt doubt;
    unsigned commands; /* hello, MAIL and RCPT that were answered: what scan.h finds */
    bool in_message;   /* the text ends inside a message */
};

/* What speaks for it, in the points of doubt.h. */
static inline long weight_points(const struct weight *weight)
{
    return weight->doubt.earned - weight->doubt.penalties;
}

/* Reads the text by the recognition; nothing comes of it but its weight, which is 0 where it has no
 * format or one that is not read line by line. Returns false when out of memory. */
bool weigh(struct slice text, const struct recognition *recognition, struct weight *weight);

#endif
