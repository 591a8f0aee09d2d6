/* state.h - what the files of the dialogue share. */
#ifndef SMTPSEQ_DIALOGUE_STATE_H
#define SMTPSEQ_DIALOGUE_STATE_H

#include "dialogue/queue.h"
#include "smtp/reply.h"

/* Lines of a chunk whose numbers are copied. */
#define CHUNK_LINES_MAX 64

/* The state of check_line.c. */
struct line_checks {
    enum line_end command_end; /* of the last command: who ends it with LF means LF . LF */
    enum line_end last_end;    /* of the client's last line */
    bool odd_dot;              /* the last line was a dot that need not be the end of the message */
    bool after_odd_dot; /* an odd dot has come, and nothing that reads like a command since */
    struct copied_location odd_location;
    /* Hints of notes about the connection of this session, and of the next (connection_hints.h). */
    unsigned hints, next_hints;
    uint64_t next_line; /* of the last note with a hint on the next session's connection */
};

/* The kind of the client's next line. */
enum sending {
    SENDING_COMMANDS,
    SENDING_CONTENT, /* a message: 354 has come, the dot has not */
    SENDING_BLOB,    /* what another command than DATA sends after its 354: up to the next reply */
    SENDING_REST,    /* perhaps the rest of a message whose reply came before its dot */
    SENDING_CHUNK,   /* the octets of BDAT */
    SENDING_RESPONSE /* the answer to a challenge of AUTH */
};

/* The octets of the last BDAT. */
struct chunk {
    uint64_t octets;
    uint64_t counted; /* of them; lines without their ends where those are not known ... */
    uint64_t endless; /* ... and how many such lines */
    uint64_t lines;
    uint64_t line[CHUNK_LINES_MAX]; /* the numbers of the first ones */
    uint64_t refused; /* which of them, from 1, a server that does not know BDAT has last refused as
                         a command; 0: it does */
    bool answered;    /* the server has answered BDAT */
    bool marked;      /* its last line had the client's mark */
};

/* The state of one session: cleared by assignment. */
struct current_session {
    bool began;
    bool
        from_start; /* a note said that a connection is being made, or the last session was split */
    bool greeted;   /* its greeting has come */
    bool closed;    /* 221 or 421 has come */
    bool quit;      /* QUIT has been answered with 221 */
    bool separator; /* an empty line came before this one */
    bool elided;    /* lines are left out here, and nothing has been sent since */
    bool disconnected; /* a note tells of another connection, and nothing has come since */
    bool handshake;    /* the 220 to STARTTLS was the last thing */
    bool clear_reply;  /* a reply has come all the same */
    bool auth_seen;    /* an AUTH has been answered, or was implied */
    bool turned;       /* after ATRN the server is the client (RFC 2645 5) */
    bool lmtp;         /* LHLO: one reply for each recipient (RFC 2033 4.2) */
    size_t recipients;
    size_t emitted; /* exchanges that have been passed on */

    enum sending sending;
    uint64_t content_lines; /* of the message */
    size_t doubtful;        /* commands at the end of the queue that may be lines of the message */
    struct copied_location
        content_location; /* what a cut recording leaves unfinished: DATA, BDAT */
    struct chunk chunk;

    bool said_hello;    /* a hello has been accepted */
    bool held_greeting; /* a second greeting has come, perhaps of a server after a proxy */
    bool in_reply;      /* lines of a reply have come, the last one has not */
    bool timed_out;     /* the client has given up waiting */
    bool garbled;       /* what came for the oldest command is no reply */
    /* A reply that does not fit its command, which nothing has followed yet: the next line tells
     * whether it was the wrong answer or one too many. */
    bool tentative;

    struct copied_location
        unfinished; /* a last line that is too short to be anything; line 0: none */
};

struct dialogue {
    struct dialogue_sink sink;
    struct command_scanner *commands;
    struct reply_scanner *reply_heads;
    bool shares_scanners;
    struct queue queue;
    struct dialogue_count counted;
    uint64_t
        order; /* lines of both sides so far: numbers in the file need not tell what came first */

    bool one_sided, echoes; /* dialogue_options */
    bool replies_only;      /* and no command has come */
    bool wire;              /* NOTE_WIRE */
    bool
        marks_chunks; /* each line of a chunk has the client's mark: one without is something else */
    bool broken;      /* what follows is missing: the session ends, but not by itself */
    struct current_session session;
    struct line_checks checks;

    /* The reply that is being read, or was read last. */
    bool reply_faulty; /* one stray for each reply is enough */
    int last_code;     /* of the reply before */
    struct copied_reply reply;
    struct copied_location reply_location, tentative_location;

    /* A second greeting; what the server answered to the EHLO of a proxy has come as well. */
    struct copied_reply held_reply;
    struct copied_location held_location;
    bool held_hello;
};

