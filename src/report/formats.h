/* formats.h - the table of report formats.
 *
 * In a file of its own: the table needs every format, and every format needs report.h.
 */
#ifndef SMTPSEQ_REPORT_FORMATS_H
#define SMTPSEQ_REPORT_FORMATS_H

#include "report/report.h"

/* Returns the format at `index`, NULL after the last one. */
const struct report_format *report_format_at(size_t index);

/* Returns the format of that name, NULL if there is none. */
const struct report_format *report_format_by_name(const char *name);

#endif
