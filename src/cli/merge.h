/* merge.h - smtpseq merge: reports of several runs become one. */
#ifndef SMTPSEQ_CLI_MERGE_H
#define SMTPSEQ_CLI_MERGE_H

#include "cli/merge_inputs.h"

/* Merges the operands; none: standard input. */
enum cli_status merge(struct options *options, char *const operands[], size_t count);

/* The same of reports of smtpseq coverage, which are open. */
enum cli_status merge_coverage(const struct options *options, const struct merge_inputs *inputs);

#endif
