/* client_script.h - bare commands, one a line: what a client says, without marks and replies.
 */
#ifndef SMTPSEQ_CLIENT_SCRIPT_H
#define SMTPSEQ_CLIENT_SCRIPT_H

#include "transcript/format.h"

extern const struct format_family client_script_family;

#endif
