/* tap.c - the Test Anything Protocol: a test point for each session. A finding that fails the run
 * fails its point; findings are in a YAML block after the point.
 *
 * The output is valid TAP 13 and TAP 14. It calls itself 13, the only version that Perl's prove
 * accepts.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "report/cases.h"
#include "report/escape.h"
#include "report/json_value.h"
#include "report/location.h"

/* In a description, # begins a directive. */
static void print_description(FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf(out, *text == '#' || *text == '\\' ? "\\%c" : "%c", *text);
}

/* Returns the text in one line, escaped for a terminal, owned by the caller; NULL when out of
 * memory. */
static char *escaped_line(const char *text)
{
    struct string_builder shown;
    if (string_builder_begin(&shown))
        print_escaped(shown.out, slice_of(text));
    string_builder_end(&shown);
    return shown.text;
}

/* Writes a quoted value: a string of JSON is valid YAML. */
static void print_quoted(const struct report *report, FILE *out, const char *key, const char *text)
{
    char *shown = text ? escaped_line(text) : NULL;
    json_t *value = shown ? json_string(shown) : NULL;
    char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (quoted && !json_memory_failed())
        fprintf(out, "%s: %s\n", key, quoted);
    else
        report_fail(report);
    free(quoted);
    json_decref(value);
    free(shown);
}

/* Writes an earlier line as two keys: cause_line and cause. */
static void print_earlier(const struct report *report, FILE *out, const char *key,
                          const struct earlier_line *earlier)
{
    if (earlier->line == 0)
        return;
    fprintf(out, "      %s_line: %" PRIu64 "\n      ", key, earlier->line);
    print_quoted(report, out, key, earlier->message);
}

static void tap_finding(const struct report *report, const char *file,
                        const struct finding *finding)
{
    char *path = location_path(file);
    struct region region = location_region(finding);
    struct string_builder written;
    if (string_builder_begin(&written)) {
        FILE *out = written.out;
        fprintf(out, "    - rule: %s\n      severity: %s\n      fault: %s\n", finding->rule->name,
                severity_name(finding->severity), fault_name(finding->fault));
        print_quoted(report, out, "      file", path);
        fprintf(out, "      line: %" PRIu64 "\n      column: %" PRIu32 "\n", region.line,
                region.column);
        print_quoted(report, out, "      message", finding->message);
        print_earlier(report, out, "cause", &finding->cause);
        print_earlier(report, out, "origin", &finding->origin);
        print_quoted(report, out, "      help", finding_help(finding));
    }
    cases_add(report, finding, 0, &written);
    free(path);
}

/* Points get their numbers when the report is assembled. */
static void print_point(const struct report *report, FILE *out, const char *path,
                        const struct session_case *session, size_t number)
{
    fputs(session->failures > 0 ? "not ok - " : "ok - ", out);
    print_description(out, path);
    fprintf(out, ": session %zu", number);
    char *name = session->name ? escaped_line(session->name) : NULL;
    if (session->name && !name)
        report_fail(report);
    if (name) {
        fputs(", ", out);
        print_description(out, name);
    }
    free(name);
    putc('\n', out);
    if (!session->texts[0] && !session->outcome)
        return;
    fputs("  ---\n", out);
    if (session->outcome) {
        fprintf(out, "  outcome: %s\n", session_result_name(session->result));
        print_quoted(report, out, "  message", session->outcome);
    }
    if (session->texts[0])
        fprintf(out, "  findings:\n%s", session->texts[0]);
    fputs("  ...\n", out);
}

static void tap_file(const struct report *report, const char *file,
                     const struct smtpseq_recording *recording)
{
    const struct cases *cases = cases_of(report, recording->sessions);
    char *path = location_path(file), *shown = path ? escaped_line(path) : NULL;
    if (!shown)
        report_fail(report);
    for (size_t i = 0; cases && shown && i < cases->count; i++)
        print_point(report, report_item(report, 0), shown, &cases->list[i], i + 1);
    free(shown);
    free(path);
}

static void tap_trouble(const struct report *report, const char *file, const char *text)
{
    char *path = location_path(file), *shown = path ? escaped_line(path) : NULL;
    FILE *out = report_item(report, 0);
    if (!shown)
        report_fail(report);
    fputs("not ok - ", out);
    print_description(out, shown ? shown : "");
    fputs("\n  ---\n", out);
    print_quoted(report, out, "  message", text);
    fputs("  ...\n", out);
    free(shown);
    free(path);
}

/* Copies the points and numbers them; other lines begin with a blank. Returns their number. */
static uint64_t number_points(const struct report *report)
{
    FILE *from = report_section_read(report, 0), *out = report->out;
    uint64_t count = 0;
    int c, before = '\n', word = 0; /* what is left of "ok", "not ok" */
    while ((c = getc(from)) != EOF) {
        if (before == '\n')
            word = c == 'o' ? 2 : c == 'n' ? 6 : 0;
        putc(c, out);
        if (word > 0 && --word == 0)
            fprintf(out, " %" PRIu64, ++count);
        before = c;
    }
    return count;
}

static void tap_summary(const struct report *report, const struct report_totals *totals)
{
    (void)totals;
    fputs("TAP version 13\n", report->out);
    fprintf(report->out, "1..%" PRIu64 "\n", number_points(report));
}

const struct report_format tap_report = {
    .name = "tap",
    .title = "TAP, a test point for each session",
    .sections = 1,
    .begin = cases_begin,
    .finding = tap_finding,
    .around = cases_exchange,
    .outcome = cases_outcome,
    .file = tap_file,
    .trouble = tap_trouble,
    .end = cases_end,
    .summary = tap_summary,
};
