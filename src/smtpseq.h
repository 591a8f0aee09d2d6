/* smtpseq.h - the library: recordings in, findings and exchanges out.
 *
 * A checker takes one recording after the other and calls back with what it finds. It keeps no
 * global state, prints nothing and never exits; several checkers may run in several threads.
 */
#ifndef SMTPSEQ_H
#define SMTPSEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/finding.h"
#include "smtp/foreign.h"
#include "session/session_outcome.h"
#include "transcript/recognise/recognise.h"
#include "transcript/source/source.h"

#define SMTPSEQ_VERSION SMTPSEQ_VERSION_FROM_MESON

/* All other symbols of the library are hidden. */
#define SMTPSEQ_API __attribute__((visibility("default")))

/* Comments to smtpseq above one line, and of one the octets that are kept. */
#define SMTPSEQ_COMMENTS_MAX 16
#define SMTPSEQ_COMMENT_TEXT 300

/* Readings of a recording that are kept apart; the last one stands for all that follow. */
#define SMTPSEQ_READINGS_MAX 16

/* A recording may hold logs of several formats: what each was read as. */
struct smtpseq_reading {
    const struct format *format;
    bool inferred;
    unsigned confidence;
    char learnt[LEARNT_TEXT];
    uint64_t line; /* the first that it gave to a side */
    uint64_t sessions;
};

/* Logs of mail servers that have no dialogue in them unless it is asked for. */
enum smtpseq_mail_log { SMTPSEQ_LOG_NONE, SMTPSEQ_LOG_POSTFIX, SMTPSEQ_LOG_EXIM };

/* Lines that look like SMTP, but that no format explains. */
struct smtpseq_unread {
    uint64_t lines;
    uint64_t first; /* the number of the first */
    unsigned kinds; /* which commands and replies, as bits */
    bool dialogue;  /* all that a dialogue has: it should have been read */
    unsigned pairs; /* of the nearest guess, commands and replies that found each other */
    enum smtpseq_mail_log log;
};

/* What is known of a recording when it has been read. */
struct smtpseq_recording {
    const struct format *format; /* of its first reading; NULL: none was recognised */
    struct fit fit;              /* how well it fits the beginning */
    struct smtpseq_reading readings[SMTPSEQ_READINGS_MAX];
    size_t reading_count;
    uint64_t sessions;
    uint64_t exchanges;
    uint64_t foreign[PROTOCOLS]; /* sessions of other protocols: not judged ... */
    uint64_t foreign_begun;      /* ... so many of them are among `sessions` */
    uint64_t lines;              /* of the file; of a capture its frames */
    uint64_t unplaced;           /* lines that are neither a side's nor a note */
    uint64_t given_up;           /* sessions that were too many side by side: judged in parts */
    uint64_t elided;             /* messages whose content or end is not shown */
    uint64_t cut;                /* lines too long to be kept whole */
    uint64_t octets;
    struct smtpseq_unread unread;
    bool inferred;       /* the format is unknown, its marks were learnt from the recording */
    unsigned confidence; /* percent of what looks like SMTP that the learnt marks explain */
    /* Which they are, also when they explain too little to be used; empty: none were found. */
    char learnt[LEARNT_TEXT];
    bool newest_first;        /* its last line is the oldest: it was read backwards */
    bool one_sided;           /* it has the client's lines only */
    bool replies_only;        /* it has the server's lines only: there is no order to judge */
    bool binary;              /* the head holds a NUL and no format was recognised */
    char trouble[REMARK_MAX]; /* why it could not be read, where errno does not say it */
};

