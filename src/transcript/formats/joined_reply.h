/* joined_reply.h - a reply to EHLO whose lines a log has joined into one.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_JOINED_REPLY_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_JOINED_REPLY_H

#include "smtp/line.h"

/* Room for one line of the reply; all zero at first. */
struct joined_reply {
    char *room;
    size_t capacity;
};

/* Returns true for 250 and several keywords of EHLO on one line. */
bool joined_reply_is(struct slice payload);

/* Passes on the lines that were joined, each with its code. Returns false when out of memory. */
bool joined_reply_give(struct joined_reply *joined, const struct line *line,
                       const struct line_sink *sink);

void joined_reply_free(struct joined_reply *joined);

#endif
