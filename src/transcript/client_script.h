/* client_script.h - bare commands, one a line: what a client says, without marks and replies.
 */
#ifndef SMTPSEQ_CLIENT_SCRIPT_H
#define SMTPSEQ_CLIENT_SCRIPT_H

#include "transcript/format.h"

struct fit client_script_recognise(const struct format *format, struct slice head);
bool client_script_read(struct reader *reader, const struct source_line *line);

#endif
