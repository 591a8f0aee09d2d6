/* infer.h - the marks of a log in no known format, learnt from what is SMTP in it.
 *
 * Most logs are some constant or patterned text around the payload. What looks like replies and
 * commands shows what stands before and behind them; where that text tells the two apart, it is
 * taken for their marks, and the log is read by these.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_H

#include "transcript/formats/marked.h"

/* Of what looks like SMTP in the head this much, in percent, must be explained by the marks. */
#define INFERENCE_LEAST 70

struct inference {
    struct marks marks;
    struct fit fit;                /* the commands and replies that the marks explain */
    unsigned confidence;           /* in percent; 0: nothing was found */
    char description[LEARNT_TEXT]; /* client lines marked by "...", server lines by "..." */
};

/* Learns the marks. False when out of memory. */
bool infer(struct slice head, struct inference *inference);

/* Reads by marks that are learnt when it is opened. Not in the table: it has no program. */
extern const struct format inferred_format;

#endif
