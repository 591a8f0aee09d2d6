/* allow_comment.h - "# smtpseq: allow nested-mail: reason", in a transcript.
 */
#ifndef SMTPSEQ_ALLOW_COMMENT_H
#define SMTPSEQ_ALLOW_COMMENT_H

#include "base/slice.h"
#include "rules/rules.h"

/* Parses the text after "smtpseq:". On success sets *rule to the rule that is allowed and
 * returns NULL; else returns `error`, with a message that may hold octets of the text. */
const char *allow_comment_parse(struct slice text, enum rule_id *rule, char *error,
                                size_t error_size);

#endif
