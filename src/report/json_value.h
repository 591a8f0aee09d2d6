/* json_value.h - JSON for reports, with jansson.
 *
 * Every step may run out of memory. A value that could not be made is NULL, and so is every value
 * that it was to be a part of; json_write then makes the run fail.
 */
#ifndef SMTPSEQ_JSON_VALUE_H
#define SMTPSEQ_JSON_VALUE_H

#include <jansson.h>

#include "report/report.h"

/* Returns text of a recording as a string: octets that are not valid UTF-8 become U+FFFD. */
json_t *json_text(struct slice text);

/* The same for a string that a person reads: see copy_shown. */
json_t *json_shown(struct slice text);

/* Puts text of a recording under a key (json_text). If it is not valid UTF-8, the key with "_octets"
 * after it has the octets: a string with a character for each. */
void json_put_text(json_t **object, const char *key, struct slice text);

/* Add a value, which they take over, to an object or to the end of an array. If that fails, or
 * the value is NULL, the object or array is freed and set to NULL. */
void json_put(json_t **object, const char *key, json_t *value);
void json_append(json_t **array, json_t *value);

/* Writes a value in one line, without a newline, and frees it. If it is NULL the run fails. */
void json_write(const struct report *report, FILE *out, json_t *value);

#endif
