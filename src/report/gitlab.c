/* gitlab.c - GitLab's Code Quality report: what the widget of a merge request reads.
 */
#include <stdlib.h>

#include "report/fingerprint.h"
#include "report/json_value.h"
#include "report/location.h"

/* GitLab has five levels; the two upper ones are for what is worse than any lint. */
static const char *const severities[] = {
    [SEVERITY_ERROR] = "major",
    [SEVERITY_WARNING] = "minor",
    [SEVERITY_NOTE] = "info",
};

/* Collects the fingerprints of a recording: GitLab shows only one of several findings that share
 * one. */
static void gitlab_begin(struct report *report, const char *file)
{
    (void)file;
    report->collected = calloc(1, sizeof(struct fingerprint_counts));
    if (!report->collected)
        report_fail(report);
}

static void gitlab_end(struct report *report)
{
    if (report->collected)
        fingerprint_counts_free(report->collected);
    free(report->collected);
}

static json_t *place_value(const char *path, uint64_t line)
{
    return json_pack("{s:o, s:{s:I}}", "path", json_shown(slice_of(path)), "lines", "begin",
                     (json_int_t)line);
}

/* The lines that explain the finding: of Code Climate's format, which GitLab's is a part of. */
static json_t *others_value(const char *path, const struct finding *finding)
{
    json_t *places = json_array();
    if (finding->origin.line > 0)
        json_append(&places, place_value(path, finding->origin.line));
    json_append(&places, place_value(path, finding->cause.line));
    return places;
}

static void gitlab_finding(const struct report *report, const char *file,
                           const struct finding *finding)
{
    char text[FINGERPRINT_TEXT], *path = location_path(file);
    uint64_t print = path ? fingerprint(finding, path) : 0;
    bool done = path && report->collected && fingerprint_unique(report->collected, &print);
    fingerprint_text(print, text);
    json_t *issue =
        done ? json_pack("{s:o, s:s, s:s, s:s, s:o}", "description",
                         json_shown(slice_of(finding->message)), "check_name", finding->rule->name,
                         "fingerprint", text, "severity", severities[finding->severity], "location",
                         place_value(path, location_region(finding).line))
             : NULL;
    if (done && finding->cause.line > 0)
        json_put(&issue, "other_locations", others_value(path, finding));
    json_write(report, report_item(report, 0), issue);
    free(path);
}

/* Copies the findings, one a line. Recordings of the same name (a file named twice, members of an archive)
 * may share fingerprints: all but the first become others. */
static bool copy_unique(const struct report *report)
{
    static const char key[] = "\"fingerprint\":\"";
    struct fingerprint_counts counts = {0};
    FILE *from = report_section_read(report, 0);
    char *line = NULL, text[FINGERPRINT_TEXT];
    size_t capacity = 0;
    bool done = true;
    while (done && getline(&line, &capacity, from) > 0) {
        char *place = strstr(line, key); /* quotes inside a text are escaped */
        if (place) {
            place += sizeof key - 1;
            uint64_t print = strtoull(place, NULL, 16);
            done = fingerprint_unique(&counts, &print);
            fingerprint_text(print, text);
            memcpy(place, text, FINGERPRINT_TEXT - 1);
        }
        fputs(line, report->out);
    }
    free(line);
    fingerprint_counts_free(&counts);
    return done;
}

static void gitlab_summary(const struct report *report, const struct report_totals *totals)
{
    (void)totals;
    bool any = report->sections[0].begun;
    fputs(any ? "[\n" : "[", report->out);
    if (!copy_unique(report))
        report_fail(report);
    fputs(any ? "\n]\n" : "]\n", report->out);
}

const struct report_format gitlab_report = {
    .name = "gitlab",
    .title = "GitLab's Code Quality report",
    .sections = 1,
    .separator = ",\n",
    .begin = gitlab_begin,
    .finding = gitlab_finding,
    .end = gitlab_end,
    .summary = gitlab_summary,
};
