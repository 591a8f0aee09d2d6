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
    cases_add(report, finding->session, CASE_FAILURES, case_fails(report, finding), &written);
    free(path);
}

/* Adds text as it stands in a description. */
static bool begin_description(const struct report *report, struct string_builder *written,
                              const char *text)
{
    char *shown = text ? escaped_line(text) : NULL;
    bool begun = string_builder_begin(written);
    if (begun && shown)
        print_description(written->out, shown);
    if (!shown)
        report_fail(report);
    free(shown);
    return begun;
}

static void tap_outcome(const struct report *report, const char *file, uint64_t session,
                        const struct session_outcome *outcome)
{
    struct string_builder name, written;
    char *text = outcome_text(outcome, NULL);
    (void)file;
    if (outcome->label.name[0]) {
        begin_description(report, &name, outcome->label.name);
        cases_add(report, session, CASE_NAME, false, &name);
    }
    if (string_builder_begin(&written)) {
        fprintf(written.out, "  outcome: %s\n", session_result_name(outcome->result));
        print_quoted(report, written.out, "  message", text);
    }
    cases_add(report, session, CASE_OUTCOME, false, &written);
    free(text);
}

static void tap_file(const struct report *report, const char *file,
                     const struct smtpseq_recording *recording)
{
    struct string_builder written;
    char *path = location_path(file);
    begin_description(report, &written, path);
    cases_add_file(report, recording->sessions, &written);
    free(path);
}

static void tap_trouble(const struct report *report, const char *file, const char *text)
{
    struct string_builder written;
    char *path = location_path(file);
    if (begin_description(report, &written, path)) {
        fputs("\n  ---\n", written.out);
        print_quoted(report, written.out, "  message", text);
        fputs("  ...\n", written.out);
    }
    cases_add_trouble(report, &written);
    free(path);
}

static void write_point(struct cases *cases, struct slice path, uint64_t number,
                        const struct session_case *session)
{
    FILE *out = cases_out(cases);
    fprintf(out, "%s %" PRIu64 " - ", session->failures > 0 ? "not ok" : "ok", cases_number(cases));
    fwrite(path.data, 1, path.size, out);
    fprintf(out, ": session %" PRIu64 "%s", number, session->texts[CASE_NAME] > 0 ? ", " : "");
    case_copy(cases, session, CASE_NAME);
    putc('\n', out);
    if (session->texts[CASE_FAILURES] == 0 && session->texts[CASE_OUTCOME] == 0)
        return;
    fputs("  ---\n", out);
    case_copy(cases, session, CASE_OUTCOME);
    if (session->texts[CASE_FAILURES] > 0)
        fputs("  findings:\n", out);
    case_copy(cases, session, CASE_FAILURES);
    fputs("  ...\n", out);
}

static void write_trouble(struct cases *cases, struct slice text)
{
    fprintf(cases_out(cases), "not ok %" PRIu64 " - ", cases_number(cases));
    fwrite(text.data, 1, text.size, cases_out(cases));
}

static void tap_summary(const struct report *report, const struct report_totals *totals)
{
    static const struct case_writer writer = {.one = write_point, .trouble = write_trouble};
    (void)totals;
    fputs("TAP version 13\n", report->out);
    uint64_t count = cases_write(report, &writer);
    fprintf(report->out, "1..%" PRIu64 "\n", count);
}

const struct report_format tap_report = {
    .name = "tap",
    .title = "TAP, a test point for each session",
    .sections = CASES_SECTIONS,
    .begin = cases_begin,
    .finding = tap_finding,
    .around = cases_exchange,
    .outcome = tap_outcome,
    .file = tap_file,
    .trouble = tap_trouble,
    .summary = tap_summary,
};
