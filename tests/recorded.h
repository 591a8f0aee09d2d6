/* recorded.h - runs the whole library over a recording, and returns the output as text to compare.
 *
 * Every function returns a string that the caller frees.
 */
#ifndef SMTPSEQ_RECORDED_H
#define SMTPSEQ_RECORDED_H

#include "report/report.h"

/* Writes a recording to an unnamed file and returns its descriptor, rewound; -1 on error. */
int recorded_descriptor(struct slice recording);

/* Returns the findings as in fixtures/README.md, one a line; "clean\n" if there are none. */
char *recorded_findings(struct slice recording);

/* Returns the output of `smtpseq replay` and then `smtpseq check` in this format. */
char *recorded_report(struct slice recording, const struct report_format *format,
                      bool show_secrets);

#endif
