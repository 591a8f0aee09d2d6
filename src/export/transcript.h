/* transcript.h - a recording as lines of its two sides, session by session, to be written as a transcript
 * with "C:" and "S:".
 *
 * Sessions that are interleaved in a log come one after the other. What is kept of a line is what the
 * dialogue has received: without the marks and prefixes of the log.
 */
#ifndef SMTPSEQ_EXPORT_TRANSCRIPT_H
#define SMTPSEQ_EXPORT_TRANSCRIPT_H

#include <stdio.h>

#include "base/octet_buffer.h"
#include "smtpseq.h"

/* A line of a session. */
struct said_line {
    enum side side;  /* SIDE_NOTE: octets of the message that are not in the recording */
    bool content;    /* of a message, or an answer to a challenge of AUTH: no command */
    size_t at, size; /* its text, in the session's texts */
    uint64_t number; /* in the recording */
};

struct said_session {
    uint64_t number;
    struct said_line *lines;
    size_t count, capacity;
    struct octet_buffer texts;
};

/* All zero at first. */
struct transcript {
    struct said_session *sessions; /* in the order in which they began */
    size_t count, capacity;
    uint64_t greatest; /* of their numbers */
};

/* Adds a line to a session. Returns false when out of memory. */
bool transcript_add(struct transcript *transcript, uint64_t session, const struct line *line,
                    bool content);
void transcript_free(struct transcript *transcript);

static inline struct slice said_text(const struct said_session *session,
                                     const struct said_line *line)
{
    return (struct slice){session->texts.octets + line->at, line->size};
}

/* Replaces the text of a line. Returns false when out of memory. */
bool said_set(struct said_session *session, struct said_line *line, struct slice text);

/* Writes the lines of a session; `wanted`: which of them (NULL: all). Control characters are escaped. */
void transcript_write(FILE *out, const struct said_session *session, const bool wanted[]);

/* The client's lines alone, to be played again through nc or openssl s_client. */
void transcript_write_client(FILE *out, const struct said_session *session, const bool wanted[]);

#endif
