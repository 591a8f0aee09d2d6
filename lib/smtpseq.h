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
 * Nothing here prints, exits or keeps global state. Several linters may be used at once, each by one thread at a time;
 * callbacks run in the thread that calls. A linter has a thread of its own, which runs only while another one waits for it;
 * it takes no signals. Passwords and message content are blanked in all texts, as smtpseq does.
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
    SMTPSEQ_LINT_NO_MEMORY = 3
};

enum smtpseq_lint_severity {
    SMTPSEQ_LINT_NOTE = 0,
    SMTPSEQ_LINT_WARNING = 1,
    SMTPSEQ_LINT_ERROR = 2
};

/* The version of the library, "0.1.0". */
const char *smtpseq_lint_version(void);

/* Returns NULL when out of memory or threads. */
smtpseq_lint *smtpseq_lint_new(void);

/* Frees the linter and what its callbacks were given. NULL: nothing. */
void smtpseq_lint_free(smtpseq_lint *lint);

/* What to call; before the first piece. A finding is valid during the call. An exchange is a line of JSON as `smtpseq
 * replay --format=ndjson` writes it, without the newline. Neither may use the linter. */
void smtpseq_lint_on_finding(smtpseq_lint *lint,
                             void (*call)(void *context, const smtpseq_lint_finding *finding),
                             void *context);
void smtpseq_lint_on_exchange(smtpseq_lint *lint, void (*call)(void *context, const char *json),
                              void *context);

/* Takes the next octets of the recording, which stay the caller's. Returns a result: DONE to go on; another one says
 * that no more will be read. */
int smtpseq_lint_feed(smtpseq_lint *lint, const void *octets, size_t size);

/* The recording is complete. Returns the result; after that only smtpseq_lint_free is left to do. */
int smtpseq_lint_finish(smtpseq_lint *lint);

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
