/* json_text.h - JSON as text, appended to without jansson: for what is written for every exchange.
 */
#ifndef SMTPSEQ_BASE_JSON_TEXT_H
#define SMTPSEQ_BASE_JSON_TEXT_H

#include "base/octet_buffer.h"

/* All zero at first. */
struct json_text {
    struct octet_buffer buffer;
    bool failed; /* out of memory: what was appended since then is missing */
};

/* Append text that is JSON already. */
void json_text_raw(struct json_text *text, struct slice json);
void json_text_format(struct json_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends any octets: a string if they are UTF-8, else an array with one string that has a character
 * for each octet (U+0000 to U+00FF). ASCII only. */
void json_text_octets(struct json_text *text, struct slice octets);

void json_text_free(struct json_text *text);

#endif
