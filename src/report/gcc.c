/* gcc.c - a line for each finding, as compilers write them: editors and CI systems know it.
 */
#include <inttypes.h>

#include "base/plural.h"
#include "report/escape.h"
#include "report/report.h"

static void gcc_finding(const struct report *report, const char *file,
                        const struct finding *finding)
{
    print_escaped(report->out, slice_of(file));
    fprintf(report->out, ":%" PRIu64 ":%u: %s: ", finding->line, finding->column,
            severity_name(finding->severity));
    print_escaped(report->out, slice_of(finding->message));
    if (finding->more_sessions > 0)
        fprintf(report->out, " (and %" PRIu64 " other session%s of this file)",
                finding->more_sessions, plural(finding->more_sessions));
    fprintf(report->out, " [%s]\n", finding->rule->name);
}

const struct report_format gcc_report = {
    .name = "gcc",
    .title = "one line for each finding, as compilers write them",
    .endless = true,
    .finding = gcc_finding,
};
