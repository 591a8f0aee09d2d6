/* infer_events.h - where in a log of an unknown format something stands that looks like SMTP.
 */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_EVENTS_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_INFER_EVENTS_H

#include <stdint.h>

#include "base/slice.h"

/* The most that are looked at; the head of a recording has hardly more. */
#define EVENTS_MAX       4096
/* The most octets before the payload. */
#define EVENT_PREFIX_MAX 240

struct event {
    struct slice line; /* of the log */
    size_t at;         /* the payload in it */
    uint32_t number;   /* of the line in the head, from 0 */
    int code;          /* of a reply; 0: it is a command */
    bool strong;       /* hardly anything but SMTP */
    bool more;         /* "250-" */
    bool bare_verb;    /* a command without an argument: what follows is the log's */
    uint16_t verb_size;
};

struct events {
    struct event *list; /* EVENTS_MAX of them */
    size_t count;
    uint32_t lines; /* of the head */
};

/* Finds what looks like SMTP, at most three places a line. False when out of memory. */
bool events_find(struct events *events, struct slice head);
void events_free(struct events *events);

#endif
