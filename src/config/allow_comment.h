/* allow_comment.h - "# smtpseq: allow nested-mail: reason", in a transcript.
 */
#ifndef SMTPSEQ_ALLOW_COMMENT_H
#define SMTPSEQ_ALLOW_COMMENT_H

#include "base/slice.h"
#include "rules/rules.h"

/* Reads what stands behind "smtpseq:". NULL: *rule has what is allowed; else what is wrong with it, in
 * `error`, which may hold octets of the text. */
const char *allow_comment_parse(struct slice text, enum rule_id *rule, char *error,
                                size_t error_size);

#endif
