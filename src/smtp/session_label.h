/* session_label.h - what a log calls a session: the test that it belongs to, its id, the peer, the time.
 */
#ifndef SMTPSEQ_SMTP_SESSION_LABEL_H
#define SMTPSEQ_SMTP_SESSION_LABEL_H

#include "smtp/line.h"
#include "smtp/log_time.h"

/* Octets of the texts, with the NUL. */
enum { LABEL_NAME = 96, LABEL_ID = 48, LABEL_PEER = 48, LABEL_TIME = 40, LABEL_CLIENT = 64 };

/* Each is a text of the recording, empty where the log does not say. */
struct session_label {
    char name[LABEL_NAME]; /* of the test: pytest, unittest, mocha, jest, go test */
    char id[LABEL_ID];
    char peer[LABEL_PEER];     /* its address */
    char client[LABEL_CLIENT]; /* as it calls itself in EHLO */
    char time[LABEL_TIME];     /* of the first line */
    struct log_time begun;     /* the same as a number; valid where `time` is not empty */
};

/* Where the name of a test stands. */
enum label_heading {
    HEADING_NONE,
    HEADING_BEFORE, /* above the sessions of the test; without a name: the test has ended */
    HEADING_AFTER   /* below them */
};

/* Says whether a line names a test, and sets the name. */
enum label_heading label_heading(struct slice line, char name[LABEL_NAME]);

/* Sets the peer if a note tells of a connection to or from an address. */
void label_note(struct slice note, char peer[LABEL_PEER]);

/* The time at the head of the line that was read last, and the octets up to its end and one more: many
 * lines begin like the one before. All zero at first. */
struct head_time {
    struct log_time time;
    size_t size;
    char head[LABEL_TIME + 24];
};

/* The time at the head of a recorded line whose payload begins at that column. False: there is none. */
bool label_time(struct head_time *last, struct slice raw, uint32_t column, struct log_time *time);

/* Sets the client's name. */
void label_client(struct session_label *label, struct slice name);

/* Sets id, peer and time from a line of the session. */
void label_line(struct session_label *label, const struct line *line);

#endif
