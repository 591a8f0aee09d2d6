/* json_lines.h - logs with a JSON object on each line.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_JSON_LINES_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_JSON_LINES_H

#include "transcript/formats/format.h"
#include "transcript/formats/json_fields.h"

extern const struct format_family json_lines_family; /* detail: a struct json_row */

extern const struct json_row nodemailer_json;
extern const struct json_row haraka_json;
extern const struct json_row any_json;

#endif
