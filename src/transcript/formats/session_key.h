/* session_key.h - the key of a session, from its name in the log.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_SESSION_KEY_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_SESSION_KEY_H

#include <jansson.h>
#include <stdint.h>

#include "base/slice.h"

/* Returns a number for a name. Haraka appends ".1", ".2" for each message of a session, which is
 * ignored. */
uint64_t session_key(struct slice name);

/* The same for a JSON value; 0 if it is neither a string nor an integer. */
uint64_t session_key_of_json(const json_t *value);

#endif
