/* html.c - a page for a person: a summary, all findings, and their sessions as ladders.
 *
 * It is one file: it loads nothing, has no script, and its policy forbids both. So markup of a
 * recording would do nothing even if it got past html_text. Sessions without a finding are counted
 * in check and drawn in replay.
 */
#include "report/grouping.h"
#include "report/html.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/string_builder.h"
#include "report/replay_sessions.h"

enum {
    SECTION_RECORDINGS, /* the ladders */
    SECTION_FINDINGS,   /* the list of all findings */
    SECTION_RECORDS,    /* of these: grouping.h */
    SECTION_CLEAN,      /* the list of recordings without a finding */
    SECTION_TROUBLE,    /* the list of files that could not be read */
    SECTIONS
};

/* How many sessions of a recording are unfolded at first, and up to how many findings the list of a rule
 * is. */
#define SESSIONS_OPEN  20
#define GROUPING_OPEN  50
/* Findings of a rule that are listed: with 100,000 a browser takes minutes. */
#define LISTED_MAX     3000
/* How many findings of a recording are drawn with their sessions; the list has all. A browser
 * could not show many more, and nobody would read them. */
#define FINDINGS_DRAWN 1000

static void html_begin(struct report *report, const char *file)
{
    if (report->subject == REPORT_EXCHANGES) {
        replay_begin(report, file);
        return;
    }
    report->collected = copied_sessions_new(true);
    if (!report->collected)
        report_fail(report);
}

/* Returns false if the session will not be drawn: no more findings are, and it has none. */
static bool may_be_drawn(const struct copied_sessions *copied, uint64_t session)
{
    return copied->finding_count < FINDINGS_DRAWN ||
           (session <= copied->session_count && copied->sessions[session - 1].finding_count > 0);
}

static void html_around(const struct report *report, uint64_t session,
                        const struct exchange *exchange, const struct verdict *verdict)
{
    if (report->collected && may_be_drawn(report->collected, session) &&
        !copied_sessions_add_exchange(report->collected, session, exchange, verdict))
        report_fail(report);
}

/* Writes a finding as an item of the list; `copied`: its session is drawn, and it is linked. */
static void print_item(const struct report *report, FILE *out, const char *file,
                       const struct finding *finding, const struct copied_sessions *copied)
{
    const char *severity = severity_name(finding->severity);
    fprintf(out, "<li><span class=\"severity %s\">%s</span> <span class=\"what\">", severity,
            severity);
    if (copied)
        fprintf(out, "<a href=\"#i%zur%zus%" PRIu64 "f%zu\">", report->input, report->recording,
                finding->session, copied->sessions[finding->session - 1].finding_count - 1);
    fputs("<bdi>", out);
    html_text(out, slice_of(finding_message(finding)));
    fprintf(out, "</bdi>%s <span class=\"meta\"><bdi>", copied ? "</a>" : "");
    html_text(out, slice_of(file));
    fprintf(out, "</bdi>:%" PRIu64 ":%u</span></span> <code>%s</code></li>\n", finding->line,
            finding->column, finding->rule->name);
}

static void html_finding(const struct report *report, const char *file,
                         const struct finding *finding)
{
    struct copied_sessions *copied = report->collected;
    struct string_builder item;
    bool drawn = copied && copied->finding_count < FINDINGS_DRAWN;
    if (!copied || (drawn && !copied_sessions_add_finding(copied, finding))) {
        report_fail(report);
        return;
    }
    copied->findings_left += !drawn;
    if (string_builder_begin(&item))
        print_item(report, item.out, file, finding, drawn ? copied : NULL);
    if (!string_builder_end(&item))
        report_fail(report);
    grouping_add(report, SECTION_FINDINGS, finding, (struct slice){item.text, item.size});
    free(item.text);
}

