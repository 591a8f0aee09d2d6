/* export.h - smtpseq export: a recording as a transcript that can be posted. */
#ifndef SMTPSEQ_CLI_EXPORT_H
#define SMTPSEQ_CLI_EXPORT_H

#include "cli/options.h"

enum cli_status command_export(int argc, char *argv[]);

#endif
