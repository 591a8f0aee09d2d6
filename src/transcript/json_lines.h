/* json_lines.h - logs with a JSON object on each line.
 */
#ifndef SMTPSEQ_JSON_LINES_H
#define SMTPSEQ_JSON_LINES_H

#include "transcript/format.h"
#include "transcript/json_fields.h"

extern const struct format_family json_lines_family; /* detail: a struct json_row */

extern const struct json_row nodemailer_json;
extern const struct json_row haraka_json;
extern const struct json_row any_json;

#endif
