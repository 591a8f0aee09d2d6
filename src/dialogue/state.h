/* state.h - what dialogue.c (the client's lines), replies.c (the server's) and pairing.c share. */
#ifndef SMTPSEQ_DIALOGUE_STATE_H
#define SMTPSEQ_DIALOGUE_STATE_H

#include "dialogue/queue.h"

/* Lines of a chunk whose numbers are kept. */
#define CHUNK_LINES_KEPT 64

/* What watch.c remembers. */
struct watch {
    enum line_end command_end; /* of the last command: who ends it with LF means LF . LF */
    enum line_end last_end;    /* of the client's last line */
    bool odd_dot;              /* the last line was a dot that need not be the end of the message */
    bool behind; /* an odd dot has come, and nothing that reads like a command since */
    struct copied_location odd_location;
    /* What notes have said of this session, and of the next one (connection_hints.h). */
    unsigned said, said_of_next;
};

struct dialogue {
    struct dialogue_sink sink;
    struct command_scanner *commands;
    struct reply_scanner *reply_heads;
    bool shares_scanners;
    struct queue queue;
    struct dialogue_count counted;
    uint64_t order; /* lines of both sides taken; their numbers in the file need not tell what came
                       first */
    size_t emitted; /* exchanges of this session that have been given on */

    bool one_sided;
    bool echoes;       /* dialogue_options */
    int last_code;     /* of the reply before */
    bool replies_only; /* and no command has come */
    bool from_start;   /* a note said that a connection is being made */
    bool began;        /* a session has begun */
    bool broken;       /* what follows is missing: the session ends, but not by itself */
    bool greeted;      /* its greeting has come */
    bool closed;       /* 221 or 421 has come */
    bool separator;    /* an empty line stood before this one */
    bool lmtp;         /* LHLO: one reply for each recipient (RFC 2033 4.2) */
    size_t recipients;

    struct watch watch;

    /* Message content. */
    bool content;         /* 354 has come, the dot has not */
    bool rest_is_content; /* the reply came before the dot did; what follows may still be message */
    uint64_t content_lines;
    size_t doubtful; /* commands at the end of the queue that may be lines of the message */
    struct copied_location
        content_location; /* what a cut recording leaves unfinished: DATA, BDAT */
    uint64_t chunk_left;  /* octets of a BDAT still to come */
    uint64_t chunk_lines;
    uint64_t chunk_line[CHUNK_LINES_KEPT]; /* the first lines of the last chunk ... */
    uint64_t chunk_refused; /* ... and which of them, from 1, a server that does not know BDAT has
                               last refused as a command; 0: it does */
    bool auth_response;     /* 334 has come: the next line of the client answers it */

    /* The reply that is being read. */
    bool in_reply;
    bool reply_faulty; /* one stray for each reply is enough */
    bool timed_out;    /* the client has given up waiting */
    bool garbled;      /* what came for the oldest command is no reply */
    struct copied_reply reply;
    struct copied_location reply_location;

    struct copied_location
        unfinished; /* a last line of which too little is there to be anything; its
                                     line is 0 where there is none */

    /* A reply that does not fit its command, which nothing has followed yet: the next line tells
     * whether it was the wrong answer or one too many. */
    bool tentative;
    struct copied_location tentative_location;
};

/* watch.c: how lines were sent. Only what a recording with line ends of the wire has, and long lines,
 * need a look. */

static inline bool watch_wanted(const struct line *line)
{
    return line->end != LINE_END_UNKNOWN || line->payload.size > LINE_OCTETS_MAX - 2;
}

/* A command: what of exchange_flag it deserves. */
unsigned watch_command(struct dialogue *dialogue, const struct line *line);
/* A line of a message. False when out of memory; *dot is cleared when it is no CR LF . CR LF. */
bool watch_content(struct dialogue *dialogue, const struct line *line, bool *dot);
/* The client's line before is not in the recording. */
void watch_hole(struct dialogue *dialogue);
void watch_reply(struct dialogue *dialogue, const struct line *line);
/* An answer to a challenge of AUTH. */
void watch_answer(struct dialogue *dialogue, const struct line *line);
/* The same, when it came before the challenge: the command at `index` is an answer to the AUTH
 * before it. */
void watch_early_answer(struct dialogue *dialogue, size_t index);
/* A note, and the beginning of the session that the notes before it are about. */
void watch_note(struct dialogue *dialogue, const struct line *line);
void watch_begin(struct dialogue *dialogue);

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
/* A last line of which too little is there. */
bool unfinished_line(struct dialogue *dialogue, const struct line *line);

/* content.c */

/* A line of the message, or its dot, or a command behind a message that the log does not show. */
bool content_line(struct dialogue *dialogue, const struct line *line);
/* Whether the line belongs to the rest of a message that was answered before its dot. If not, it is
 * in doubt: it may be a command or belong there. */
bool content_takes_rest(struct dialogue *dialogue, const struct command_line *command);
/* A server's line has come: ends the message. */
bool content_before_reply(struct dialogue *dialogue);
/* Whether the reply asks for a message. */
static inline bool begins_content(enum command command, int code)
{
    return command == COMMAND_DATA && code >= 300 && code < 400;
}
/* 354 to the DATA at that place of the queue: what the client has sent behind it already is the
 * message, up to its dot. */
void content_begin(struct dialogue *dialogue, size_t data);
/* The same where nothing else has been sent: the DATA is this line. False when out of memory. */
bool content_begin_behind(struct dialogue *dialogue, const struct line *data);
/* Nothing more comes. */
void content_settle(struct dialogue *dialogue);

/* auth.c */

/* 334: the next line answers the challenge; it may have been sent already. */
void auth_challenge(struct dialogue *dialogue, size_t index);
/* Only AUTH is answered with 334 or 235: the log hides the command, or begins inside the dialogue.
 * False when out of memory. */
bool auth_recognise(struct dialogue *dialogue, struct sent *sent, int code);

/* replies.c */

/* A server's line. */
bool replies_line(struct dialogue *dialogue, const struct line *line);
/* A command of the client is about to be taken: ends what the server left open. */
bool replies_before_client(struct dialogue *dialogue, const struct command_line *command);
/* Decides what is still undecided, because nothing more comes. */
void replies_settle(struct dialogue *dialogue);

/* pairing.c */

/* The reply that is whole now: goes to its command, or is the greeting, or nobody had asked for it. */
bool pairing_take(struct dialogue *dialogue);
/* Takes a reply as the greeting, which is the reply to the connection itself. */
bool pairing_greet(struct dialogue *dialogue, const struct copied_reply *reply);
/* What an answered command means for the lines to come, apart from a message that begins. */
void pairing_follow(struct dialogue *dialogue, enum command command, int code);
/* Gives a reply on that is no part of an exchange. */
void pairing_stray(struct dialogue *dialogue, enum stray_kind kind,
                   const struct copied_location *location, const struct copied_reply *reply);
/* Gives the answered exchanges on when no command waits for an answer. */
void pairing_emit(struct dialogue *dialogue);
/* Too many commands wait: the answered ones are given on, or the oldest given up. */
bool pairing_give_up(struct dialogue *dialogue);
/* Empties the queue, all of which has been given on. */
void pairing_forget(struct dialogue *dialogue);

/* lockstep.c; dialogue_pair is there as well. */

/* A server's line that is the whole answer to the one command that waits. Gives whether it was; all
 * else is for replies_line, and nothing has changed. */
bool lockstep_reply(struct dialogue *dialogue, const struct line *line);

#endif
