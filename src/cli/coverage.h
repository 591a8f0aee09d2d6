/* coverage.h - what `smtpseq coverage` writes, and in which formats.
 */
#ifndef SMTPSEQ_CLI_COVERAGE_H
#define SMTPSEQ_CLI_COVERAGE_H

#include "cli/options.h"
#include "coverage/coverage.h"

/* The formats one by one, the default first, NULL after the last. */
const struct report_format *coverage_format_at(size_t index);

/* Returns true if it is one of them; the one of the same name, NULL if there is none. */
bool coverage_is_format(const struct report_format *format);
const struct report_format *coverage_format_named(const char *name);

/* Returns true if a format has its picture drawn by another program. */
bool coverage_draws(const struct report_format *format);

/* Reads "core,auth,..." into bits. False: a message is on standard error. */
bool coverage_groups_parse(const char *list, unsigned *groups);

/* Writes one report. False when there is none: a message is on standard error, and nothing was
 * written. */
bool coverage_report(const struct report *report, const struct coverage_view *view);

/* Returns true if less was exercised than --fail-under demands; then a message is on standard error. */
bool coverage_is_below(const struct coverage_sum *sum, double percent);

#endif
