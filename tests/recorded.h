/* recorded.h - a recording through the whole library, and what comes out as text to compare.
 *
 * Every function gives a string that the caller frees.
 */
#ifndef SMTPSEQ_RECORDED_H
#define SMTPSEQ_RECORDED_H

#include "report/report.h"

/* Puts a recording into a file without a name and gives its descriptor, rewound; -1: no room. */
int recorded_descriptor(struct slice recording);

/* The findings as fixtures/README.md writes them, one a line; "clean\n" where there are none. */
char *recorded_findings(struct slice recording);

/* What `smtpseq replay` and `smtpseq check` print in this format, one behind the other. */
char *recorded_report(struct slice recording, const struct report_format *format,
                      bool show_secrets);

#endif
