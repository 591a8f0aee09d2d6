/* copied_sessions.h - copies of the sessions of a recording, for reports that show a session as a
 * whole: a ladder, a diagram, the steps to a fault.
 *
 * Exchanges and findings are copied while the recording is read. Texts are redacted here, but not
 * escaped: they hold any octets.
 */
#ifndef SMTPSEQ_COPIED_SESSIONS_H
#define SMTPSEQ_COPIED_SESSIONS_H

#include "report/report.h"

/* Octets copied of a command, and of its replies. */
#define COPIED_TEXT_MAX  512
/* Steps copied of a recording. Later ones are only counted, unless copied_sessions_clear_steps
 * makes room. */
#define COPIED_STEPS_MAX 250000

/* One exchange. */
struct copied_step {
    uint64_t line;       /* of the command; of the greeting for CONNECT */
    uint64_t reply_line; /* of the final reply; 0: none is recorded */
    enum command command;
    enum session_state state, next;
    bool legal;
    bool taken;                  /* the server accepted it */
    bool pipelined;              /* sent while an earlier command had no reply yet */
    bool assumed;                /* a recording of the client's side only */
    bool sent_cut, answered_cut; /* only the beginning is copied */
    int64_t waited;              /* for the reply, milliseconds; -1: not known */
    int code;                    /* of the final reply; 0: none is recorded */
    int predicted;               /* a strict server's; 0: it would not answer */
    struct slice sent;           /* verb and argument; empty for CONNECT, and of an empty line */
    struct slice answered; /* the text of all its replies, each line with its code, joined by \n */
    int *servers; /* the codes of the servers of the run, as in struct prediction; or NULL */
};

struct copied_session {
    uint64_t first_line;       /* 0: it has no exchange */
    uint64_t last_line;        /* the highest */
    uint64_t exchanges;        /* all of them, copied or not */
    uint64_t cleared;          /* steps that copied_sessions_clear_steps has freed */
    struct copied_step *steps; /* in the order of the commands, from number `cleared` on */
    size_t step_count, step_capacity;
    struct finding **findings; /* in the order of the report */
    size_t finding_count, finding_capacity;
    struct copied_line *lines; /* index of the steps by line, built at the first look-up */
    uint64_t shown_to;         /* the line up to which steps are shown; for the format to use */
};

/* The sessions of one recording. */
struct copied_sessions {
    struct copied_session *sessions; /* number 1 first */
    size_t session_count, session_capacity;
    size_t forgotten; /* sessions seen by copied_sessions_forget */
    bool with_steps;
    size_t step_count;
    size_t finding_count;
    uint64_t findings_left; /* findings that are not copied; counted by the format */
    size_t server_count;    /* of the run: set it to have their codes copied */
};

/* Returns NULL when out of memory. `with_steps`: copies the exchanges, not only their number. */
struct copied_sessions *copied_sessions_new(bool with_steps);
void copied_sessions_free(struct copied_sessions *copied);

/* Copies an exchange of a session (from 1). Returns false when out of memory. */
bool copied_sessions_add_exchange(struct copied_sessions *copied, uint64_t session,
                                  const struct exchange *exchange, const struct verdict *verdict);

/* Frees the steps of sessions that were closed before a line: call it when their findings have come. */
void copied_sessions_forget(struct copied_sessions *copied, uint64_t line);

/* Frees the steps of all sessions, to make room for more. */
void copied_sessions_clear_steps(struct copied_sessions *copied);

/* Copies a finding. Returns false when out of memory. */
bool copied_sessions_add_finding(struct copied_sessions *copied, const struct finding *finding);

/* Returns true if one of the servers would have answered differently from the recorded server;
 * if no reply is recorded, from a strict server. */
bool copied_step_servers_differ(const struct copied_step *step, const struct server_set *servers);

/* Returns the first step of a session whose command, or else whose reply, is at this line;
 * step_count if there is none. */
size_t copied_step_at(struct copied_session *session, uint64_t line);

/* Return the step that a finding is about, and that of an earlier line which explains it; step_count if
 * there is none. */
size_t copied_step_of(struct copied_session *session, const struct finding *finding);
size_t copied_step_of_earlier(struct copied_session *session, const struct earlier_line *earlier);

#endif
