/* reports.c - what a report of this run looks like. */
#include "cli/reports.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/language.h"
#include "cli/message.h"
#include "cli/screen.h"

/* The columns of a report on standard output; 0: as many as it takes. A finding is cut and wrapped for
 * nothing but a terminal, since others search it; what is drawn in columns has a width everywhere. */
static unsigned report_width(enum cli_command command)
{
    bool columns = command_subject(command) != REPORT_FINDINGS;
    return columns || isatty(STDOUT_FILENO) ? screen_width(STDOUT_FILENO) : 0;
}

size_t reports_open(const struct options *options, struct renamer *renamer,
                    const struct report *begun, struct output_file files[OUTPUTS_MAX],
                    struct report reports[OUTPUTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < options->output_count; i++) {
        struct output_file *file = &files[count];
        if (!output_open(file, &options->outputs[i], renamer))
            continue;
        struct report *report = &reports[count++];
        *report = (struct report){
            .format = file->format,
            .subject = command_subject(options->command),
            .options = {.color = options->color && file->is_stdout,
                        .quiet = options->quiet,
                        .language = file->format->translated ? language() : NULL,
                        .fail_on = options->fail_on,
                        .servers = &options->servers,
                        .width = file->is_stdout ? report_width(options->command) : 0,
                        .rules_page = file->is_stdout ? begun->options.rules_page : NULL},
            .sections = file->sections,
            .out = file->stream,
            .failed = begun->failed,
        };
        if (report->format->heading)
            report->format->heading(report);
    }
    return count;
}

bool reports_start(struct renamer *renamer, struct output_file files[], size_t count)
{
    if (renamer_start(renamer))
        return true;
    message("no process to rename reports: %s", error_text(errno));
    for (size_t i = 0; i < count; i++)
        output_close(&files[i], renamer, false);
    return false;
}
