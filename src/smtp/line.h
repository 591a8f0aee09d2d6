/* line.h - one line of a transcript: what every reader passes on, whatever the format.
 */
#ifndef SMTPSEQ_SMTP_LINE_H
#define SMTPSEQ_SMTP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum side {
    SIDE_CLIENT,
    SIDE_SERVER,
    SIDE_UNMARKED, /* no mark of either side: the dialogue knows whether it can be placed */
    SIDE_NOTE      /* of the program that wrote the log, or of the person who keeps it */
};

/* The meaning of a note for the session. */
enum note {
    NOTE_PLAIN,     /* nothing */
    NOTE_SESSION,   /* a new connection is being made */
    NOTE_SEPARATOR, /* a new session may begin here (an empty line) */
    NOTE_TEST,      /* the heading of a test: what follows belongs to another one */
    NOTE_CONTENT,   /* octets of the message went here, but are not shown */
    NOTE_HOLE,      /* something is missing: what follows cannot be judged by what came before */
    NOTE_END,       /* the connection is closed: no line of this session key follows */
    NOTE_TIMEOUT,   /* the client has given up waiting for a reply */
    NOTE_REMARK,    /* a person's word to smtpseq: the payload is what comes after "smtpseq:" */
    NOTE_WIRE, /* the lines of this connection are the octets of the network: none was inside TLS ... */
    NOTE_TLS,     /* ... but for those that follow, after a handshake which no line shows */
    NOTE_FOREIGN /* the client's octets are of another protocol: the payload is its name */
};

/* How a line ended on the wire, where the recording has its octets. */
enum line_end {
    LINE_END_UNKNOWN, /* it does not say: the line ends of a text file are not those of the wire */
    LINE_END_CRLF,
    LINE_END_LF /* alone */
};

/* Where a log cuts long texts, a reader puts this at the end of what is left of a line; alone in a
 * line of a reply it stands for lines that are not shown. */
#define LINE_CUT "[...]"

struct line {
    enum side side;
    enum line_end end;
    struct slice payload; /* without mark and line end */
    struct slice raw;     /* the whole line of the file, without its line end */
    uint64_t number;      /* of the line in the file, from 1 */
    uint32_t column;      /* of the payload in it, from 1, in octets */
    uint32_t end_column;  /* where raw and payload differ by escapes: one past the payload's first
                             word; 0: as long as it is in the payload */
    enum note note;
    bool
        unended; /* no line end follows: the recording has ended, or a chunk, in the middle of it */
    bool open;   /* what was written with it has no line end: the next octets come right after */
    unsigned part;    /* which file of a recording that has several: 0 but for the server's of a
                             pair */
    uint64_t session; /* tells interleaved sessions apart; 0 where a log has no such mark */
    struct slice session_name; /* the text of that mark, where a person would know it */
};

/* Takes the lines of a transcript, one by one. The slices are valid during the call only. */
struct line_sink {
    void (*line)(void *context, const struct line *line);
    void *context;
};

#endif
