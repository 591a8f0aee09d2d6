/* explain.h - smtpseq explain. */
#ifndef SMTPSEQ_CLI_EXPLAIN_H
#define SMTPSEQ_CLI_EXPLAIN_H

#include "cli/options.h"

/* Explains the reply codes and rules that are named. */
enum cli_status command_explain(int argc, char *argv[]);

#endif
