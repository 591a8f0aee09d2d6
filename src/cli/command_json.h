/* command_json.h - the table of the command line, for the programs that write completions and manuals.
 */
#ifndef SMTPSEQ_COMMAND_JSON_H
#define SMTPSEQ_COMMAND_JSON_H

#include <jansson.h>

/* Returns the commands with their options and the names that these take; owned by the caller. NULL when
 * out of memory. */
json_t *command_line_json(void);

#endif
