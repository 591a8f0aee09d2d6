/* session_key.h - the key of a session from what a log calls it.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_SESSION_KEY_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_SESSION_KEY_H

#include <jansson.h>
#include <stdint.h>

#include "base/slice.h"

/* A number for a name: the same for the same name. Haraka adds ".1", ".2" with each message of a
 * session: that is left out. */
uint64_t session_key(struct slice name);

/* The same for a JSON value; 0 where it is neither a string nor an integer. */
uint64_t session_key_of_json(const json_t *value);

#endif
