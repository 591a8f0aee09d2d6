/* reports.h - opens the reports of a run.
 */
#ifndef SMTPSEQ_CLI_REPORTS_H
#define SMTPSEQ_CLI_REPORTS_H

#include "cli/output.h"

/* Opens the reports that the options name and begins them. One that cannot be opened does not stop the
 * others: a message is on standard error. `begun`: has what they share, the page of rules and
 * `failed`. Returns how many are open. */
size_t reports_open(const struct options *options, struct renamer *renamer,
                    const struct report *begun, struct output_file files[OUTPUTS_MAX],
                    struct report reports[OUTPUTS_MAX]);

/* Starts the process that will rename the reports. Returns false when there is none: they are removed, and a
 * message is on standard error. */
bool reports_start(struct renamer *renamer, struct output_file files[], size_t count);

#endif
