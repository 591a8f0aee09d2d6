/* smtpseq.h - finds SMTP commands that are out of order in a recorded or running session.
 *
 * A linter takes one recording, in pieces of any size, in any format that smtpseq recognises, and calls back with findings
 * and exchanges. Findings come in the order of lines; up to 1024 wait for earlier ones that may still come, so those of a
 * short recording come with smtpseq_lint_finish.
 *
 *     smtpseq_lint *lint = smtpseq_lint_new();
 *     smtpseq_lint_on_finding(lint, print, NULL);
 *     while ((size = fread(room, 1, sizeof room, file)) > 0)
 *         smtpseq_lint_feed(lint, room, size);
 *     int result = smtpseq_lint_finish(lint);
 *     smtpseq_lint_free(lint);
 *
 * A proxy knows whose octets they are, and gives those of one connection to smtpseq_lint_said as they pass. Findings come
 * from that call as soon as they are certain; most are when the reply to the command has come. Lines are numbered from 1 as
 * they end, those of both sides together. That a recording holds a password is not said of what only passes.
 *
 *     smtpseq_lint_said(lint, SMTPSEQ_LINT_SERVER, octets, size);
 *
 * Nothing here prints, exits or keeps global state. Several linters may be used at once, each by one thread at a time;
 * callbacks run in the thread that calls. What a function returns stays the linter's. A linter that is fed has a thread of
 * its own, which runs only while another one waits for it; it takes no signals. One that is told what was said has none.
 * Passwords and message content are blanked in all texts, as smtpseq does.
 */
#ifndef SMTPSEQ_LINT_H
#define SMTPSEQ_LINT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct smtpseq_lint smtpseq_lint;
typedef struct smtpseq_lint_finding smtpseq_lint_finding;

enum smtpseq_lint_result {
    SMTPSEQ_LINT_DONE = 0,
    SMTPSEQ_LINT_NO_SESSION = 1, /* all was read, and no SMTP session was in it */
    SMTPSEQ_LINT_DAMAGED = 2,    /* it cannot be read to its end; what was read has been judged */
    SMTPSEQ_LINT_NO_MEMORY = 3,
    SMTPSEQ_LINT_MISUSED = 4 /* the call is none that is due, or an argument is wrong; nothing was done */
};

enum smtpseq_lint_severity {
    SMTPSEQ_LINT_NOTE = 0,
    SMTPSEQ_LINT_WARNING = 1,
    SMTPSEQ_LINT_ERROR = 2
};

enum smtpseq_lint_side {
    SMTPSEQ_LINT_CLIENT = 0,
    SMTPSEQ_LINT_SERVER = 1
};

enum smtpseq_lint_fact {
    SMTPSEQ_LINT_TLS = 0,
    SMTPSEQ_LINT_LOCAL = 1,
    SMTPSEQ_LINT_LOST_OF_CLIENT = 2,
    SMTPSEQ_LINT_LOST_OF_SERVER = 3
};

enum smtpseq_lint_option {
    SMTPSEQ_LINT_REPORT_EACH = 0,
    SMTPSEQ_LINT_SHOW_DOUBTFUL = 1,
    SMTPSEQ_LINT_SHOW_SECRETS = 2
};
#define SMTPSEQ_LINT_OPTIONS 3

/* The version of the library, "0.1.0". */
const char *smtpseq_lint_version(void);

/* Returns NULL when out of memory. */
smtpseq_lint *smtpseq_lint_new(void);

/* Frees the linter and what its callbacks were given. NULL: nothing. */
void smtpseq_lint_free(smtpseq_lint *lint);

/* What to call; before the first piece. A finding is valid during the call. An exchange is a line of JSON as `smtpseq
 * replay --format=ndjson` writes it, without the newline: a command, its replies, the states before and after it, and
 * whether it was in order. Neither may use the linter. A finding that a line "# smtpseq: allow RULE: REASON" of the
 * recording allows is passed over. */
void smtpseq_lint_on_finding(smtpseq_lint *lint,
                             void (*call)(void *context, const smtpseq_lint_finding *finding),
                             void *context);
void smtpseq_lint_on_exchange(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                              void *context);

