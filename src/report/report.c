/* report.c - the sections of a report.
 */
#include "report/report.h"

#include <errno.h>

bool report_fits(const struct report_format *format, enum report_subject subject)
{
    switch (subject) {
    case REPORT_EXCHANGES:
        return format->exchange != NULL;
    case REPORT_FORWARDS:
        return format->forward != NULL;
    default:
        return format->finding != NULL;
    }
}

void report_session(const struct report *report, const char *file, uint64_t session,
                    const struct session_outcome *outcome)
{
    if (report->format->outcome && outcome->result != RESULT_UNKNOWN)
        report->format->outcome(report, file, session, outcome);
    if (report->format->ended)
        report->format->ended(report, session, outcome);
}

FILE *report_item(const struct report *report, unsigned section)
{
    struct report_section *part = &report->sections[section];
    if (part->begun && report->format->separator)
        fputs(report->format->separator, part->stream);
    part->begun = true;
    return part->stream;
}

FILE *report_section_read(const struct report *report, unsigned section)
{
    struct report_section *part = &report->sections[section];
    /* Not rewind: that forgets a write that failed. */
    if (fseek(part->stream, 0, SEEK_SET) != 0 && part->error == 0)
        part->error = errno;
    return part->stream;
}

void report_section_copy(const struct report *report, unsigned section)
{
    FILE *from = report_section_read(report, section);
    char block[16384];
    size_t size;
    while ((size = fread(block, 1, sizeof block, from)) > 0)
        fwrite(block, 1, size, report->out);
}

void report_fail(const struct report *report)
{
    *report->failed = true;
}
