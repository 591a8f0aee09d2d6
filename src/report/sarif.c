/* sarif.c - SARIF 2.1.0, which code scanning and editors read.
 *
 * What receivers ask for beyond the standard is in here: regions that are never empty, paths
 * relative to the working folder, a rule for every result, and fingerprints that do not move with
 * the lines.
 */
#include <stdlib.h>

#include "report/fingerprint.h"
#include "report/location.h"
#include "report/objects.h"
#include "report/sarif.h"

#define SCHEMA \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

enum { SECTION_RESULTS, SECTION_NOTIFICATIONS, SECTION_COUNT };

/* The recording that is being read. */
struct sarif_recording {
    struct copied_sessions *sessions;
    struct fingerprint_counts prints;
    char *file;
    bool apart; /* the server's lines are in a file of their own: line numbers tell no order */
};

static void sarif_begin(struct report *report, const char *file)
{
    struct sarif_recording *collected = calloc(1, sizeof *collected);
    report->collected = collected;
    if (collected) {
        collected->sessions = copied_sessions_new(true);
        collected->file = strdup(file);
    }
    if (!collected || !collected->sessions || !collected->file)
        report_fail(report);
}

static void sarif_end(struct report *report)
{
    struct sarif_recording *collected = report->collected;
    if (!collected)
        return;
    copied_sessions_free(collected->sessions);
    fingerprint_counts_free(&collected->prints);
    free(collected->file);
    free(collected);
}

static void sarif_around(const struct report *report, uint64_t session,
                         const struct exchange *exchange, const struct verdict *verdict)
{
    struct sarif_recording *collected = report->collected;
    if (!collected || !collected->sessions)
        return;
    collected->apart = collected->apart || exchange->location.part > 0;
    if (!copied_sessions_add_exchange(collected->sessions, session, exchange, verdict))
        report_fail(report);
}

/* The lines that explain a finding, in order; their places in the list are their ids. */
static size_t list_earlier(const struct finding *finding, const struct earlier_line *list[2])
{
    size_t count = 0;
    if (finding->cause.line > 0)
        list[count++] = &finding->cause;
    if (finding->origin.line > 0)
        list[count++] = &finding->origin;
    return count;
}

/* The message of a finding, the lines that explain it (as links), and what the server said. */
static json_t *message_value(const struct finding *finding)
{
    struct string_builder written;
    if (!string_builder_begin(&written))
        return NULL;
    FILE *out = written.out;
    const struct earlier_line *earlier[2];
    size_t count = list_earlier(finding, earlier);
    sarif_escape(out, slice_of(finding->message));
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? ". Cause: [" : "; [", out);
        sarif_escape(out, slice_of(earlier[i]->message));
        fprintf(out, "](%zu)", i + 1);
    }
    if (finding->reply.line > 0) {
        struct slice reply = EXCERPT_SLICE(finding->reply.text);
        struct slice first = slice_head(reply, slice_find(reply, '\n'));
        fprintf(out, ". The server said: %03d ", finding->reply.code);
        sarif_escape(out, first);
        fputs(first.size < reply.size ? " ..." : "", out);
    }
    return sarif_message(&written);
}

static json_t *region_value(struct region region)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "startLine", (json_int_t)region.line, "startColumn",
                     (json_int_t)region.column, "endLine", (json_int_t)region.line, "endColumn",
                     (json_int_t)region.end_column);
}

/* The location of a finding, and the line around it unless that holds a secret. */
static json_t *location_value(const char *file, const struct finding *finding)
{
    json_t *location = sarif_location(file, region_value(location_region(finding)));
    struct slice line = finding->raw;
    json_t *physical = json_object_get(location, "physicalLocation");
    if (!physical || line.size == 0 || finding->blanked)
        return location;
    json_t *around = json_pack("{s:I, s:{s:o}}", "startLine", (json_int_t)finding->line, "snippet",
                               "text", json_shown(line));
    if (json_object_set_new(physical, "contextRegion", around) == 0)
        return location;
    json_decref(location);
    return NULL;
}

static json_t *related_value(const char *file, const struct finding *finding)
{
    const struct earlier_line *earlier[2];
    size_t count = list_earlier(finding, earlier);
    json_t *locations = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *location = sarif_location(file, region_value(location_earlier(earlier[i])));
        json_put(&location, "id", json_integer((json_int_t)i + 1));
        json_put(&location, "message", sarif_text(slice_of(earlier[i]->message)));
        json_append(&locations, location);
    }
    return locations;
}