/* check_line.c: how lines were sent. Only what a recording with line ends of the wire has, and long lines,
 * need a look. */

static inline bool check_line_wanted(const struct line *line)
{
    return line->end != LINE_END_UNKNOWN || line->payload.size > LINE_OCTETS_MAX - 2;
}

/* Returns the exchange flags for a command line. */
unsigned bare_line_ends(const struct line *line);
static inline unsigned check_command_line(struct dialogue *dialogue, const struct line *line)
{
    dialogue->checks.command_end = dialogue->checks.last_end = line->end;
    dialogue->checks.odd_dot = dialogue->checks.after_odd_dot = false;
    return line->end == LINE_END_UNKNOWN ? 0 : bare_line_ends(line);
}
/* A line of a message. False when out of memory; *dot is cleared when it is no CR LF . CR LF. */
bool check_content_line(struct dialogue *dialogue, const struct line *line, bool *dot);
/* The client's line before is not in the recording. */
void check_hole(struct dialogue *dialogue);
void check_reply_line(struct dialogue *dialogue, const struct line *line);
/* An answer to a challenge of AUTH. */
void check_answer(struct dialogue *dialogue, const struct line *line);
/* The same, when it came before the challenge: the command at `index` is an answer to the AUTH
 * before it. */
void check_early_answer(struct dialogue *dialogue, size_t index);
/* A note, and the beginning of the session that the notes before it are about. */
void check_note(struct dialogue *dialogue, const struct line *line);
void check_begin(struct dialogue *dialogue, uint64_t line);
/* What follows that line is inside TLS. */
void check_tls(struct dialogue *dialogue, uint64_t line);
/* A command after the 220 to STARTTLS, where a handshake is due. */
void check_clear_command(struct dialogue *dialogue, const struct line *line);
/* The same for a reply to nothing. Returns false if no handshake is due. */
bool check_clear_reply(struct dialogue *dialogue);
/* The client speaks another protocol. */
void check_foreign(struct dialogue *dialogue, const struct line *line);

/* dialogue.c */
void session_begin(struct dialogue *dialogue, uint64_t line);
bool session_end(struct dialogue *dialogue);
/* A command into the queue. */
bool add_command(struct dialogue *dialogue, const struct line *line,
                 const struct command_line *command, unsigned flags);
struct line without_indent(const struct line *line);
/* One past the last column of what is marked of a line: so many octets of its payload, and one at
 * least. */
static inline uint32_t end_column_of(const struct line *line, size_t octets)
{
    return line->end_column ? line->end_column : line->column + (uint32_t)(octets > 0 ? octets : 1);
}
/* Keeps the place of a line's first word, of so many octets. False when out of memory. */
bool copy_location(struct dialogue *dialogue, const struct line *line, size_t word,
                   struct copied_location *location);
/* A last line that is too short to be anything. */
bool unfinished_line(struct dialogue *dialogue, const struct line *line);

/* chunk.c */

/* The client sends the octets of a BDAT. */
void chunk_begin(struct dialogue *dialogue, const struct queued_command *bdat);
/* A client's line where a chunk is due. Returns true if all of it belongs there; if not, *rest is what
 * does not: the next command. */
bool chunk_line(struct dialogue *dialogue, const struct line *line,
                const struct command_line *command, struct line *rest);
/* The server has answered the last BDAT, and nothing was sent after it but its octets. */
void chunk_answered(struct dialogue *dialogue, int code);
/* Returns true if octets of a chunk are missing, however the lines so far ended. */
bool chunk_is_open(const struct dialogue *dialogue);

/* content.c */

/* A line of the message, or its dot, or a command after a message that the log does not show. */
bool content_line(struct dialogue *dialogue, const struct line *line);
/* Returns true if the line belongs to the rest of a message that was answered before its dot. If not, it is
 * in doubt: it may be a command or belong there. */
bool content_takes_rest(struct dialogue *dialogue, const struct command_line *command);
/* A server's line has come: ends the message. */
bool content_before_reply(struct dialogue *dialogue);
/* Returns true if the reply asks for a message or a blob: any 3yz to a command that 354 fits. */
static inline bool begins_content(enum command command, int code)
{
    return code >= 300 && code < 400 && reply_code_fits(command, 354) && command != COMMAND_UNKNOWN;
}
/* Returns true if the client's lines are a message or a blob. */
static inline bool sends_content(const struct dialogue *dialogue)
{
    return dialogue->session.sending == SENDING_CONTENT ||
           dialogue->session.sending == SENDING_BLOB;
}
/* Returns what the client sends after the 354 to this command. */
static inline enum sending sending_after(enum command command)
{
    return command == COMMAND_DATA ? SENDING_CONTENT : SENDING_BLOB;
}
/* 354 to the DATA at that place of the queue: what the client has sent after it already is the
 * message, up to its dot. */
