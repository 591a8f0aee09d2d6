/* matrix.h - rule by server: what each server says to the command that breaks the rule.
 */
#ifndef SMTPSEQ_CHECK_MATRIX_H
#define SMTPSEQ_CHECK_MATRIX_H

#include "rules/finding.h"

enum matrix_answer {
    MATRIX_NOTHING, /* the rule has no example to ask a server about, or none has an answer */
    MATRIX_ROW,
    MATRIX_NO_MEMORY
};

/* Plays the rule's example to the servers. Fills a prediction for each of them. */
enum matrix_answer matrix_row(const struct rule *rule, const struct server_set *servers,
                              struct prediction cells[SERVERS_MAX]);

#endif
