/* formats.c - the table of report formats.
 */
#include "report/formats.h"

static const struct report_format *const known_formats[] = {
#define X(name) &name##_report,
    REPORT_FORMATS(X)
#undef X
};

const struct report_format *report_format_at(size_t index)
{
    return index < sizeof known_formats / sizeof known_formats[0] ? known_formats[index] : NULL;
}

const struct report_format *report_format_by_name(const char *name)
{
    for (size_t i = 0; report_format_at(i); i++)
        if (strcmp(report_format_at(i)->name, name) == 0)
            return report_format_at(i);
    return NULL;
}
