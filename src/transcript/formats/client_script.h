/* client_script.h - bare commands, one a line, without marks and replies.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_CLIENT_SCRIPT_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_CLIENT_SCRIPT_H

#include "transcript/formats/format.h"

extern const struct format_family client_script_family;

#endif
