/* show_settings.h - smtpseq config: what holds for a file or a folder, and where it comes from.
 */
#ifndef SMTPSEQ_SHOW_SETTINGS_H
#define SMTPSEQ_SHOW_SETTINGS_H

#include "cli/options.h"

enum cli_status command_config(int argc, char *argv[]);

#endif