static void print_recording(const struct report *report, const char *file,
                            const struct smtpseq_recording *recording)
{
    FILE *out = report_item(report, SECTION_RECORDINGS);
    fputs("<h3><bdi>", out);
    html_text(out, slice_of(file));
    char room[COUNTED_MAX];
    fprintf(out, "</bdi></h3>\n<p class=\"meta\">%s, %s, ",
            recording->inferred ? text_of(report, N_("format inferred"))
            : recording->format ? recording->format->name
                                : text_of(report, N_("format unknown")),
            text_counted(report, room, recording->lines, "%llu line", "%llu lines"));
    fputs(text_counted(report, room, recording->sessions, "%llu session", "%llu sessions"), out);
}

/* check: a recording has been read. */
static void print_checked(const struct report *report, const char *file,
                          const struct smtpseq_recording *recording)
{
    struct copied_sessions *copied = report->collected;
    uint64_t faulty = 0, drawn = 0;
    char room[COUNTED_MAX];
    for (size_t i = 0; i < copied->session_count; i++)
        faulty += copied->sessions[i].finding_count > 0;
    if (faulty == 0 && recording->sessions == 0)
        return; /* html_trouble tells of it */
    if (faulty == 0) {
        FILE *out = report_item(report, SECTION_CLEAN);
        fputs("<li><bdi>", out);
        html_text(out, slice_of(file));
        fputs("</bdi> <span class=\"meta\">", out);
        fputs(text_counted(report, room, recording->sessions, "%llu session", "%llu sessions"),
              out);
        fputs("</span></li>\n", out);
        return;
    }
    print_recording(report, file, recording);
    if (recording->sessions > faulty && copied->findings_left == 0) {
        fputs(", ", report->out);
        fprintf(report->out, text_of(report, N_("%llu of them without a finding (not drawn)")),
                (unsigned long long)(recording->sessions - faulty));
    }
    fputs("</p>\n", report->out);
    if (copied->findings_left > 0) {
        bool counted = copied->findings_left > LISTED_MAX - FINDINGS_DRAWN;
        fputs("<p class=\"meta\">", report->out);
        fprintf(report->out,
                text_of(report, counted ? N_("The first %d findings are drawn; %llu more are in "
                                             "the list, or counted there.")
                                        : N_("The first %d findings are drawn; %llu more are in "
                                             "the list.")),
                FINDINGS_DRAWN, (unsigned long long)copied->findings_left);
        fputs("</p>\n", report->out);
    }
    for (size_t i = 0; i < copied->session_count; i++)
        if (copied->sessions[i].finding_count > 0)
            html_session(report, i + 1, &copied->sessions[i], drawn++ < SESSIONS_OPEN);
}

static void html_file(const struct report *report, const char *file,
                      const struct smtpseq_recording *recording)
{
    if (!report->collected)
        return;
    if (report->subject == REPORT_FINDINGS) {
        print_checked(report, file, recording);
        return;
    }
    print_recording(report, file, recording);
    fputs("</p>\n", report->out);
    replay_file(report, file, recording);
}

static void html_replayed(const struct report *report, const char *file, uint64_t number,
                          struct copied_session *session)
{
    (void)file;
    html_session(report, number, session, number <= SESSIONS_OPEN);
}

static void html_trouble(const struct report *report, const char *file, const char *text)
{
    FILE *out = report_item(report, SECTION_TROUBLE);
    fputs("<li><bdi>", out);
    html_text(out, slice_of(file));
    fputs("</bdi>: <bdi>", out);
    html_text(out, slice_of(text));
    fputs("</bdi></li>\n", out);
}

/* Writes "3 errors, 2 warnings, 1 note"; zero counts are omitted. */
static void print_subject(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    const char *separator = "";
    for (int severity = SEVERITY_COUNT; severity-- > 0;)
        if (totals->findings[severity] > 0) {
            fputs(separator, out);
            text_findings(report, (enum severity)severity, totals->findings[severity]);
            separator = ", ";
        }
    if (report->subject == REPORT_EXCHANGES)
        text_exchanges(report, totals->exchanges);
    else if (!*separator)
        fputs(text_of(report, N_("No findings")), out);
}