/* The same for what became of a session, as `smtpseq check --format=ndjson` writes it: delivered, refused and by what,
 * abandoned, cut. And for a remark on the recording as a whole, a line of text, which comes with smtpseq_lint_finish. */
void smtpseq_lint_on_session(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                             void *context);
void smtpseq_lint_on_remark(smtpseq_lint *lint, void (*call)(void *context, const char *text),
                            void *context);

/* Before the first piece. SMTPSEQ_LINT_REPORT_EACH: the same finding in every session is reported each time, as with
 * --each. SMTPSEQ_LINT_SHOW_DOUBTFUL: as --show-doubtful. SMTPSEQ_LINT_SHOW_SECRETS: nothing is blanked. Returns
 * SMTPSEQ_LINT_DONE. */
int smtpseq_lint_set(smtpseq_lint *lint, enum smtpseq_lint_option option, int on);

/* Before the first piece: the recording is in the format of that name, of `smtpseq formats`. NULL: it is found by content,
 * as without this call. Returns SMTPSEQ_LINT_DONE; SMTPSEQ_LINT_MISUSED if there is no such format. */
int smtpseq_lint_format(smtpseq_lint *lint, const char *name);

/* Takes the next octets of the recording, which stay the caller's. Returns a result: DONE to go on; another one says
 * that no more will be read. */
int smtpseq_lint_feed(smtpseq_lint *lint, const void *octets, size_t size);

/* Takes octets that a side of a connection has just sent, in pieces of any size; they stay the caller's. A linter takes
 * what is said or what it is fed. Octets of TLS that the proxy passes through are passed over. Of what it sees inside TLS
 * give the text. Returns a result as smtpseq_lint_feed does. */
int smtpseq_lint_said(smtpseq_lint *lint, enum smtpseq_lint_side side, const void *octets,
                      size_t size);

/* Between the pieces of what is said: something is known besides. SMTPSEQ_LINT_TLS: what follows was said inside TLS; after
 * a STARTTLS that is clear without it, where TLS is used from the beginning it is not. SMTPSEQ_LINT_LOCAL: the connection
 * does not leave this computer, so that a password in the clear is no fault. SMTPSEQ_LINT_LOST_OF_CLIENT and
 * SMTPSEQ_LINT_LOST_OF_SERVER: some octets of that side have not been seen, also those before the first piece. */
int smtpseq_lint_know(smtpseq_lint *lint, enum smtpseq_lint_fact fact);

/* The recording is complete, or the connection is closed. Returns the result. */
int smtpseq_lint_finish(smtpseq_lint *lint);

/* After the end: how the recording was read and what is in it, as a line of JSON, as `smtpseq check --format=ndjson` has it
 * of a file: the format or the marks that were learnt, and the same of each part, sessions, lines. Valid until the next call of it; NULL
 * before the end or when out of memory. */
const char *smtpseq_lint_recording(smtpseq_lint *lint);

/* Returns the text with the secrets of the recording blanked, as far as they are known: complete after the end. Valid until
 * the next call of it. NULL when out of memory. */
const char *smtpseq_lint_redact(smtpseq_lint *lint, const char *text);

/* Of a finding: the rule ("nested-mail"), its code ("SQ002"), whose fault it is ("client", "server", "recording"), what is
 * wrong, what to do (both without control characters), and all of it as a line of JSON, as `smtpseq check --format=ndjson` writes it (its file is ""). */
const char *smtpseq_lint_rule(const smtpseq_lint_finding *finding);
const char *smtpseq_lint_code(const smtpseq_lint_finding *finding);
const char *smtpseq_lint_fault(const smtpseq_lint_finding *finding);
const char *smtpseq_lint_message(const smtpseq_lint_finding *finding);
const char *smtpseq_lint_help(const smtpseq_lint_finding *finding);
const char *smtpseq_lint_json(const smtpseq_lint_finding *finding);
enum smtpseq_lint_severity smtpseq_lint_severity(const smtpseq_lint_finding *finding);
/* Lines, columns (in octets) and sessions count from 1. */
uint64_t smtpseq_lint_line(const smtpseq_lint_finding *finding);
uint64_t smtpseq_lint_session(const smtpseq_lint_finding *finding);
unsigned smtpseq_lint_column(const smtpseq_lint_finding *finding);

#ifdef __cplusplus
}
#endif

#endif
