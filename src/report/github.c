/* github.c - the text report, and its findings once more as workflow commands, which GitHub Actions
 * shows as annotations at their lines.
 *
 * Text that is quoted from a recording could be a workflow command, so the runner is told to ignore
 * commands in it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/plural.h"
#include "base/string_builder.h"
#include "report/escape.h"
#include "report/location.h"
#include "report/report.h"

/* The text, then the annotations by kind. */
enum { SECTION_TEXT, SECTION_ANNOTATIONS, SECTION_COUNT = SECTION_ANNOTATIONS + SEVERITY_COUNT };

/* How many annotations of a kind the runner shows for each step. */
#define ANNOTATIONS_SHOWN 10

static const char *const kinds[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_NOTE] = "notice",
};

static unsigned section_of(enum severity severity)
{
    return SECTION_ANNOTATIONS + (unsigned)(SEVERITY_ERROR - severity);
}

/* Escapes as the runner decodes: a property ends at a comma, the properties at a colon. */
static void print_annotation_text(FILE *out, struct slice text, bool property)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr(property ? "%\r\n:," : "%\r\n", text.data[i]) && text.data[i] != '\0')
            fprintf(out, "%%%02X", (unsigned char)text.data[i]);
        else
            putc(text.data[i], out);
}

/* Writes text of a recording or the name of a file, escaped. */
static void print_data(const struct report *report, FILE *out, struct slice text, bool property)
{
    struct string_builder shown;
    if (string_builder_begin(&shown))
        print_escaped(shown.out, text);
    if (string_builder_end(&shown))
        print_annotation_text(out, (struct slice){shown.text, shown.size}, property);
    else
        report_fail(report);
    free(shown.text);
}

/* Writes an earlier line that explains the finding, in a line of its own: %0A. */
static void print_earlier(const struct report *report, FILE *out,
                          const struct earlier_line *earlier)
{
    if (earlier->line == 0)
        return;
    fprintf(out, "%%0Aline %" PRIu64 ": ", earlier->line);
    print_data(report, out, slice_of(earlier->message), false);
}

static void print_annotation(const struct report *report, const char *file,
                             const struct finding *finding)
{
    FILE *out = report_item(report, section_of(finding->severity));
    struct region region = location_region(finding);
    char *path = location_path(file);
    if (!path)
        report_fail(report);
    fprintf(out, "::%s file=", kinds[finding->severity]);
    print_data(report, out, slice_of(path), true);
    fprintf(out, ",line=%" PRIu64 ",col=%" PRIu32 ",endColumn=%" PRIu32 ",title=%s::", region.line,
            region.column, region.end_column, finding->rule->name);
    print_data(report, out, slice_of(finding->message), false);
    print_earlier(report, out, &finding->origin);
    print_earlier(report, out, &finding->cause);
    putc('\n', out);
    free(path);
}

static void github_finding(const struct report *report, const char *file,
                           const struct finding *finding)
{
    struct report text = *report;
    text.out = report_item(report, SECTION_TEXT);
    text.options.color = false;
    text_report.finding(&text, file, finding);
    print_annotation(report, file, finding);
}

static void github_trouble(const struct report *report, const char *file, const char *text)
{
    FILE *out = report_item(report, section_of(SEVERITY_ERROR));
    char *path = location_path(file);
    if (!path)
        report_fail(report);
    fputs("::error file=", out);
    print_data(report, out, slice_of(path), true);
    fputs(",title=smtpseq::", out);
    print_data(report, out, slice_of(text), false);
    putc('\n', out);
    free(path);
}

/* Returns the longest run of 'x' in a section and in what follows it. A token with one more cannot occur
 * in them. */
static size_t longest_run(const struct report *report, unsigned section, struct slice after)
{
    FILE *text = report_section_read(report, section);
    size_t longest = 0, run = 0;
    int c;
    while ((c = getc(text)) != EOF) {
        run = c == 'x' ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    for (size_t i = 0; i < after.size; i++) {
        run = after.data[i] == 'x' ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest;
}

static void print_token(FILE *out, size_t run)
{
    fputs("smtpseq-text-", out);
    for (size_t i = 0; i <= run; i++)
        putc('x', out);
}

/* Writes the text report, with workflow commands switched off. */
static void print_text(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    struct string_builder summary;
    struct report aside = *report;
    aside.options.color = false;
    if (string_builder_begin(&summary)) {
        aside.out = summary.out;
        text_report.summary(&aside, totals);
    }
    if (!string_builder_end(&summary))
        report_fail(report);
    struct slice after = {summary.text, summary.size};
    size_t run = longest_run(report, SECTION_TEXT, after);
    fputs("::stop-commands::", out);
    print_token(out, run);
    putc('\n', out);
    report_section_copy(report, SECTION_TEXT);
    if (after.size > 0)
        fwrite(after.data, 1, after.size, out);
    free(summary.text);
    fputs("::", out);
    print_token(out, run);
    fputs("::\n", out);
}

/* Copies the first lines of a section. */
static void copy_lines(const struct report *report, unsigned section, uint64_t most)
{
    FILE *from = report_section_read(report, section);
    int c;
    while (most > 0 && (c = getc(from)) != EOF) {
        putc(c, report->out);
        most -= c == '\n';
    }
}

/* Every annotation is a line. */
static uint64_t count_lines(const struct report *report, unsigned section)
{
    FILE *from = report_section_read(report, section);
    uint64_t count = 0;
    int c;
    while ((c = getc(from)) != EOF)
        count += c == '\n';
    return count;
}

/* "Not shown as annotations: 5 errors, 1 note." */
static void print_hidden(FILE *out, const uint64_t counts[SEVERITY_COUNT])
{
    const char *separator = " ";
    fputs("::notice title=smtpseq::Not shown as annotations:", out);
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
        if (counts[severity] == 0)
            continue;
        fprintf(out, "%s%" PRIu64 " %s%s", separator, counts[severity],
                severity_name((enum severity)severity), plural(counts[severity]));
        separator = ", ";
    }
    fputs(". The log of this step has them all.\n", out);
}

static void github_summary(const struct report *report, const struct report_totals *totals)
{
    uint64_t hidden[SEVERITY_COUNT], notes_shown = ANNOTATIONS_SHOWN;
    bool more = false;
    for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
        uint64_t count = count_lines(report, section_of((enum severity)severity));
        hidden[severity] = count > ANNOTATIONS_SHOWN ? count - ANNOTATIONS_SHOWN : 0;
        more = more || hidden[severity] > 0;
    }
    /* The notice that tells of hidden ones must be among the notices shown. */
    if (more && count_lines(report, section_of(SEVERITY_NOTE)) >= notes_shown) {
        notes_shown--;
        hidden[SEVERITY_NOTE]++;
    }
    const struct outcome_groups *outcomes = totals->outcomes;
    bool failed = outcomes && outcomes->results[RESULT_REFUSED] + outcomes->results[RESULT_CUT] > 0;
    if (report->sections[SECTION_TEXT].begun || failed)
        print_text(report, totals);
    report_section_copy(report, section_of(SEVERITY_ERROR));
    report_section_copy(report, section_of(SEVERITY_WARNING));
    copy_lines(report, section_of(SEVERITY_NOTE), notes_shown);
    if (more)
        print_hidden(report->out, hidden);
}

const struct report_format github_report = {
    .name = "github",
    .title = "the text, and annotations for GitHub Actions",
    .sections = SECTION_COUNT,
    .finding = github_finding,
    .trouble = github_trouble,
    .summary = github_summary,
};