/* What a function prints of the totals, NUL-terminated, to be freed; NULL when out of memory, which is noted. */
static char *text_aside(const struct report *report, const struct report_totals *totals,
                        void (*print)(const struct report *report,
                                      const struct report_totals *totals))
{
    struct string_builder text;
    struct report aside = *report;
    if (string_builder_begin(&text)) {
        aside.out = text.out;
        print(&aside, totals);
    }
    if (!string_builder_end(&text))
        report_fail(report);
    return text.text;
}

/* Writes "3 errors, 2 warnings, 1 note in 6 sessions". */
static void print_title(const struct report *report, const struct report_totals *totals)
{
    char sessions[COUNTED_MAX];
    char *subject = text_aside(report, totals, print_subject);
    text_counted(report, sessions, totals->sessions, "%llu session", "%llu sessions");
    /* Translators: 3 errors, 2 warnings in 6 sessions */
    fprintf(report->out, text_of(report, N_("%s in %s")), subject ? subject : "", sessions);
    free(subject);
}

static void print_head(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    bool finds = report->subject == REPORT_FINDINGS;
    const char *skip = finds ? N_("Skip to the findings") : N_("Skip to the recordings");
    char *made = text_aside(report, totals, print_title);
    const char *title = made ? made : "";
    html_head(out, catalogue_language(report->options.language), title);
    fprintf(out,
            "<a class=\"skip\" href=\"#%s\">%s</a>\n<header>\n<h1>%s</h1>\n</header>\n<main>\n",
            finds ? "findings" : "recordings", text_of(report, skip), title);
    free(made);
    if (totals->failed)
        fprintf(out, "<div class=\"trouble\"><p>%s</p>\n",
                text_of(report, N_("Not everything could be checked; standard error says what.")));
    if (totals->failed && report->sections[SECTION_TROUBLE].begun) {
        fputs("<ul class=\"files\">\n", out);
        report_section_copy(report, SECTION_TROUBLE);
        fputs("</ul>\n", out);
    }
    fputs(totals->failed ? "</div>\n" : "", out);
}

/* A number with what it counts: of one, of many. */
struct figure {
    const char *one, *many;
};

static void print_figure(const struct report *report, uint64_t number, struct figure what,
                         const char *class)
{
    fprintf(report->out, "<div%s><dt>%s</dt><dd>%" PRIu64 "</dd></div>\n", class,
            translate_count(report->options.language, what.one, what.many, number), number);
}

static void print_figures(const struct report *report, const struct report_totals *totals)
{
    static const char *const classes[SEVERITY_COUNT] = {
        [SEVERITY_NOTE] = " class=\"severity note\"",
        [SEVERITY_WARNING] = " class=\"severity warning\"",
        [SEVERITY_ERROR] = " class=\"severity error\"",
    };
    static const struct figure severities[SEVERITY_COUNT] = {
        [SEVERITY_NOTE] = NN_("note", "notes"),
        [SEVERITY_WARNING] = NN_("warning", "warnings"),
        [SEVERITY_ERROR] = NN_("error", "errors"),
    };
    static const struct figure recordings = NN_("recording", "recordings");
    static const struct figure sessions = NN_("session", "sessions");
    static const struct figure exchanges = NN_("exchange", "exchanges");
    FILE *out = report->out;
    fprintf(out, "<h2 id=\"summary\">%s</h2>\n<dl class=\"figures\">\n",
            text_of(report, N_("Summary")));
    for (int i = SEVERITY_COUNT; i-- > 0 && report->subject == REPORT_FINDINGS;)
        print_figure(report, totals->findings[i], severities[i],
                     totals->findings[i] > 0 ? classes[i] : "");
    print_figure(report, totals->files, recordings, "");
    print_figure(report, totals->sessions, sessions, "");
    print_figure(report, totals->exchanges, exchanges, "");
    fputs("</dl>\n", out);
}

