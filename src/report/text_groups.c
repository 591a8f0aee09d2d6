/* text_groups.c - the text report of many findings: the first ones of each kind, and how many more there
 * are.
 */
#include <stdlib.h>

#include "base/string_builder.h"
#include "report/grouping.h"
#include "report/text.h"

/* The texts, and the records of grouping.h. */
enum { SECTION_TEXT, SECTION_RECORDS, SECTION_COUNT };

static void grouped_finding(const struct report *report, const char *file,
                            const struct finding *finding)
{
    struct string_builder text;
    struct report aside = *report;
    if (string_builder_begin(&text)) {
        aside.out = text.out;
        text_report.finding(&aside, file, finding);
    }
    if (!string_builder_end(&text))
        report_fail(report);
    grouping_add(report, SECTION_TEXT, finding, (struct slice){text.text, text.size});
    free(text.text);
}

/* The first findings of a kind, and how many more there are. */
static void print_group(const struct report *report, const struct finding_group *group)
{
    FILE *out = report->out;
    for (size_t i = 0; i < GROUPING_SHOWN && i < group->count; i++)
        grouping_copy(report, SECTION_TEXT, group, i);
    if (group->count <= GROUPING_SHOWN)
        return;
    /* Translators: 12 more nested-mail in 3 files. */
    fprintf(out,
            translate_count(report->options.language,
                            "... and %llu more %s%s%s in %llu file; --all shows them\n",
                            "... and %llu more %s%s%s in %llu files; --all shows them\n",
                            group->recordings),
            (unsigned long long)(group->count - GROUPING_SHOWN), text_paint(report, COLOR_BOLD),
            group->rule->name, text_paint(report, COLOR_RESET),
            (unsigned long long)group->recordings);
}

static void grouped_summary(const struct report *report, const struct report_totals *totals)
{
    struct grouping grouping;
    if (!grouping_read(&grouping, report, SECTION_TEXT))
        report_fail(report);
    if (grouping_leaves_out(&grouping))
        for (size_t i = 0; i < grouping.count; i++)
            print_group(report, &grouping.list[i]);
    else
        report_section_copy(report, SECTION_TEXT);
    grouping_free(&grouping);
    text_report.summary(report, totals);
}

const struct report_format text_groups_report = {
    .name = "text",
    .title = "for a person",
    .translated = true,
    .sections = SECTION_COUNT,
    .finding = grouped_finding,
    .summary = grouped_summary,
};
