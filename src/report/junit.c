/* junit.c - JUnit's XML, which nearly every CI system reads: a suite for each recording, a case for
 * each session, a failure for each finding that fails the run. The other findings are remarks of
 * the case.
 */
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <limits.h>
#include <stdlib.h>

#include "report/cases.h"
#include "report/escape.h"
#include "report/location.h"

/* The texts of a case: XML, and what is yet to become XML. */
enum { FAILURES, REMARKS };

/* XML under way. Once something has failed, all else does nothing. */
struct xml {
    FILE *out;
    xmlTextWriterPtr writer;
    bool failed;
};

/* What libxml2 has to say it would write to standard error; xml_end asks for it. */
static void pass_over(void *context, xmlErrorPtr error)
{
    (void)context;
    (void)error;
}

static struct xml xml_begin(FILE *out)
{
    xmlSetStructuredErrorFunc(NULL, pass_over);
    xmlResetLastError();
    xmlOutputBufferPtr buffer = xmlOutputBufferCreateFile(out, NULL);
    struct xml xml = {.out = out, .writer = buffer ? xmlNewTextWriter(buffer) : NULL};
    if (!xml.writer)
        xmlOutputBufferClose(buffer);
    xml.failed = !xml.writer;
    return xml;
}

/* The stream stays open. A failed write is in its error flag, where the caller of the report
 * looks. */
static void xml_end(const struct report *report, struct xml *xml)
{
    xmlFreeTextWriter(xml->writer);
    xml->failed = xml->failed || xmlGetLastError();
    xmlResetLastError(); /* else it is kept for the thread */
    if (xml->failed && !ferror(xml->out))
        report_fail(report);
}

static void check(struct xml *xml, int result)
{
    xml->failed = xml->failed || result < 0;
}

static void start(struct xml *xml, const char *name)
{
    if (!xml->failed)
        check(xml, xmlTextWriterStartElement(xml->writer, BAD_CAST name));
}

static void attribute(struct xml *xml, const char *name, const char *value)
{
    if (!xml->failed)
        check(xml, xmlTextWriterWriteAttribute(xml->writer, BAD_CAST name, BAD_CAST value));
}

static void number(struct xml *xml, const char *name, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    attribute(xml, name, digits);
}

/* Text of a recording, or the name of a file. */
static void shown_attribute(struct xml *xml, const char *name, struct slice text)
{
    char *room = malloc(text.size * SHOWN_GROWTH + 1);
    if (room) {
        room[copy_shown(room, text)] = '\0';
        attribute(xml, name, room);
    }
    xml->failed = xml->failed || !room;
    free(room);
}

static void string(struct xml *xml, const char *text)
{
    xmlChar *escaped =
        xmlEncodeSpecialChars(NULL, BAD_CAST text); /* the writer hides a NULL of it */
    if (!xml->failed && escaped)
        check(xml, xmlTextWriterWriteRaw(xml->writer, escaped));
    xml->failed = xml->failed || !escaped;
    xmlFree(escaped);
}

/* What is XML already. */
static void raw(struct xml *xml, const char *text, size_t size)
{
    xml->failed = xml->failed || size > INT_MAX;
    if (!xml->failed && size > 0)
        check(xml, xmlTextWriterWriteRawLen(xml->writer, BAD_CAST text, (int)size));
}

static void end_line(struct xml *xml)
{
    if (!xml->failed)
        check(xml, xmlTextWriterEndElement(xml->writer));
    raw(xml, "\n", 1);
}

/* A finding as the text report has it, which lets nothing through that XML does not take. False
 * when out of memory; *text is to be freed then too. */
static bool write_text(const struct report *report, const char *file, const struct finding *finding,
                       struct string_builder *text)
{
    struct report of_text = *report;
    of_text.options.color = false;
    if (!string_builder_begin(text))
        return false;
    of_text.out = text->out;
    text_report.finding(&of_text, file, finding);
    return string_builder_end(text);
}

/* The text in the element for a failure. */
static void write_failure(const struct report *report, const struct finding *finding,
                          const char *text, FILE *out)
{
    struct xml xml = xml_begin(out);
    start(&xml, "failure");
    shown_attribute(&xml, "message", slice_of(finding->message));
    attribute(&xml, "type", finding->rule->name);
    string(&xml, text);
    end_line(&xml);
    xml_end(report, &xml);
}

static void junit_finding(const struct report *report, const char *file,
                          const struct finding *finding)
{
    struct string_builder text, written;
    bool fails = case_fails(report, finding), done = write_text(report, file, finding, &text);
    if (string_builder_begin(&written) && done && fails)
        write_failure(report, finding, text.text, written.out);
    else if (written.out && done)
        fputs(text.text, written.out);
    if (!done)
        report_fail(report);
    free(text.text);
    cases_add(report, finding, fails ? FAILURES : REMARKS, &written);
}

static void start_suite(struct xml *xml, const char *path, uint64_t tests, uint64_t failures,
                        uint64_t errors)
{
    start(xml, "testsuite");
    shown_attribute(xml, "name", slice_of(path));
    number(xml, "tests", tests);
    number(xml, "failures", failures);
    number(xml, "errors", errors);
    number(xml, "skipped", 0);
    raw(xml, "\n", 1);
}

static void start_case(struct xml *xml, const char *path, const char *name)
{
    start(xml, "testcase");
    attribute(xml, "name", name);
    shown_attribute(xml, "classname", slice_of(path));
    shown_attribute(xml, "file", slice_of(path));
}

static void write_case(struct xml *xml, const char *path, const struct session_case *session,
                       size_t index)
{
    char name[32];
    snprintf(name, sizeof name, "session %zu", index);
    start_case(xml, path, name);
    if (session->first_line > 0)
        number(xml, "line", session->first_line);
    if (session->texts[FAILURES] || session->texts[REMARKS])
        raw(xml, "\n", 1);
    raw(xml, session->texts[FAILURES], session->sizes[FAILURES]);
    if (session->texts[REMARKS]) {
        start(xml, "system-out");
        string(xml, session->texts[REMARKS]);
        end_line(xml);
    }
    end_line(xml);
}

/* A recording without a session has no case; if it ought to have had one, junit_trouble says so. */
static void junit_file(const struct report *report, const char *file,
                       const struct smtpseq_recording *recording)
{
    const struct cases *cases = cases_of(report, recording->sessions);
    char *path = location_path(file);
    uint64_t failures = 0;
    if (!path)
        report_fail(report);
    if (cases && path && cases->count > 0) {
        struct xml xml = xml_begin(report_item(report, 0));
        for (size_t i = 0; i < cases->count; i++)
            failures += cases->list[i].failures > 0;
        start_suite(&xml, path, cases->count, failures, 0);
        for (size_t i = 0; i < cases->count; i++)
            write_case(&xml, path, &cases->list[i], i + 1);
        end_line(&xml);
        xml_end(report, &xml);
    }
    free(path);
}

static void junit_trouble(const struct report *report, const char *file, const char *text)
{
    char *path = location_path(file);
    struct xml xml = xml_begin(report_item(report, 0));
    xml.failed = xml.failed || !path;
    if (!xml.failed) {
        start_suite(&xml, path, 1, 0, 1);
        start_case(&xml, path, "recording");
        start(&xml, "error");
        shown_attribute(&xml, "message", slice_of(text));
        end_line(&xml);
        end_line(&xml);
        end_line(&xml);
    }
    xml_end(report, &xml);
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
    .file = junit_file,
    .trouble = junit_trouble,
    .end = cases_end,
    .summary = junit_summary,
};