/* With which settings the servers of the run were measured, where their tables say so. */
static void print_settings(const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    bool begun = false;
    for (size_t i = 0; servers && i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        if (table->settings.size == 0)
            continue;
        fprintf(report->out, "%s<dt>", begun ? "" : "<dl class=\"settings\">\n");
        fprintf(report->out, text_of(report, N_("settings of %s")), table->name);
        fputs("</dt><dd>", report->out);
        html_text(report->out, server_settings(table, report->options.language));
        fputs("</dd>\n", report->out);
        begun = true;
    }
    if (begun)
        fputs("</dl>\n", report->out);
}

/* Returns true if the list of findings is by rule. */
static bool is_by_rule(const struct grouping *grouping)
{
    return grouping->findings > GROUPING_FROM;
}

/* Writes the number of findings of each rule at each severity, an index of the list where that is by
 * rule. */
static void print_rules(const struct report *report, const struct grouping *grouping)
{
    FILE *out = report->out;
    fprintf(out,
            "<table>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"wide\">%s</th>"
            "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\" "
            "class=\"number\">%s</th></tr></thead>\n<tbody>\n",
            text_of(report, N_("rule")), text_of(report, N_("what is wrong")),
            text_of(report, N_("severity")), text_of(report, N_("fault")),
            text_of(report, N_("findings")));
    for (int s = SEVERITY_COUNT; s-- > 0;)
        for (size_t i = 0; i < RULE_COUNT; i++) {
            if (grouping->of_rule[i][s] == 0)
                continue;
            const char *severity = severity_name((enum severity)s), *name = smtpseq_rules[i].name;
            fputs("<tr><td>", out);
            if (is_by_rule(grouping))
                fprintf(out, "<a href=\"#%s-%s\">", severity, name);
            fprintf(out, "<code>%s</code>%s</td><td class=\"wide\">", name,
                    is_by_rule(grouping) ? "</a>" : "");
            html_text(out, slice_of(text_of(report, smtpseq_rules[i].title)));
            fprintf(out,
                    "</td><td><span class=\"severity %s\">%s</span></td><td>%s</td>"
                    "<td class=\"number\">%" PRIu64 "</td></tr>\n",
                    severity, severity, text_of(report, fault_name(smtpseq_rules[i].fault)),
                    grouping->of_rule[i][s]);
        }
    fputs("</tbody>\n</table>\n", out);
}

/* The findings of one rule, folded when there are many. */
static void print_findings_of(const struct report *report, const struct rule *rule,
                              enum severity severity, uint64_t count)
{
    FILE *out = report->out;
    fprintf(out,
            "<details class=\"session\" id=\"%s-%s\"%s><summary><h3><code>%s</code></h3> "
            "<span class=\"soft\">",
            severity_name(severity), rule->name, count > GROUPING_OPEN ? "" : " open", rule->name);
    text_findings(report, severity, count);
    fputs(": ", out);
    html_text(out, slice_of(text_of(report, rule->title)));
    fputs("</span></summary>\n<ol class=\"all\">\n", out);
    grouping_copy_rule(report, SECTION_FINDINGS, rule, severity, LISTED_MAX);
    fputs("</ol>", out);
    if (count > LISTED_MAX) {
        fputs("\n<p class=\"meta\">", out);
        fprintf(out,
                text_of(report, N_("and %llu more, not listed here: <code>smtpseq check --rule=%s "
                                   "--format=gcc</code> prints a line for each")),
                (unsigned long long)(count - LISTED_MAX), rule->name);
        fputs("</p>\n", out);
    }
    fputs("</details>\n", out);
}

