/* allow_comment.h - "# smtpseq: allow nested-mail: reason", in a transcript.
 */
#ifndef SMTPSEQ_ALLOW_COMMENT_H
#define SMTPSEQ_ALLOW_COMMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "rules/rules.h"

/* Parses the text after "smtpseq:". On success sets *rule to the rule that is allowed and
 * returns NULL; else returns `error`, with a message that may hold octets of the text. */
const char *allow_comment_parse(struct slice text, enum rule_id *rule, char *error,
                                size_t error_size);

struct allow_comment {
    uint64_t line, about;
    enum rule_id rule;
    bool used;
};
#define ALLOW_COMMENTS_MAX 10000

/* Those of a recording, all zero at first; free the list. */
struct allow_comments {
    struct allow_comment *list;
    size_t count, capacity;
    bool no_memory;
};

/* Takes a comment in `line` about a later one (struct smtpseq_callbacks). Returns what is wrong with it, in `error`,
 * or NULL. */
const char *allow_comments_add(struct allow_comments *comments, uint64_t line, uint64_t about,
                               struct slice text, char *error, size_t error_size);

/* Returns true if a comment allows the rule's finding in that line. */
bool allow_comments_take(struct allow_comments *comments, uint64_t line, enum rule_id rule);

#endif
