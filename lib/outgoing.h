/* outgoing.h - what a checker has found, until the caller is given it: callbacks run in the caller's thread.
 */
#ifndef SMTPSEQ_LIB_OUTGOING_H
#define SMTPSEQ_LIB_OUTGOING_H

#include "smtpseq.h"

#include <jansson.h>

#include "base/octet_buffer.h"
#include "config/allow_comment.h"
#include "report/report.h"

/* What is handed out. */
enum kind { KIND_FINDING, KIND_EXCHANGE, KIND_SESSION, KIND_COUNT };

struct smtpseq_lint_finding {
    struct smtpseq_lint_finding *next;
    enum kind kind;
    char *json;
    /* Of a finding. */
    const struct rule *rule;
    enum severity severity;
    const char *help, *fault;
    uint64_t line, session;
    unsigned column;
    char *message;
};

/* What the caller wants to be called with. */
struct hook {
    void (*text)(void *context, const char *text);
    void (*finding)(void *context, const smtpseq_lint_finding *finding);
    void *context;
};

/* All zero at first. */
struct outgoing {
    struct hook hooks[KIND_COUNT], remark;
    struct smtpseq_lint_finding *first, *last;
    struct octet_buffer remarks; /* lines */
    struct allow_comments allowed;
    bool live; /* there is no recording that could hold a password */
    bool no_memory;
};

/* The checker's side. */
struct smtpseq_callbacks outgoing_callbacks(struct outgoing *outgoing);

/* Hands out what is in it. */
void outgoing_hand_out(struct outgoing *outgoing);

/* Hands out what has been said of the recording as a whole, without its secrets. */
void outgoing_hand_out_remarks(struct outgoing *outgoing, struct smtpseq_checker *checker);

void outgoing_free(struct outgoing *outgoing);

/* Returns an object in one line, owned by the caller; frees the object. NULL when out of memory. */
char *line_of_json(json_t *object);

#endif
