/* forwards.h - what smtpseq forwards says at its end: each answer once, and where answers lead on.
 */
#ifndef SMTPSEQ_CLI_FORWARDS_H
#define SMTPSEQ_CLI_FORWARDS_H

#include "report/forward_list.h"
#include "report/report.h"

/* Writes into the reports each answer, if `unique`, then the chains and loops. A format that has no form for
 * these leaves them to standard error. */
void forwards_end(struct forward_list *forwards, const struct report reports[], size_t count,
                  bool unique);

#endif