static json_t *fingerprints_value(struct sarif_recording *collected, const char *file,
                                  const struct finding *finding)
{
    char text[FINGERPRINT_TEXT], *path = location_path(file);
    uint64_t print = path ? fingerprint(finding, path) : 0;
    bool done = path && fingerprint_unique(&collected->prints, &print);
    free(path);
    fingerprint_text(print, text);
    return done ? json_pack("{s:s}", "smtpseq/v1", text) : NULL;
}

static json_t *properties_value(const struct finding *finding)
{
    json_t *value = json_pack("{s:s, s:I}", "fault", fault_name(finding->fault), "session",
                              (json_int_t)finding->session);
    if (finding->has_state)
        json_put(&value, "state", json_string(state_name(finding->state)));
    return value;
}

static void sarif_finding(const struct report *report, const char *file,
                          const struct finding *finding)
{
    struct sarif_recording *collected = report->collected;
    if (!collected || !collected->sessions || !collected->file)
        return; /* report_fail was called */
    json_t *location = location_value(file, finding);
    json_t *result =
        json_pack("{s:s, s:i, s:s, s:o, s:[O]}", "ruleId", finding->rule->code, "ruleIndex",
                  (int)(finding->rule - smtpseq_rules), "level", severity_name(finding->severity),
                  "message", message_value(finding), "locations", location);
    if (finding->cause.line > 0)
        json_put(&result, "relatedLocations", related_value(collected->file, finding));
    if (location && !collected->apart)
        json_put(&result, "codeFlows", sarif_flow(collected->sessions, finding, location));
    json_put(&result, "partialFingerprints", fingerprints_value(collected, file, finding));
    json_put(&result, "properties", properties_value(finding));
    json_write(report, report_item(report, SECTION_RESULTS), result);
    json_decref(location);
    copied_sessions_forget(collected->sessions, finding->line); /* findings come by their lines */
}

/* A session that did not just deliver is a notification: it breaks no rule. */
static void sarif_outcome(const struct report *report, const char *file, uint64_t session,
                          const struct session_outcome *outcome)
{
    if (outcome_is_plain(outcome))
        return;
    char *text = outcome_text(outcome, NULL);
    json_t *message = text ? sarif_text(slice_of(text)) : NULL;
    struct region region = {.line = outcome->line, .column = 1, .end_column = 2};
    json_t *location = sarif_location(file, region_value(region));
    json_write(report, report_item(report, SECTION_NOTIFICATIONS),
               json_pack("{s:s, s:o, s:[o], s:{s:I, s:s}}", "level", "note", "message", message,
                         "locations", location, "properties", "session", (json_int_t)session,
                         "outcome", session_result_name(outcome->result)));
    free(text);
}

/* A file that could not be checked is a notification, not a result. */
static void sarif_trouble(const struct report *report, const char *file, const char *text)
{
    json_write(report, report_item(report, SECTION_NOTIFICATIONS),
               json_pack("{s:s, s:o, s:[{s:{s:o}}]}", "level", "error", "message",
                         sarif_text(slice_of(text)), "locations", "physicalLocation",
                         "artifactLocation", sarif_artifact(file)));
}

static void sarif_summary(const struct report *report, const struct report_totals *totals)
{
    json_t *tool =
        json_pack("{s:{s:s, s:s, s:s, s:o}}", "driver", "name", "smtpseq", "version",
                  SMTPSEQ_VERSION, "semanticVersion", SMTPSEQ_VERSION, "rules", sarif_rules());
    fputs("{\"$schema\":\"" SCHEMA "\",\"version\":\"2.1.0\",\"runs\":[{\n\"tool\":", report->out);
    json_write(report, report->out, tool);
    fprintf(report->out, ",\n\"invocations\":[{\"executionSuccessful\":%s",
            totals->failed ? "false" : "true");
    if (report->sections[SECTION_NOTIFICATIONS].begun) {
        fputs(",\"toolExecutionNotifications\":[\n", report->out);
        report_section_copy(report, SECTION_NOTIFICATIONS);
        fputs("\n]", report->out);
    }
    fputs("}],\n\"columnKind\":\"utf16CodeUnits\",\n\"results\":[\n", report->out);
    report_section_copy(report, SECTION_RESULTS);
    fputs("\n]", report->out);
    if (report->options.servers && report->options.servers->count > 0) {
        fputs(",\n\"properties\":", report->out);
        json_write(report, report->out, json_pack("{s:o}", "servers", servers_value(report)));
    }
    fputs("}]}\n", report->out);
}

const struct report_format sarif_report = {
    .name = "sarif",
    .title = "SARIF 2.1.0, for code scanning and editors",
    .sections = SECTION_COUNT,
    .separator = ",\n",
    .begin = sarif_begin,
    .finding = sarif_finding,
    .around = sarif_around,
    .outcome = sarif_outcome,
    .trouble = sarif_trouble,
    .end = sarif_end,
    .summary = sarif_summary,
};
