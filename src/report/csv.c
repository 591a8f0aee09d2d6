/* csv.c - the forwarding replies as a table for spreadsheets (RFC 4180).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/string_builder.h"
#include "report/escape.h"
#include "report/report.h"

/* Writes a quoted field. A spreadsheet takes what begins with one of "=+-@" for a formula, and the text
 * is a stranger's: an apostrophe before it makes it text. */
static void print_field(const struct report *report, struct slice text)
{
    struct string_builder shown;
    if (string_builder_begin(&shown))
        print_escaped(shown.out, text);
    bool done = string_builder_end(&shown);
    fputs(done && shown.size > 0 && strchr("=+-@", shown.text[0]) ? "\"'" : "\"", report->out);
    for (size_t i = 0; done && i < shown.size; i++) {
        if (shown.text[i] == '"')
            putc('"', report->out);
        putc(shown.text[i], report->out);
    }
    putc('"', report->out);
    free(shown.text);
    if (!done)
        report_fail(report);
}

static void csv_heading(const struct report *report)
{
    fputs("recipient,forward_path,code,file,line\r\n", report->out);
}

static void csv_forward(const struct report *report, const char *file,
                        const struct finding *finding)
{
    print_field(report, finding->recipient);
    putc(',', report->out);
    print_field(report, finding->forward_path);
    fprintf(report->out, ",%03d,", finding->reply.code);
    print_field(report, slice_of(file));
    fprintf(report->out, ",%" PRIu64 "\r\n", finding->line);
}

const struct report_format csv_report = {
    .name = "csv",
    .title = "`forwards` only: a table for spreadsheets (RFC 4180)",
    .heading = csv_heading,
    .forward = csv_forward,
};
