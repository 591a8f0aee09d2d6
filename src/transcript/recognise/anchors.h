/* anchors.h - where in a log of an unknown format something stands that looks like SMTP.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_ANCHORS_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_ANCHORS_H

#include <stdint.h>

#include "base/slice.h"

/* So many lines with an anchor are enough to decide by; each has at most three. */
#define ANCHORED_LINES_MAX 100
#define ANCHORS_MAX        (ANCHORED_LINES_MAX * 3)
/* Lines of the sample after its last anchor. */
#define SAMPLE_REST        8
/* The most octets before the payload. */
#define ANCHOR_FRONT_MAX   400

struct anchor {
    struct slice line; /* of the log */
    size_t at;         /* the payload in it */
    uint32_t number;   /* of the line in the head, from 0 */
    int code;          /* of a reply; 0: it is a command */
    bool strong;       /* hardly anything but SMTP */
    bool more;         /* "250-" */
    bool bare_verb;    /* a command without an argument: what follows is the log's */
    uint16_t verb_size;
};

struct anchors {
    struct anchor *list; /* ANCHORS_MAX of them */
    size_t count;
    size_t anchored;     /* lines that have one */
    uint32_t lines;      /* of the sample */
    struct slice sample; /* the head up to a few lines after the last anchor that was taken */
};

/* Finds what looks like SMTP, at most three places a line. Returns false when out of memory. */
bool anchors_find(struct anchors *anchors, struct slice head);
/* Returns true if the line has one. */
bool anchors_in_line(struct slice line);

/* What it costs a reading, in the points of score.h, to leave out a line with a strong anchor, or with a
 * weak one. anchors_left_out adds up the lines that were not read: is_read is asked once for each, with
 * the index of its first anchor. */
#define COST_LEFT_OUT      80
#define COST_WEAK_LEFT_OUT 30
long anchors_left_out(const struct anchors *anchors, bool (*is_read)(void *context, size_t first),
                      void *context);

void anchors_free(struct anchors *anchors);

#endif
