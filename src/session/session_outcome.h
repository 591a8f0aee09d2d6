/* session_outcome.h - what became of a session: whether a message was delivered, and if not, which line
 * decided that.
 *
 * Order is not its business: most sessions that fail are in order, and a refusal decides them.
 */
#ifndef SMTPSEQ_SESSION_OUTCOME_H
#define SMTPSEQ_SESSION_OUTCOME_H

#include "session/session.h"
#include "smtp/session_label.h"

enum session_result {
    RESULT_UNKNOWN,   /* the recording has one side only, or cannot be read */
    RESULT_DELIVERED, /* a message was accepted */
    RESULT_REFUSED,   /* none was, since the server refused something */
    RESULT_ABANDONED, /* none was, since the client did not go on */
    RESULT_CUT,       /* the recording does not show how it went on */
    RESULT_COUNT
};

/* Why a session was abandoned or cut; also of the part after the last delivery. */
enum session_reason {
    REASON_NONE,
    REASON_QUIT_EARLY,   /* QUIT before any MAIL */
    REASON_QUIT_MIDDLE,  /* QUIT inside a transaction */
    REASON_QUIT_DONE,    /* QUIT after a transaction that had come to nothing */
    REASON_QUIT_NO_WAIT, /* QUIT before the reply to the message */
    REASON_NO_REPLY,     /* the last command has no reply */
    REASON_UNFINISHED,   /* the recording ends in the middle of a command or message */
    REASON_TLS,          /* the rest is inside TLS */
    REASON_ENDS,         /* the recording ends after a reply, without QUIT */
    REASON_COUNT
};

/* Octets of a reply that are kept. */
#define OUTCOME_TEXT 80

/* A refused command. */
struct refusal {
    uint64_t line, reply_line; /* of the command, of the reply; line 0: there is none */
    enum command command;
    int code;
    unsigned char size;
    char text[OUTCOME_TEXT]; /* of the reply without its code */
};

static inline struct slice refusal_text(const struct refusal *refusal)
{
    return (struct slice){refusal->text, refusal->size};
}

/* A command and how long its reply took, in milliseconds. */
struct slow_step {
    uint64_t line;
    enum command command;
    int64_t waited;
    bool late; /* a client may have given up before (TIMING_LATE) */
};

/* How long a client has to wait at least for the reply to a command (RFC 5321 4.5.3.2), in milliseconds; 0:
 * the RFC does not say. */
int64_t time_out_of(enum command command);

struct session_outcome {
    enum session_result result;
    enum session_reason reason;
    uint64_t exchanges;
    uint64_t first_line;         /* of the session */
    uint64_t line;               /* that decided the result; 0: none */
    enum command command;        /* REASON_NO_REPLY, REASON_ENDS: which one `line` has */
    uint64_t delivered;          /* messages */
    uint64_t recipients_refused; /* in transactions that went on with others */
    struct refusal refusal;      /* the first that decided, or that cost a part of the session */
    int64_t greeting_waited;     /* no greeting came in so many milliseconds; -1: not known */
    struct slow_step slowest;    /* the longest wait for a reply; line 0: the log has no times */
    uint64_t auth_unused;       /* the line of an EHLO reply: AUTH was offered and never used ... */
    uint64_t starttls_unused;   /* ... the same of STARTTLS */
    struct session_label label; /* what the log calls the session */
    uint64_t error_line;        /* the first error of the client; 0: it was in order ... */
    const char *error_rule;     /* ... and the rule's name. Static storage */
    /* What was found in it; of rules that are reported once a file, how often. */
    uint64_t findings, once_findings;
};

/* "delivered", "refused", ... NULL for RESULT_UNKNOWN. Static storage. */
const char *session_result_name(enum session_result result);
/* "quit-early", "no-reply", ... NULL for REASON_NONE. Static storage. */
const char *session_reason_name(enum session_reason reason);

/* Kinds of refusals: a later success of the same kind makes up for one. */
enum refusal_kind {
    REFUSAL_GREETING,
    REFUSAL_HELLO,
    REFUSAL_STARTTLS,
    REFUSAL_AUTH,
    REFUSAL_MAIL,
    REFUSAL_RCPT,
    REFUSAL_DATA,
    REFUSAL_MESSAGE,
    REFUSAL_PART,  /* RCPT, in a transaction that has other recipients */
    REFUSAL_OTHER, /* of a command that delivers nothing */
    REFUSAL_KINDS
};

/* Follows one session. All zero at first; outcome_free when done. */
struct outcome_watch {
    struct refusal *refusals[REFUSAL_KINDS]; /* NULL, or line 0: there is none */
    struct slow_step slowest;
    uint64_t delivered, delivered_line;
    uint64_t recipients_refused;
    uint64_t transaction, rcpt_transaction; /* MAILs accepted so far, at the refusal of RCPT */
    uint64_t hello_line;                    /* of the reply to the last EHLO ... */
    uint64_t auth_line, starttls_line;      /* ... and of the last that offered AUTH, STARTTLS */
    uint64_t message_line;                  /* a message without a reply; 0: none */
    size_t message_number;                  /* its exchange */
    uint64_t quit_line;
    size_t quit_answered; /* how many had been answered when QUIT was sent */
    struct {
        uint64_t line; /* of the last command; 0: none */
        enum command command;
        bool answered;
        enum session_state state; /* after it, for QUIT before it */
    } last;
    bool from_start;  /* the recording has the beginning; set by the caller */
    bool greeted;     /* it has a greeting */
    bool answered;    /* it has a reply */
    bool assumed;     /* a recording of the client's side only */
    command_set sent; /* the commands of the session so far */
    uint32_t offered; /* bits of enum extension: ever offered */
    bool no_memory;   /* a refusal could not be kept */
};

/* Makes the watch ready for another session. */
void outcome_begin(struct outcome_watch *watch);
void outcome_free(struct outcome_watch *watch);
/* Octets that it holds beside itself. */
size_t outcome_memory(const struct outcome_watch *watch);

/* Takes an exchange, before session_remember. */
void outcome_exchange(struct outcome_watch *watch, const struct session *session,
                      const struct exchange *exchange, const struct verdict *verdict);

/* The server closed the connection without being asked (421). */
void outcome_closing(struct outcome_watch *watch, const struct stray *stray);

/* Returns the outcome of the session that ended so. */
struct session_outcome outcome_of_session(const struct outcome_watch *watch,
                                          const struct session_end *end);

#endif