/* The callbacks; NULL where nothing is wanted. What they receive is valid during the call. */
struct smtpseq_callbacks {
    void *context;
    /* Findings and exchanges come as they were recorded. Else what is a secret or may be one is
     * blanked in them; for that exchanges wait until more has been read (check/lookahead.h). */
    bool show_secrets;
    /* Findings are worded in this language as well (finding.h); NULL: in English only. */
    const struct catalogue *language;
    /* Of a session that contradicts the way it is read also what is found from there on. */
    bool show_doubtful;
    /* In the order of lines within a session; sessions one after the other. */
    void (*finding)(void *context, const struct finding *finding);
    /* In the order of the commands. `session`: from 1. */
    void (*exchange)(void *context, uint64_t session, const struct exchange *exchange,
                     const struct verdict *verdict);
    /* A line of a side, in the order of the recording, with its secrets: for smtpseq_redact when all has
     * been read. `content`: it is a line of a message. NOTE_CONTENT: a message was here. */
    void (*line)(void *context, uint64_t session, const struct line *line, bool content);
    /* What became of a session, in the order in which they end. */
    void (*session)(void *context, uint64_t number, const struct session_outcome *outcome);
    /* A line "# smtpseq: ..." of a transcript: what follows the colon, and the line it is about,
     * which is the next one that is neither empty nor a note. 0: none follows, or more than
     * SMTPSEQ_COMMENTS_MAX such lines stand above it. Before the findings of that line. */
    void (*comment)(void *context, uint64_t line, uint64_t about, struct slice text);
    /* The server closed with a 421 that answers no command, in that state of the session. */
    void (*closing)(void *context, enum session_state state, uint64_t line);
    /* Something that is to be said of the recording as a whole. It may hold any octets. */
    void (*remark)(void *context, const char *text);
};

/* How a reading ended. */
enum smtpseq_status {
    SMTPSEQ_OK,
    SMTPSEQ_NO_SESSION, /* read to the end, no SMTP session found */
    SMTPSEQ_READ_ERROR, /* recording.trouble or errno says why; what was read before has been checked */
    SMTPSEQ_NO_MEMORY
};

/* A checker, owned by the caller. NULL when out of memory. `servers`: what real servers would say
 * is asked of these as well; the set and its tables must outlive the checker. NULL: of none. */
struct smtpseq_checker;
SMTPSEQ_API struct smtpseq_checker *smtpseq_checker_new(const struct smtpseq_callbacks *callbacks,
                                                        const struct server_set *servers);
SMTPSEQ_API void smtpseq_checker_free(struct smtpseq_checker *checker);

/* Returns a text without the secrets of the recording that is being read or was read last: a file's
 * name, a remark. Valid until the next call of anything. With show_secrets it is the text itself. */
SMTPSEQ_API struct slice smtpseq_redact(struct smtpseq_checker *checker, struct slice text);

/* Passes on what has been found so far, and what became of the sessions that have ended: for a recording that
 * is being written. To be called while smtpseq_check waits for more octets. Findings then come in the order in which they
 * become certain, and may lack lines that follow from them later. */
void smtpseq_checker_flush(struct smtpseq_checker *checker);

/* The same of findings that nothing can come before any more, in the order in which they come without this. */
void smtpseq_checker_settle(struct smtpseq_checker *checker);

/* Reports each finding by itself. Otherwise those of rules that say the same of every session of a
 * recording (ONCE_A_FILE) are one finding, unless a line "# smtpseq: ..." may allow one of them. */
void smtpseq_checker_report_each(struct smtpseq_checker *checker);

/* Lets so many threads at most read a recording that is long, and can be cut between its sessions; 1 when a checker is new.
 * What is found, and the order in which it is passed on, do not hang on it. */
void smtpseq_checker_jobs(struct smtpseq_checker *checker, unsigned jobs);

/* Reads one recording from a source, which stays the caller's; members.h finds the recordings in a
 * file. `format`: NULL to find it by content. Fills *recording whatever the status. */
SMTPSEQ_API enum smtpseq_status smtpseq_check(struct smtpseq_checker *checker,
                                              struct source *source, const struct format *format,
                                              struct smtpseq_recording *recording);

/* Reads one recording that is in two files, the client's and the server's side (tcpflow). Findings say
 * by their `part` which of them a line is in: 0 the client's, 1 the server's. `name`: the file's, which
 * has the addresses in it; NULL: not known. */
SMTPSEQ_API enum smtpseq_status smtpseq_check_pair(struct smtpseq_checker *checker, int client,
                                                   int server, const char *name,
                                                   struct smtpseq_recording *recording);

#endif
