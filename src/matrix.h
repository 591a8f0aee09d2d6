/* matrix.h - rule by server: what each server says to the command that breaks the rule.
 */
#ifndef SMTPSEQ_MATRIX_H
#define SMTPSEQ_MATRIX_H

#include "rules/finding.h"

/* Plays the rule's example to the servers. Fills a prediction for each of them; false where the rule
 * has no example that a server could be asked about, where no server has an answer, or when memory is
 * short. */
bool matrix_row(const struct rule *rule, const struct server_set *servers,
                struct prediction cells[SERVERS_MOST]);

#endif