static void print_findings(const struct report *report, const struct grouping *grouping)
{
    FILE *out = report->out;
    const struct finding_group *last = NULL;
    fprintf(out, "<h2 id=\"findings\" tabindex=\"-1\">%s</h2>\n", text_of(report, N_("Findings")));
    if (grouping->findings == 0)
        fprintf(out, "<p>%s</p>\n", text_of(report, N_("None.")));
    if (grouping->findings == 0 || is_by_rule(grouping)) {
        for (size_t i = 0; i < grouping->count; i++) {
            const struct finding_group *group = &grouping->list[i];
            if (!last || group->rule != last->rule || group->severity != last->severity)
                print_findings_of(report, group->rule, group->severity,
                                  grouping->of_rule[group->rule - smtpseq_rules][group->severity]);
            last = group;
        }
        return;
    }
    fputs("<ol class=\"all\">\n", out);
    report_section_copy(report, SECTION_FINDINGS);
    fputs("</ol>\n", out);
}

/* The sessions that did not just deliver, the first ones of each kind. */
static void print_outcomes(const struct report *report, const struct outcome_groups *outcomes)
{
    FILE *out = report->out;
    if (!outcomes || outcomes->count == 0)
        return;
    fprintf(out, "<h2 id=\"sessions\">%s</h2>\n<p>",
            text_of(report, N_("What became of the sessions")));
    outcomes_print_counts(out, outcomes, report->options.language);
    fputs(".</p>\n<ul class=\"files\">\n", out);
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome_group *group = &outcomes->list[i];
        size_t samples = outcome_samples(group);
        for (size_t s = 0; s < samples; s++) {
            const struct outcome_sample *sample = &group->samples[s];
            char *text = outcome_text(&sample->outcome, report->options.language);
            if (!text)
                report_fail(report);
            fputs("<li><bdi>", out);
            html_text(out, slice_of(sample->file));
            fputs("</bdi>: ", out);
            fprintf(out, text_of(report, N_("session %llu")), (unsigned long long)sample->session);
            fprintf(out, " %s: <bdi>",
                    text_of(report, session_result_name(sample->outcome.result)));
            html_text(out, slice_of(text));
            fputs("</bdi></li>\n", out);
            free(text);
        }
        if (group->count > OUTCOME_SAMPLES) {
            fputs("<li class=\"meta\">", out);
            fprintf(out, text_of(report, N_("and %llu more that ended like these")),
                    (unsigned long long)(group->count - OUTCOME_SAMPLES));
            fputs("</li>\n", out);
        }
    }
    fputs("</ul>\n", out);
}

static void html_summary(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    struct grouping grouping;
    if (!grouping_read(&grouping, report, SECTION_FINDINGS))
        report_fail(report);
    print_head(report, totals);
    print_figures(report, totals);
    if (grouping.findings > 0)
        print_rules(report, &grouping);
    print_settings(report);
    if (report->subject == REPORT_FINDINGS)
        print_findings(report, &grouping);
    grouping_free(&grouping);
    print_outcomes(report, totals->outcomes);
    if (report->sections[SECTION_RECORDINGS].begun) {
        fprintf(out, "<h2 id=\"recordings\" tabindex=\"-1\">%s</h2>\n",
                text_of(report, N_("Recordings")));
        report_section_copy(report, SECTION_RECORDINGS);
    }
    if (report->sections[SECTION_CLEAN].begun) {
        fprintf(out, "<h2 id=\"clean\">%s</h2>\n<ul class=\"files\">\n",
                text_of(report, N_("Recordings without a finding")));
        report_section_copy(report, SECTION_CLEAN);
        fputs("</ul>\n", out);
    }
    html_end(out);
}

const struct report_format html_report = {
    .name = "html",
    .title = "a page: findings, and their sessions as ladders",
    .translated = true,
    .sections = SECTIONS,
    .begin = html_begin,
    .finding = html_finding,
    .exchange = replay_exchange,
    .session = html_replayed,
    .around = html_around,
    .file = html_file,
    .end = replay_end,
    .trouble = html_trouble,
    .summary = html_summary,
};
