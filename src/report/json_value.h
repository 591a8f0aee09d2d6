/* json_value.h - JSON for reports, with jansson.
 *
 * Memory may be short at every step. A value that could not be made is NULL, and so is all that it was
 * to be a part of; whoever writes it into a report (json_write) makes the run fail.
 */
#ifndef SMTPSEQ_JSON_VALUE_H
#define SMTPSEQ_JSON_VALUE_H

#include <jansson.h>

#include "report/report.h"

/* Text of a recording as a string: octets that are no UTF-8 become U+FFFD. */
json_t *json_text(struct slice text);

/* The same for a string that a person looks at: see copy_shown. */
json_t *json_shown(struct slice text);

/* Puts a value, which becomes the object's, under a key; or behind the others in an array. When that
 * fails, or the value is NULL, the object or array is freed and NULL from then on. */
void json_put(json_t **object, const char *key, json_t *value);
void json_append(json_t **array, json_t *value);

/* Writes a value in one line, without a newline, and frees it. NULL: the run fails. */
void json_write(const struct report *report, FILE *out, json_t *value);

#endif
