/* run.h - check, replay and forwards: all recordings, in order, into all reports.
 */
#ifndef SMTPSEQ_RUN_H
#define SMTPSEQ_RUN_H

#include "cli/options.h"

/* Runs the command over the operands (none: standard input). */
enum cli_status run(const struct options *options, char *const operands[], size_t count);

#endif