void content_begin(struct dialogue *dialogue, size_t data);
/* The same where nothing else has been sent: the DATA is this line. False when out of memory. */
bool content_begin_after(struct dialogue *dialogue, const struct line *data, enum command command);
/* Nothing more comes. */
void content_settle(struct dialogue *dialogue);

/* notes.c */

/* A line that is neither side's, or that tells what the reader knows. Returns false when out of memory. */
bool notes_line(struct dialogue *dialogue, const struct line *line);
/* A line that is nobody's: lines may be left out, a connection has ended or another begins, or it says something of one. */
void notes_follow(struct dialogue *dialogue, const struct line *line);

/* greeting.c */

/* Returns true if this reply is a greeting: of the session that begins here, or of the next one. */
bool greeting_is(const struct dialogue *dialogue, const struct copied_reply *reply);
/* Takes it: ends the session under way, or waits for what follows. Returns false when out of memory. */
bool greeting_take(struct dialogue *dialogue, const struct copied_reply *reply);
/* Passes a greeting on: commands that wait were sent before it. */
void greeting_pass_on(struct dialogue *dialogue, const struct copied_location *location,
                      const struct copied_reply *reply);
/* Ends the session before the commands of the queue, which are the next one's. */
void session_split(struct dialogue *dialogue);
/* The greeting that is held begins a session. Returns false when out of memory. */
bool greeting_begins_session(struct dialogue *dialogue);
/* Returns true if the reply to this command tells whether the greeting that is held begins a session: only
 * after a hello it is in order. */
static inline bool greeting_waits_for(enum command command)
{
    const command_set hello_first =
        MAIL_COMMANDS | COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_STARTTLS);
    return hello_first >> command & 1;
}
/* A reply has come after the greeting that is held. Sets *taken if it belongs to that greeting. Returns false when
 * out of memory. */
bool greeting_resolve(struct dialogue *dialogue, const struct copied_reply *reply, bool *taken);

/* auth.c */

/* 334: the next line answers the challenge; it may have been sent already. */
void auth_challenge(struct dialogue *dialogue, size_t index);
/* Returns true if the code is a challenge, after which the command waits for another reply. */
bool auth_goes_on(const struct queue *queue, const struct queued_command *queued, int code);
/* Only AUTH is answered with 334 or 235: the log hides the command, or begins inside the dialogue.
 * False when out of memory. */
bool auth_recognise(struct dialogue *dialogue, struct queued_command *queued, int code);

/* replies.c */

/* A server's line. */
bool replies_line(struct dialogue *dialogue, const struct line *line);
/* Lines of the reply that goes on are not in the recording. Returns false when out of memory. */
bool replies_elided(struct dialogue *dialogue);
/* A command of the client is about to be taken: ends what the server left open. */
bool replies_before_client(struct dialogue *dialogue, const struct command_line *command);
/* Decides what is still undecided, because nothing more comes. */
void replies_settle(struct dialogue *dialogue);

/* pairing.c */

/* The reply that is whole now: goes to its command, or is the greeting, or nobody had asked for it. */
bool pairing_take(struct dialogue *dialogue);
/* What an answered command means for the lines to come, apart from a message that begins. `last`: no
 * command was sent after it. */
void pairing_follow(struct dialogue *dialogue, enum command command, int code, bool last);
/* Passes on a reply that is no part of an exchange. */
void pairing_stray(struct dialogue *dialogue, enum stray_kind kind,
                   const struct copied_location *location, const struct copied_reply *reply);
/* Passes on the answered exchanges when no command waits for an answer. */
void pairing_emit(struct dialogue *dialogue);
/* Too many commands wait: the answered ones are passed on, or the oldest given up. */
bool pairing_give_up(struct dialogue *dialogue);
/* Empties the queue, all of which has been passed on. */
void pairing_forget(struct dialogue *dialogue);

/* lockstep.c; dialogue_pair is there as well. */

/* A server's line that is the whole answer to the one command that waits. Returns true if it was; all
 * else is for replies_line, and nothing has changed. */
bool lockstep_reply(struct dialogue *dialogue, const struct line *line);

/* Returns true if the server has answered QUIT with 221: it says nothing more on this connection. In a capture the connection is
 * known, and what comes on it is the same session's. */
static inline bool said_goodbye(const struct dialogue *dialogue)
{
    return dialogue->session.quit && !dialogue->wire;
}

/* Returns true if nothing has shown yet that the recording has the beginning of this session: its first
 * replies may be to commands that it does not show. */
static inline bool begins_in_middle(const struct dialogue *dialogue)
{
    return !dialogue->session.greeted && !dialogue->session.from_start &&
           dialogue->session.emitted == 0 && !dialogue->one_sided;
}

#endif
