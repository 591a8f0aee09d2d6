/* report.c - the formats of reports, and what all of them redact.
 */
#include "report/report.h"

static const struct report_format *const known_formats[] = {&text_report, &gcc_report, &ndjson_report};

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

struct slice shown_argument(const struct exchange *exchange, bool show_secrets, char *room,
                            size_t room_size)
{
    struct slice argument = exchange->argument;
    size_t mechanism = slice_find(argument, ' ');
    if (exchange->command != COMMAND_AUTH || show_secrets || mechanism == argument.size)
        return argument;
    int size = snprintf(room, room_size, "%.*s %s", (int)(mechanism < 64 ? mechanism : 64),
                    argument.data, REDACTED);
    return (struct slice){room, (size_t)size < room_size ? (size_t)size : room_size - 1};
}
