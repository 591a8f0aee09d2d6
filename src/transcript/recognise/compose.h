/* compose.h - a reading of a log in no known format, composed from what is SMTP in it.
 *
 * Most logs are some constant or patterned text around the payload. What looks like replies and
 * commands shows what stands before it: times, hosts and ids as well as the marks of the two sides, in
 * one. Each way to take these texts for marks is a guess, and the dialogue that comes out is its test.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_COMPOSE_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_COMPOSE_H

#include "transcript/formats/format.h"
#include "transcript/formats/marks.h"
#include "transcript/recognise/anchors.h"

struct composed {
    bool found;
    struct marks marks;
    long points;                   /* of its guess (score.h): what its marks leave out counts too */
    long cost;                     /* of the marks themselves */
    char description[LEARNT_TEXT]; /* client lines marked by "...", server lines by "..."; of the
                                      nearest guess, where none is a reading */
    unsigned commands, replies, pairs; /* of that guess: pairs found each other and fit */
};

/* Reads by marks that were learnt. Not in the table: it has no program. */
extern const struct format inferred_format;

/* Finds the reading that explains the anchors best. Returns false when out of memory. */
bool compose(const struct anchors *anchors, struct composed *composed);

#endif
