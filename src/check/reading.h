/* reading.h - one reading of a recording, or of a part of it. */
#ifndef SMTPSEQ_CHECK_READING_H
#define SMTPSEQ_CHECK_READING_H

#include "check/conversation.h"
#include "check/finding_order.h"
#include "check/journal.h"
#include "check/outlet.h"
#include "smtpseq.h"

/* A line "# smtpseq: ..." that waits for the line it is about. */
struct comment {
    uint64_t line;
    EXCERPT(SMTPSEQ_COMMENT_TEXT) text;
};

struct reading;

/* One recording under way. */
struct smtpseq_checker {
    struct smtpseq_callbacks callbacks;
    const struct server_set *servers;
    struct smtpseq_recording recording;
    struct finding_order findings;
    struct outlet outlet;
    bool no_memory;
    struct reading *reading; /* that is under way; NULL: none is */
    /* Of a piece of a recording: where it is written down what is found; NULL: it is passed on. */
    struct journal *journal;
    unsigned jobs; /* pieces that may be read at a time, or 0 ... */
    size_t piece;  /* ... and the octets of one, about */
    size_t pieces; /* that have been added to what was read in one go */
    struct comment comments[SMTPSEQ_COMMENTS_MAX];
    size_t comment_count;
};

/* Makes the checker ready for another recording. */
void checker_begin(struct smtpseq_checker *checker);

/* One reading of a part of it. */
struct reading {
    struct smtpseq_checker *checker;
    struct reading *outer; /* in a gap of which this one is; NULL */
    struct source *source;
    struct recognition recognition;
    struct reader reader;
    struct conversations conversations;
    struct smtpseq_reading
        *known;       /* in the recording; NULL until a line has been given to a side */
    uint64_t unended; /* number of the last line, where no line end follows; else 0 */
    bool placed;      /* the line at hand was one of a side, or of a message ... */
    bool unmarked;    /* ... or of none that the reader could tell ... */
    bool in_message;  /* ... which may be of a message */
    bool in_text;     /* the next line of the client is text of a message, or its dot */

    /* A gap: lines that look like SMTP, and that the reading has given to no side. */
    unsigned gap_anchors;
    size_t gap_end;        /* in the lines that are held: after the last that is of none */
    uint64_t gap_unmarked; /* lines in it that count as unplaced ... */
    uint64_t elsewhere;    /* ... and those of gaps that another reading has placed */
    uint64_t deaf_until;   /* up to this line no gap begins: the last ones were none */
    unsigned failures;
    bool had_gap;
    /* Called where the gap ends with a line that is the reading's own ... */
    void (*gap_ends)(struct reading *reading);
    /* ... and for the lines of a gap that another reading explains. Returns false when out of memory. */
    bool (*read_gap)(struct reading *reading, struct source *lines);
    bool given_up;           /* the line at hand is the other reading's as well */
    bool over;               /* another reading explains the gap, and nothing comes after it ... */
    struct recognition next; /* ... which is this one */
    size_t next_at, next_size; /* the octets that it was recognised by, in those that are held */
};

/* Prepares a reading for its lines. */
void reading_begin(struct reading *reading, struct smtpseq_checker *checker, struct reading *outer);
/* Takes a line of it. */
void reading_line(void *context, const struct line *line);
/* After a line: passes findings on where too many wait. */
void reading_settle(const struct reading *reading);
/* Ends its sessions and adds to the recording what it has counted. Returns false when out of memory. */
bool reading_end(struct reading *reading);

#endif
