/* marked_session.h - the sessions of a log with marks: what the lines of each mean in its dialogue.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_SESSION_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_MARKED_SESSION_H

#include "smtp/follower.h"
#include "transcript/formats/marked.h"
#include "transcript/formats/stream.h"

/* Sessions that the reader follows at once. A session that replaces another in its slot starts
 * afresh, which at worst leaves a line without a mark unplaced. */
#define SESSIONS_MAX 64
/* Octets copied of a pending line. */
#define PENDING_MAX  512

/* A line that waits for the next one, which tells what it is. */
enum pending {
    PENDING_NONE,
    PENDING_DOT,      /* the end of the message, or a line of it */
    PENDING_VERBLESS, /* learnt marks: a command whose words are hidden, or the client's own note */
    PENDING_REPLY     /* learnt marks: the reply to EHLO, or a line of it: some logs write "250 " in
                         each */
};

/* The reader's state of a session. */
struct marked_session {
    uint64_t key;
    bool begun;   /* NOTE_SESSION or a line of SMTP has come */
    bool swapped; /* the client's marks are the server's */
    bool decided; /* it is known whose mark is whose */
    struct follower follower;
    bool hidden;    /* a message without its DATA, up to the reply to its dot */
    enum side last; /* the side of the last marked line */
    bool data;      /* the client's last command is DATA, and not answered */
    bool hello;     /* the client's last command is EHLO */
    bool orphaned;  /* DATA was refused: a message may be sent all the same */
    unsigned owed;  /* commands without a reply */
    enum pending pending;
    struct line pending_line;
    char pending_raw[PENDING_MAX], pending_payload[PENDING_MAX];
    struct stream streams[2];
};

struct marked_reader {
    struct marks marks;
    struct unquote_room room;
    struct marked_session sessions[SESSIONS_MAX];
    uint64_t last_key; /* of the last line that had one */
    const struct line_sink *sink;
    bool no_memory;

    /* The line of the file that is being read. */
    struct marked_session *session;
    bool by_text;    /* its mark is both sides': what it says decides */
    bool shows_ends; /* a quoted line of the log has had its line end */
    struct line line;
};

/* The session with the key, in the slot of which another one may have ended. */
struct marked_session *marked_session_of(struct marked_reader *marked, uint64_t key);

/* Takes a line of one side, after quotes and marks have been taken off: passes on what it is. */
void marked_emit_line(struct marked_reader *marked, struct marked_session *session,
                      struct line *line);
/* The same for a line that is SMTP for certain. */
void marked_emit(struct marked_reader *marked, struct marked_session *session, struct line *line);

/* Passes on the pending line. `sent`: a dot ended the message, else it is a line of it, which is sent as
 * two dots; a line without a verb was a command, else a note. */
void marked_release(struct marked_reader *marked, struct marked_session *session, bool sent);

/* The code of a reply; 0: it is none. */
int marked_code(struct slice payload);

#endif
