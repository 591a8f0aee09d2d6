/* junit.c - JUnit's XML, which nearly every CI system reads: a suite for each recording, a case for
 * each session, a failure for each finding that fails the run. The other findings are in the case's
 * system-out.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "report/cases.h"
#include "report/escape.h"
#include "report/location.h"

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

/* Writes text of a recording, or the name of a file, as the value of an attribute. */
static void print_value(FILE *out, const char *value)
{
    struct slice rest = slice_of(value);
    while (rest.size > 0) {
        char room[SHOWN_MAX];
        print_markup(out, take_shown(&rest, room));
    }
}

static void print_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    print_value(out, value);
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
    struct string_builder text, written;
    struct report of_text = *report;
    bool fails = case_fails(report, finding);
    of_text.options.color = false;
    if (string_builder_begin(&text)) {
        of_text.out = text.out;
        text_report.finding(&of_text, file, finding);
    }
    if (!string_builder_end(&text)) {
        report_fail(report);
        return;
    }
    struct slice shown = {text.text, text.size};
    if (string_builder_begin(&written)) {
        if (fails)
            print_failure(written.out, finding, shown);
        else
            print_markup(written.out, shown);
    }
    cases_add(report, finding->session, fails ? CASE_FAILURES : CASE_REMARKS, fails, &written);
    free(text.text);
}

static void junit_outcome(const struct report *report, const char *file, uint64_t session,
                          const struct session_outcome *outcome)
{
    struct string_builder name, written;
    char *text = outcome_text(outcome, NULL);
    (void)file;
    if (outcome->label.name[0]) {
        if (string_builder_begin(&name))
            print_value(name.out, outcome->label.name);
        cases_add(report, session, CASE_NAME, false, &name);
    }
    if (string_builder_begin(&written)) {
        fprintf(written.out, "%s: ", session_result_name(outcome->result));
        print_markup(written.out, slice_of(text));
        putc('\n', written.out);
    }
    if (!text)
        report_fail(report);
    cases_add(report, session, CASE_OUTCOME, false, &written);
    free(text);
}

/* Begins a suite; `path` is the value of an attribute. */
static void start_suite(FILE *out, struct slice path, uint64_t tests, uint64_t failures,
                        uint64_t errors)
{
    fputs("<testsuite name=\"", out);
    fwrite(path.data, 1, path.size, out);
    fprintf(out,
            "\" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
            "\" skipped=\"0\">\n",
            tests, failures, errors);
}

static void junit_suite(struct cases *cases, struct slice path, uint64_t count, uint64_t failing)
{
    start_suite(cases_out(cases), path, count, failing, 0);
}

static void junit_suite_end(struct cases *cases)
{
    fputs("</testsuite>\n", cases_out(cases));
}

/* Ends the name of a case, and writes its other attributes. */
static void print_places(FILE *out, struct slice path)
{
    fputs("\" classname=\"", out);
    fwrite(path.data, 1, path.size, out);
    fputs("\" file=\"", out);
    fwrite(path.data, 1, path.size, out);
    putc('"', out);
}

static void junit_case(struct cases *cases, struct slice path, uint64_t number,
                       const struct session_case *session)
{
    FILE *out = cases_out(cases);
    bool talks = session->texts[CASE_OUTCOME] > 0 || session->texts[CASE_REMARKS] > 0;
    fprintf(out, "<testcase name=\"session %" PRIu64, number);
    if (session->texts[CASE_NAME] > 0)
        fputs(", ", out);
    case_copy(cases, session, CASE_NAME);
    print_places(out, path);
    if (session->first_line > 0)
        fprintf(out, " line=\"%" PRIu64 "\"", session->first_line);
    if (session->texts[CASE_FAILURES] == 0 && !talks) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    case_copy(cases, session, CASE_FAILURES);
    if (talks) {
        fputs("<system-out>", out);
        case_copy(cases, session, CASE_OUTCOME);
        case_copy(cases, session, CASE_REMARKS);
        fputs("</system-out>\n", out);
    }
    fputs("</testcase>\n", out);
}

/* Begins a text with the value of a path. */
static void begin_with_path(const struct report *report, struct string_builder *written,
                            const char *file)
{
    char *path = location_path(file);
    if (!path)
        report_fail(report);
    if (string_builder_begin(written))
        print_value(written->out, path);
    free(path);
}

/* A recording without a session has no case; if it ought to have had one, junit_trouble tells of
 * it. */
static void junit_file(const struct report *report, const char *file,
                       const struct smtpseq_recording *recording)
{
    struct string_builder path;
    begin_with_path(report, &path, file);
    cases_add_file(report, recording->sessions, &path);
}

static void junit_trouble(const struct report *report, const char *file, const char *text)
{
    struct string_builder path, written;
    begin_with_path(report, &path, file);
    if (!string_builder_end(&path)) {
        report_fail(report);
        return;
    }
    struct slice shown = {path.text, path.size};
    if (string_builder_begin(&written)) {
        start_suite(written.out, shown, 1, 0, 1);
        fputs("<testcase name=\"recording", written.out);
        print_places(written.out, shown);
        fputs("><error", written.out);
        print_attribute(written.out, "message", text);
        fputs("/>\n</testcase>\n</testsuite>\n", written.out);
    }
    cases_add_trouble(report, &written);
    free(path.text);
}

static void write_trouble(struct cases *cases, struct slice text)
{
    fwrite(text.data, 1, text.size, cases_out(cases));
}

static void junit_summary(const struct report *report, const struct report_totals *totals)
{
    static const struct case_writer writer = {junit_suite, junit_case, junit_suite_end,
                                              write_trouble};
    (void)totals;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"smtpseq\">\n",
          report->out);
    cases_write(report, &writer);
    fputs("</testsuites>\n", report->out);
}

const struct report_format junit_report = {
    .name = "junit",
    .title = "JUnit's XML, a test case for each session",
    .sections = CASES_SECTIONS,
    .begin = cases_begin,
    .finding = junit_finding,
    .around = cases_exchange,
    .outcome = junit_outcome,
    .file = junit_file,
    .trouble = junit_trouble,
    .summary = junit_summary,
};
