/* points.h - what speaks for a reading of a recording, and what against it, in hundredths of a point.
 *
 * Known formats and learnt marks are compared by these points (transcript/recognise/score.h), and a
 * session that contradicts its reading is found by them (check/doubt.h).
 */
#ifndef SMTPSEQ_SMTP_POINTS_H
#define SMTPSEQ_SMTP_POINTS_H

enum points {
    POINTS_PAIR = 200,       /* a command and a reply that it can draw */
    POINTS_SURE = 100,       /* on top: a pair that hardly anything but SMTP has, 354 to DATA */
    COST_MISFIT = 300,       /* a reply that the command cannot draw */
    COST_UNKNOWN = 250,      /* an unknown verb that was not refused ... */
    COST_REFUSED = 40,       /* ... and one that was */
    COST_UNANSWERED = 70,    /* a command without a reply in the middle ... */
    COST_CUT = 20,           /* ... and at the end */
    COST_DISORDER = 100,     /* taken although it was out of order */
    COST_UNASKED = 200,      /* a reply to nothing ... */
    COST_UNASKED_FIRST = 40, /* ... and the first of all, whose command may be cut off */
    COST_CODELESS = 30       /* a server's line that is no reply */
};

#endif
