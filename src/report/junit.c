/* junit.c - JUnit's XML, which nearly every CI system reads: a suite for each recording, a case for
 * each session, a failure for each finding that fails the run. The other findings are in the case's
 * system-out.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/cases.h"
#include "report/escape.h"
#include "report/location.h"

/* The texts of a case: elements, and text that is not escaped yet. */
enum { FAILURES, REMARKS };

/* Writes text in which print_escaped has left only characters that XML allows. */
static void print_markup(FILE *out, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        const char *entity = markup_entity((unsigned char)text.data[i]);
        if (entity)
            fputs(entity, out);
        else
            putc(text.data[i], out);
    }
}

/* Writes an attribute: text of a recording, or the name of a file. */
static void print_attribute(FILE *out, const char *name, const char *value)
{
    struct slice rest = slice_of(value);
    fprintf(out, " %s=\"", name);
    while (rest.size > 0) {
        char room[SHOWN_MAX];
        print_markup(out, take_shown(&rest, room));
    }
    putc('"', out);
}

/* Writes a finding as an element <failure>: its text is that of the text report. */
static void print_failure(FILE *out, const struct finding *finding, struct slice text)
{
    fputs("<failure", out);
    print_attribute(out, "message", finding->message);
    print_attribute(out, "type", finding->rule->name);
    putc('>', out);
    print_markup(out, text);
    fputs("</failure>\n", out);
}

static void junit_finding(const struct report *report, const char *file,
                          const struct finding *finding)
{
    struct string_builder text, failure;
    struct report of_text = *report;
    of_text.options.color = false;
    if (string_builder_begin(&text)) {
        of_text.out = text.out;
        text_report.finding(&of_text, file, finding);
    }
    if (!case_fails(report, finding)) {
        cases_add(report, finding, REMARKS, &text);
        return;
    }
    bool complete = string_builder_end(&text);
    if (string_builder_begin(&failure) && complete)
        print_failure(failure.out, finding, (struct slice){text.text, text.size});
    if (!complete)
        report_fail(report);
    free(text.text);
    cases_add(report, finding, FAILURES, &failure);
}

static void start_suite(FILE *out, const char *path, uint64_t tests, uint64_t failures,
                        uint64_t errors)
{
    fputs("<testsuite", out);
    print_attribute(out, "name", path);
    fprintf(out,
            " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
            "\" skipped=\"0\">\n",
            tests, failures, errors);
}

/* Begins an element <testcase>, without the end of its tag. */
static void start_case(FILE *out, const char *path, const char *name)
{
    fputs("<testcase", out);
    print_attribute(out, "name", name);
    print_attribute(out, "classname", path);
    print_attribute(out, "file", path);
}

static void print_case(FILE *out, const char *path, const struct session_case *session,
                       size_t index)
{
    char name[32 + LABEL_NAME];
    snprintf(name, sizeof name, "session %zu%s%s", index, session->name ? ", " : "",
             session->name ? session->name : "");
    start_case(out, path, name);
    if (session->first_line > 0)
        fprintf(out, " line=\"%" PRIu64 "\"", session->first_line);
    if (!session->texts[FAILURES] && !session->texts[REMARKS] && !session->outcome) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    if (session->texts[FAILURES])
        fwrite(session->texts[FAILURES], 1, session->sizes[FAILURES], out);
    if (session->outcome || session->texts[REMARKS]) {
        fputs("<system-out>", out);
        if (session->outcome) {
            fprintf(out, "%s: ", session_result_name(session->result));
            print_markup(out, slice_of(session->outcome));
            putc('\n', out);
        }
        print_markup(out, (struct slice){session->texts[REMARKS], session->sizes[REMARKS]});
        fputs("</system-out>\n", out);
    }
    fputs("</testcase>\n", out);
}

/* A recording without a session has no case; if it ought to have had one, junit_trouble tells of
 * it. */
static void junit_file(const struct report *report, const char *file,
                       const struct smtpseq_recording *recording)
{
    const struct cases *cases = cases_of(report, recording->sessions);
    char *path = location_path(file);
    uint64_t failures = 0;
    if (!path)
        report_fail(report);
    if (cases && path && cases->count > 0) {
        FILE *out = report_item(report, 0);
        for (size_t i = 0; i < cases->count; i++)
            failures += cases->list[i].failures > 0;
        start_suite(out, path, cases->count, failures, 0);
        for (size_t i = 0; i < cases->count; i++)
            print_case(out, path, &cases->list[i], i + 1);
        fputs("</testsuite>\n", out);
    }
    free(path);
}

static void junit_trouble(const struct report *report, const char *file, const char *text)
{
    char *path = location_path(file);
    if (!path) {
        report_fail(report);
        return;
    }
    FILE *out = report_item(report, 0);
    start_suite(out, path, 1, 0, 1);
    start_case(out, path, "recording");
    fputs("><error", out);
    print_attribute(out, "message", text);
    fputs("/>\n</testcase>\n</testsuite>\n", out);
    free(path);
}

static void junit_summary(const struct report *report, const struct report_totals *totals)
{
    (void)totals;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"smtpseq\">\n",
          report->out);
    report_section_copy(report, 0);
    fputs("</testsuites>\n", report->out);
}

const struct report_format junit_report = {
    .name = "junit",
    .title = "JUnit's XML, a test case for each session",
    .sections = 1,
    .begin = cases_begin,
    .finding = junit_finding,
    .around = cases_exchange,
    .outcome = cases_outcome,
    .file = junit_file,
    .trouble = junit_trouble,
    .end = cases_end,
    .summary = junit_summary,
};
