/* excerpt.h - recorded lines with marks below them, as compilers show them.
 */
#ifndef SMTPSEQ_REPORT_EXCERPT_H
#define SMTPSEQ_REPORT_EXCERPT_H

#include "report/report.h"

/* Writes the line of a finding with a caret under what it is about, and above it the lines that explain
 * it, underlined, each with its words. A line that is wider than the terminal is cut around its
 * mark. */
void excerpt_print(const struct report *report, const struct finding *finding);

/* Returns true if the excerpt shows the cause. */
bool excerpt_shows_cause(const struct finding *finding);

#endif
