/* conversation.h - one connection of a recording: its dialogue, its replay and its judge.
 *
 * A log may interleave the sessions of many connections, told apart by a key. Each key has a
 * conversation; one after the other, a conversation may hold several sessions.
 */
#ifndef SMTPSEQ_CHECK_CONVERSATION_H
#define SMTPSEQ_CHECK_CONVERSATION_H

#include "smtp/foreign.h"
#include "base/keyed_table.h"
#include "check/auth_watch.h"
#include "check/doubt.h"
#include "check/message_text.h"
#include "check/timing.h"
#include "rules/judge.h"
#include "smtp/session_label.h"
#include "session/session_outcome.h"

/* Conversations that are kept; when a recording has more keys than that at a time, the one that has
 * been silent longest is taken to have ended. */
#define CONVERSATIONS_MAX    16384
/* Octets that they may hold together; beyond it the same happens. */
#define CONVERSATIONS_MEMORY ((size_t)80 << 20)

/* The callbacks of conversations. */
struct conversation_sink {
    void *context;
    /* A session begins. Returns its number, from 1. */
    uint64_t (*begin)(void *context);
    /* `verdict`: NULL where nothing is to be said of it, unless all are wanted. */
    void (*exchange)(void *context, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict);
    /* The finding becomes the receiver's, who frees it with finding_free. */
    void (*finding)(void *context, struct finding *finding);
    /* A session has ended; NULL where it is not wanted. */
    void (*end)(void *context, uint64_t session, struct session_outcome *outcome);
    /* A line of a session; NULL where it is not wanted. */
    void (*line)(void *context, uint64_t session, const struct line *line, bool content);
    /* A 421 that answers no command, in that state; NULL where it is not wanted. */
    void (*closing)(void *context, enum session_state state, uint64_t line);
    bool wants_verdicts;
};

struct conversations;

struct conversation {
    struct keyed keyed;     /* touched: the line it took last */
    bool open;              /* a session is under way */
    uint64_t first_line;    /* of the session under way */
    uint64_t exchanges;     /* in it */
    bool names_smtp;        /* its greeting says that it is SMTP */
    enum protocol protocol; /* what is spoken; nothing is judged unless it is SMTP */
    bool no_memory;
    struct dialogue *dialogue;
    struct session session;
    struct auth_watch watch;
    struct message_text message;    /* the last one */
    struct server_replay *replays;  /* one for each server of the run */
    struct prediction *predictions; /* what they say to the exchange under judgement */
    const struct server_set *servers;
    struct judge *judge;
    uint64_t session_number;
    struct outcome_watch outcome;
    struct timeline timeline; /* of the session under way */
    const struct line *line;  /* that is being taken */
    char peer[LABEL_PEER];    /* as the last note on a connection has it */
    struct {
        bool open;   /* the server has not said anything yet */
        bool silent; /* ... when the client gave up */
        bool timed, known;
        int64_t at;             /* timed: when it was made, milliseconds */
        int64_t waited;         /* known: so long the client waited before it gave up or went on */
    } connecting;               /* the same */
    struct session_label label; /* of the session under way */
    uint64_t error_line; /* the first error of the client in the session under way; 0: none ... */
    const char *error_rule;           /* ... and its rule */
    uint64_t findings, once_findings; /* in it, as in struct session_outcome */
    bool broken_off;                  /* the session under way goes on in the recording */
    struct doubt doubt, doubts;       /* of the session under way; of those before it */
    struct line_copy first_contradiction;
    bool unreadable; /* the session under way; it has been reported */
    const struct conversation_sink *sink;
    const struct conversations *all;
};

/* All conversations of a recording; all zero but sink, options (without scanners), secrets and
 * servers at first. */
struct conversations {
    struct conversation_sink sink;
    struct dialogue_options options;
    struct secrets *secrets;          /* of the recording */
    const struct server_set *servers; /* NULL: none */
    char test[LABEL_NAME];            /* that runs: its heading came last */
    const char *reading;              /* how the recording is read, in words */
    const struct catalogue *language; /* NULL: English only */
    bool show_doubtful;               /* also what is found in a session that cannot be read */
    struct plan plan;                 /* of the rules */
    struct keyed_table table;         /* of struct conversation */
    uint64_t foreign[PROTOCOLS];      /* sessions of other protocols ... */
    uint64_t foreign_begun;           /* ... so many of them have begun as if they were SMTP */
    uint64_t given_up;                /* sessions that were ended because there were too many */
    size_t taken;                     /* octets of lines since their memory was last added up */
    struct dialogue_count counted;    /* of conversations that are gone */
    struct doubt doubt;               /* the same */
};

/* Passes a line to the conversation it belongs to. Returns false when out of memory. */
bool conversations_line(struct conversations *all, const struct line *line);

/* The same for a command and its reply at once: dialogue_pair. */
bool conversations_pair(struct conversations *all, const struct line *command,
                        const struct line *reply, bool *taken);

/* Returns true if there is only one conversation, and it waits for nothing but the end of the client's message. */
bool conversations_in_text(const struct conversations *all);
/* Returns true if the conversation that had the last line waits for the client's message, or more of it. */
bool conversations_in_message(const struct conversations *all);

/* Lines of the message were passed over (conversations_in_text): these. */
void conversations_passed(struct conversations *all, struct slice lines);

/* Ends every conversation. False when out of memory. */
bool conversations_finish(struct conversations *all);

/* The first line of the oldest session under way; UINT64_MAX where there is none. Lines before it
 * have been judged for good. */
uint64_t conversations_oldest(const struct conversations *all);

/* Passes on what has been found in sessions that have been closed, and sets *line to where the oldest one begins
 * in which more may be found; UINT64_MAX: there is none. Returns false when out of memory. */
bool conversations_settle(struct conversations *all, uint64_t *line);

/* Passes on what has been found in the sessions that run, unless something contradicts their reading: then it
 * may be taken back. Returns false when out of memory. */
bool conversations_tell(struct conversations *all);

/* What has been counted so far, also in conversations that are there. */
struct dialogue_count conversations_count(const struct conversations *all);

/* Forgets every conversation, without a word of it but what it has counted. */
void conversations_drop(struct conversations *all);

void conversations_free(struct conversations *all);

#endif
