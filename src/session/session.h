/* session.h - replays the exchanges of one session through the machine.
 *
 * Takes exchanges and returns a verdict for each: the state before and after, whether the command
 * was in order, what a strict server says, and what happened earlier that explains the state.
 * Judges order only; what is wrong and whose fault it is, say the rules.
 */
#ifndef SMTPSEQ_SESSION_H
#define SMTPSEQ_SESSION_H

#include "session/event.h"
#include "session/machine.h"
#include "smtp/extension.h"

/* The server's offer, as far as it is known. */
enum offer {
    OFFER_UNKNOWN, /* no hello in the recording, or no reply to it */
    OFFER_NONE,    /* HELO: no extensions at all */
    OFFER_LISTED   /* EHLO, LHLO: as listed */
};

enum event_kind {
    EVENT_START,         /* the session began, or began again: the greeting, STARTTLS, XCLIENT */
    EVENT_STATE,         /* the machine came into its present state */
    EVENT_BEGIN,         /* MAIL was accepted */
    EVENT_BEGIN_REFUSED, /* MAIL was refused, outside a transaction */
    EVENT_REFUSED, /* the refusal of RCPT, DATA or BDAT after which a transaction stood still */
    EVENT_RCPT_REFUSED, /* the last refusal of RCPT */
    EVENT_DATA_REFUSED,
    EVENT_HELLO, /* the hello whose reply counts */
    EVENT_HELLO_REFUSED,
    EVENT_AUTH,         /* AUTH was accepted */
    EVENT_AUTH_REFUSED, /* since the session began, and not accepted later */
    EVENT_STARTTLS,
    EVENT_STARTTLS_REFUSED,
    EVENT_CLOSING, /* QUIT, or the reply 421 */
    EVENT_COUNT
};

struct prediction; /* session/server.h */

struct session_label; /* smtp/session_label.h */

/* What the times of a log show against the time-outs of RFC 5321 4.5.3.2, where its clock is sound. */
enum timing {
    TIMING_NONE,
    TIMING_LATE,    /* the reply came after a client may have given up */
    TIMING_GAVE_UP, /* the client went on without a reply that it had to wait for longer */
    TIMING_WAITED /* it has waited: for long enough, or it had the reply that stands after the command */
};

/* Of an exchange, in milliseconds; -1: the log does not say. */
struct exchange_times {
    bool timed;       /* the log says when it was sent */
    int64_t waited;   /* from the command to the end of its reply */
    int64_t given_up; /* TIMING_GAVE_UP: since the command before, which has no reply yet */
    enum timing timing;
};

struct verdict {
    enum session_state state, next;
    enum security_state security;
    command_set expected;
    bool legal;   /* in order */
    bool unclear; /* it is only not known to be out of order: what came before it has no answer */
    bool taken;   /* the server took it: 2yz or 3yz (a recording of one side: it was in order) */
    enum outcome outcome; /* as the machine received it; without a reply it is an assumption */
    bool secret;          /* no command, but an answer to AUTH that nobody had asked for */
    enum hidden hidden;   /* set by the caller (check/auth_watch.h) */
    int predicted; /* a strict server's code: 250 for any acceptance; 0: it would not answer */
    const struct prediction *servers;  /* what each server of the run would say; NULL: none named */
    struct exchange_times times;       /* set by the caller (check/timing.h) */
    const struct session_label *label; /* what the log calls the session; NULL: nobody has asked */
};

struct session {
    struct machine machine;
    bool entered; /* the first exchange has been seen */
    bool from_start;
    bool from_middle; /* the recording begins inside the session */
    bool unanswered;  /* the reply to the last exchange is not there */
    enum offer offer;
    uint32_t extensions;   /* bits of enum extension */
    bool after_auth;       /* AUTH, and since then only what can be an answer to it */
    bool offered_verb;     /* the last exchange's verb is a keyword of the EHLO reply */
    struct slice keywords; /* kept text of the EHLO reply, lines joined by \n */
    struct event history[EVENT_COUNT];
    /* The text of the last reply to EHLO, also of a session before: most say the same again. */
    char *keyword_text;
    size_t keyword_size, keyword_capacity;
    enum offer keyword_offer;
    uint32_t keyword_extensions;
    bool no_memory; /* something could not be kept: what is judged from here on would be wrong */
};

/* Resets for a new session; the struct is the caller's, all zero at first. `from_start`: the
 * recording has the session's beginning. session_free frees what is inside. */
void session_start(struct session *session, bool from_start);
void session_free(struct session *session);

/* Octets that the session holds beside itself. */
size_t session_memory(const struct session *session);

/* Replays one exchange. What it changes of the history and of the offer is not there yet:
 * whoever judges sees the session as it was when the server received the command.
 * session_remember, which has to follow, adds it. */
void session_play(struct session *session, const struct exchange *exchange,
                  struct verdict *verdict);
/* Returns true if the exchange, which has been answered, is in order and no matter of AUTH. session_pass then
 * comes to the same as session_play. */
static inline bool session_may_pass(const struct session *session, const struct exchange *exchange)
{
    return session->entered && !session->after_auth &&
           (machine_expects(&session->machine) & COMMAND_BIT(exchange->command));
}
void session_pass(struct session *session, const struct exchange *exchange,
                  struct verdict *verdict);

void session_remember(struct session *session, const struct exchange *exchange,
                      const struct verdict *verdict);

/* What of an exchange is a password or can be one: the initial response of AUTH, or an answer that
 * was taken for a command. Empty where there is none. A part of the exchange. */
struct slice exchange_secret(const struct exchange *exchange, const struct verdict *verdict);

/* The server closed the connection without being asked (421), at that line. */
void session_close(struct session *session, uint64_t line, int code);

/* Returns true if the server's offer has this extension; false as well where it is not known. */
static inline bool session_offers(const struct session *session, enum extension extension)
{
    return session->offer == OFFER_LISTED && (session->extensions >> extension & 1);
}

/* Returns true if the EHLO reply has a line that begins with this word, in any case. */
bool session_lists(const struct session *session, struct slice keyword);

/* Returns true if the EHLO reply lists no extension at all. A server that then takes AUTH or STARTTLS
 * has offered it, and people have cut its reply. */
bool session_lists_nothing(const struct session *session);

#endif
