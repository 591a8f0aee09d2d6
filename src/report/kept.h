/* kept.h - a recording as its sessions, for reports that show them whole: a picture of the dialogue, a
 * test case for each session, the way to a fault.
 *
 * Exchanges and findings go in while the recording is read; what stands here is redacted, but holds any
 * octets.
 */
#ifndef SMTPSEQ_KEPT_H
#define SMTPSEQ_KEPT_H

#include "report/report.h"

/* Of a command and of a reply so many octets are kept ... */
#define KEPT_TEXT_MAX  512
/* ... and of a recording so many steps: those behind them are counted, unless kept_clear makes room. */
#define KEPT_STEPS_MAX 250000

/* One exchange. */
struct kept_step {
    uint64_t line;       /* of the command; of the greeting for CONNECT */
    uint64_t reply_line; /* of the final reply; 0: none is recorded */
    enum command command;
    enum session_state state, next;
    bool legal;
    bool taken;                  /* the server took it */
    bool pipelined;              /* sent before all before it was answered */
    bool assumed;                /* a recording of the client's side only */
    bool sent_cut, answered_cut; /* only the beginning of it is kept */
    int code;                    /* of the final reply; 0: none is recorded */
    int predicted;               /* a strict server's; 0: it would not answer */
    struct slice sent;           /* verb and argument; empty for CONNECT, and of an empty line */
    struct slice answered; /* the text of all its replies, each line with its code, joined by \n */
    int *servers; /* the codes of the servers of the run, as in struct prediction; or NULL */
};

struct kept_session {
    uint64_t first_line;     /* 0: it has no exchange */
    uint64_t exchanges;      /* also those that are not kept */
    uint64_t cleared;        /* exchanges that were kept until kept_clear */
    struct kept_step *steps; /* in the order of the commands, from number `cleared` on */
    size_t step_count, step_capacity;
    struct finding **findings; /* in the order of the report */
    size_t finding_count, finding_capacity;
    struct kept_line *lines; /* of the steps, sorted: made when a line is first asked for */
};

/* What is kept of one recording. */
struct kept {
    struct kept_session *sessions; /* number 1 first */
    size_t session_count, session_capacity;
    bool with_steps;
    size_t step_count;
    size_t finding_count;
    uint64_t findings_left; /* which the format has not kept; its own to count */
    size_t server_count;    /* of the run: set it where their codes are to be kept */
};

/* NULL when out of memory. `with_steps`: the exchanges too, not only how many there were. */
struct kept *kept_new(bool with_steps);
void kept_free(struct kept *kept);

/* Takes an exchange of a session (from 1). False when out of memory. */
bool kept_exchange(struct kept *kept, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict, bool show_secrets);

/* Forgets the steps of all sessions, once they have been shown: there is room for more. */
void kept_clear(struct kept *kept);

/* Takes a copy of a finding. False when out of memory. */
bool kept_finding(struct kept *kept, const struct finding *finding);

/* Whether one of the servers would have answered otherwise than the recorded one; where no reply is
 * recorded, than a strict one. */
bool kept_servers_differ(const struct kept_step *step, const struct server_set *servers);

/* The step of a session whose command, or else whose reply, is at this line, the first if there are
 * several; step_count: none, or out of memory. */
size_t kept_step_at(struct kept_session *session, uint64_t line);

/* The step that a finding is about, and that of its cause; step_count: none. */
size_t kept_step_of(struct kept_session *session, const struct finding *finding);
size_t kept_step_of_cause(struct kept_session *session, const struct finding *finding);

#endif
