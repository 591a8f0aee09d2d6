/* markdown.c - a page of Markdown, for the summary of a job: counts by rule, the first findings, and the
 * first sessions with a fault as diagrams.
 *
 * GitHub takes 1 MiB of $GITHUB_STEP_SUMMARY, and Mermaid 50,000 characters of a diagram. So the page is
 * bounded: a recorded octet becomes 11 at most, a row of the list 4 KB, a diagram 45 KB.
 */
#include <inttypes.h>

#include "report/escape.h"
#include "report/mermaid.h"
#include "report/replay_sessions.h"
#include "report/text.h"

enum { SECTION_FINDINGS, SECTION_SESSIONS, SECTION_TROUBLE, SECTIONS };

enum {
    LISTED_MAX = 100,      /* findings */
    DRAWN_MAX = 10,        /* sessions */
    TROUBLE_MAX = 20,      /* files that could not be read */
    STEPS_BEFORE = 6,      /* steps drawn before a fault, without its cause */
    STEPS_AFTER = 2,       /* and after it */
    NOTED_MAX = 4,         /* findings in one diagram */
    NAME_MAX_SHOWN = 120,  /* octets of a file's name, ... */
    TEXT_MAX_SHOWN = 200,  /* ... of a message, ... */
    SENT_MAX_SHOWN = 120,  /* ... of a command, ... */
    ANSWER_MAX_SHOWN = 240 /* ... and of its replies */
};

/* Writes text that may hold anything. All but the plainest characters are written as entities: those
 * are text in Markdown, never markup, a link or a mention. */
static void print_text(FILE *out, struct slice text, size_t max)
{
    bool cut = text.size > max;
    text = utf8_head(text, max);
    while (text.size > 0) {
        char room[SHOWN_MAX];
        struct slice shown = take_shown(&text, room);
        for (size_t i = 0; i < shown.size; i++) {
            unsigned char octet = (unsigned char)shown.data[i];
            if (octet >= 0x80 || ascii_alphanumeric((char)octet) ||
                (octet && strchr(" ,-/=()+", octet)))
                putc(octet, out);
            else
                fprintf(out, "&#%u;", octet);
        }
    }
    fputs(cut ? " ..." : "", out);
}

static void print_place(FILE *out, const char *file, uint64_t line)
{
    fputs("<code>", out);
    print_text(out, slice_of(file), NAME_MAX_SHOWN);
    fprintf(out, "&#58;%" PRIu64 "</code>", line);
}

static void markdown_begin(struct report *report, const char *file)
{
    (void)file;
    report->collected = report->subject == REPORT_FINDINGS ? copied_sessions_new(true) : NULL;
    if (report->subject == REPORT_FINDINGS && !report->collected)
        report_fail(report);
}

/* Exchanges are copied while findings may still be drawn. */
static void markdown_around(const struct report *report, uint64_t session,
                            const struct exchange *exchange, const struct verdict *verdict)
{
    struct copied_sessions *copied = report->collected;
    if (copied && copied->finding_count < LISTED_MAX &&
        !copied_sessions_add_exchange(copied, session, exchange, verdict))
        report_fail(report);
}

static void markdown_finding(const struct report *report, const char *file,
                             const struct finding *finding)
{
    struct copied_sessions *copied = report->collected;
    bool drawn = finding->severity > SEVERITY_NOTE && copied && copied->finding_count < LISTED_MAX;
    if (drawn && !copied_sessions_add_finding(copied, finding))
        report_fail(report);
    FILE *out = report_item(report, SECTION_FINDINGS);
    fprintf(out, "| %s | `%s` | ", severity_name(finding->severity), finding->rule->name);
    print_place(out, file, finding->line);
    fputs(" | ", out);
    print_text(out, slice_of(finding->message), TEXT_MAX_SHOWN);
    fputs(" |\n", out);
}

static void print_notes(FILE *out, struct copied_session *session, size_t step, unsigned *notes)
{
    for (size_t i = 0; i < session->finding_count && *notes < NOTED_MAX; i++) {
        const struct finding *finding = session->findings[i];
        if (copied_step_of(session, finding) != step)
            continue;
        (*notes)++;
        fprintf(out, "    Note over Client,Server: line %" PRIu64 ": %s: ", finding->line,
                finding->rule->name);
        struct slice text = slice_of(finding->message);
        mermaid_text(out, utf8_head(text, ANSWER_MAX_SHOWN));
        fputs(text.size > ANSWER_MAX_SHOWN ? " ...\n" : "\n", out);
    }
}

static void print_step(FILE *out, struct copied_session *session, size_t step, unsigned *notes)
{
    const struct copied_step *drawn = &session->steps[step];
    mermaid_sent(out, drawn, SENT_MAX_SHOWN);
    print_notes(out, session, step, notes);
    mermaid_answered(out, drawn, ANSWER_MAX_SHOWN);
    mermaid_state(out, drawn);
}

static void print_left_out(FILE *out, size_t steps)
{
    if (steps == 0)
        return;
    fputs("    Note over Client,Server: ", out);
    text_count(out, steps, "exchange");
    fputs(" left out\n", out);
}

/* Draws the steps around a finding: its cause, some before it, some after it. */
static void draw(FILE *out, struct copied_session *session, const struct finding *finding)
{
    size_t fault = copied_step_of(session, finding), count = session->step_count;
    size_t cause = copied_step_of_earlier(session, &finding->cause);
    unsigned notes = 0;
    size_t middle = fault < count ? fault : count - 1;
    size_t first = middle > STEPS_BEFORE ? middle - STEPS_BEFORE : 0;
    size_t end = middle + STEPS_AFTER + 1 < count ? middle + STEPS_AFTER + 1 : count;
    fputs("```mermaid\n", out);
    mermaid_head(out);
    if (cause < first) {
        print_left_out(out, cause);
        print_step(out, session, cause, &notes);
    }
    print_left_out(out, cause < first ? first - cause - 1 : first);
    for (size_t i = first; i < end; i++)
        print_step(out, session, i, &notes);
    if (fault == count)
        print_notes(out, session, count, &notes);
    print_left_out(out, count - end);
    fputs("```\n\n", out);
}

/* Returns the worst finding of a session, the first of equals; NULL if it has none. */
static const struct finding *worst_of(const struct copied_session *session)
{
    const struct finding *worst = NULL;
    for (size_t i = 0; i < session->finding_count; i++)
        if (!worst || session->findings[i]->severity > worst->severity)
            worst = session->findings[i];
    return worst;
}

/* Writes the sessions that may be drawn, each an item that begins with a comment of its severity. */
static void markdown_file(const struct report *report, const char *file,
                          const struct smtpseq_recording *recording)
{
    struct copied_sessions *copied = report->collected;
    unsigned drawn[SEVERITY_COUNT] = {0};
    (void)recording;
    for (size_t i = 0; copied && i < copied->session_count; i++) {
        struct copied_session *session = &copied->sessions[i];
        const struct finding *finding = worst_of(session);
        if (!finding || session->step_count == 0 || drawn[finding->severity]++ >= DRAWN_MAX)
            continue;
        FILE *out = report_item(report, SECTION_SESSIONS);
        fprintf(out, "<!-- %s -->\n#### `%s` at ", severity_name(finding->severity),
                finding->rule->name);
        print_place(out, file, finding->line);
        fprintf(out, ", session %zu\n\n", i + 1);
        draw(out, session, finding);
    }
}

static void markdown_trouble(const struct report *report, const char *file, const char *text)
{
    FILE *out = report_item(report, SECTION_TROUBLE);
    fputs("- <code>", out);
    print_text(out, slice_of(file), NAME_MAX_SHOWN);
    fputs("</code> ", out);
    print_text(out, slice_of(text), TEXT_MAX_SHOWN);
    putc('\n', out);
}

/* Copies the items of a section that begin with `head`, at most `max`. Items begin with a line that has
 * the first two characters of `head`; of the text of a recording no line begins. Returns the number copied. */
static uint64_t copy_items(const struct report *report, unsigned section, const char *head,
                           uint64_t max)
{
    FILE *from = report_section_read(report, section);
    uint64_t copied = 0;
    char block[1024];
    bool copying = false, at_start = true;
    while (fgets(block, sizeof block, from)) {
        if (at_start && strncmp(block, head, 2) == 0) {
            copying = copied < max && strncmp(block, head, strlen(head)) == 0;
            copied += copying;
        }
        at_start = block[strlen(block) - 1] == '\n';
        if (copying)
            fputs(block, report->out);
    }
    return copied;
}

/* Copies items with the most severe first. Their head is the severity between `before` and `after`. */
static uint64_t copy_worst_first(const struct report *report, unsigned section, const char *before,
                                 const char *after, uint64_t max)
{
    uint64_t copied = 0;
    for (int s = SEVERITY_COUNT; s-- > 0;) {
        char head[40];
        snprintf(head, sizeof head, "%s%s%s", before, severity_name((enum severity)s), after);
        copied += copy_items(report, section, head, max - copied);
    }
    return copied;
}

/* Counts the findings of each rule at each severity, from the rows of the list. */
static void count_rows(const struct report *report, uint64_t counts[RULE_COUNT][SEVERITY_COUNT])
{
    FILE *from = report_section_read(report, SECTION_FINDINGS);
    char block[1024], severity[16], name[64];
    bool at_start = true;
    while (fgets(block, sizeof block, from)) {
        const struct rule *rule = NULL;
        if (at_start && sscanf(block, "| %15s | `%63[a-z0-9-]`", severity, name) == 2)
            rule = rule_by_name(name);
        for (int s = 0; rule && s < SEVERITY_COUNT; s++)
            counts[rule - smtpseq_rules][s] +=
                strcmp(severity, severity_name((enum severity)s)) == 0;
        at_start = block[strlen(block) - 1] == '\n';
    }
}

static void print_rules(const struct report *report)
{
    FILE *out = report->out;
    uint64_t counts[RULE_COUNT][SEVERITY_COUNT] = {0};
    count_rows(report, counts);
    fputs("| rule | what is wrong | severity | fault | findings |\n|---|---|---|---|---:|\n", out);
    for (int s = SEVERITY_COUNT; s-- > 0;)
        for (size_t i = 0; i < RULE_COUNT; i++) {
            const struct rule *rule = &smtpseq_rules[i];
            if (counts[i][s] == 0)
                continue;
            fprintf(out, "| `%s` | ", rule->name);
            print_text(out, slice_of(rule->title), TEXT_MAX_SHOWN);
            fprintf(out, " | %s | %s | %" PRIu64 " |\n", severity_name((enum severity)s),
                    fault_name(rule->fault), counts[i][s]);
        }
}

/* "## smtpseq: 3 errors, 1 note in 6 sessions" */
static void print_title(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    const char *separator = "";
    fputs("## smtpseq: ", out);
    for (int s = SEVERITY_COUNT; s-- > 0;)
        if (totals->findings[s] > 0) {
            fputs(separator, out);
            text_count(out, totals->findings[s], severity_name((enum severity)s));
            separator = ", ";
        }
    fputs(*separator ? " in " : "no findings in ", out);
    text_count(out, totals->sessions, "session");
    fputs(", ", out);
    text_count(out, totals->files, "recording");
    fputs("\n\n", out);
}

static void print_rest(FILE *out, uint64_t shown, uint64_t all, const char *what)
{
    if (shown < all)
        fprintf(out, "\nThe first %" PRIu64 " of %" PRIu64 " %s.\n", shown, all, what);
}

/* With which settings the servers of the run were measured, where their tables say so. */
static void print_settings(const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    const char *before = "\n";
    for (size_t i = 0; servers && i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        if (table->settings.size == 0)
            continue;
        fprintf(report->out, "%s- settings of `%s`: ", before, table->name);
        print_text(report->out, table->settings, TEXT_MAX_SHOWN);
        putc('\n', report->out);
        before = "";
    }
}

static void print_findings(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    uint64_t all = 0;
    for (int s = 0; s < SEVERITY_COUNT; s++)
        all += totals->findings[s];
    print_title(report, totals);
    if (totals->failed) {
        fputs("**Not everything could be checked**; the log says what.\n\n", out);
        if (copy_items(report, SECTION_TROUBLE, "- ", TROUBLE_MAX) > 0)
            putc('\n', out);
    }
    if (all == 0)
        return;
    print_rules(report);
    fputs("\n### Findings\n\n| severity | rule | where | what |\n|---|---|---|---|\n", out);
    print_rest(out, copy_worst_first(report, SECTION_FINDINGS, "| ", " |", LISTED_MAX), all,
               "findings, the errors first");
    print_settings(report);
    if (!report->sections[SECTION_SESSIONS].begun)
        return;
    fputs("\n### Sessions\n\n", out);
    copy_worst_first(report, SECTION_SESSIONS, "<!-- ", " -->", DRAWN_MAX);
}

static void markdown_forward(const struct report *report, const char *file,
                             const struct finding *finding)
{
    FILE *out = report_item(report, SECTION_FINDINGS);
    fprintf(out, "| %d | ", finding->reply.code);
    print_text(out, finding->recipient, TEXT_MAX_SHOWN);
    fputs(" | ", out);
    print_text(out, finding->forward_path, TEXT_MAX_SHOWN);
    fputs(" | ", out);
    print_place(out, file, finding->line);
    fputs(" |\n", out);
}

static void markdown_summary(const struct report *report, const struct report_totals *totals)
{
    if (report->subject == REPORT_FINDINGS) {
        print_findings(report, totals);
        return;
    }
    fputs("| code | recipient | forward path | where |\n|---|---|---|---|\n", report->out);
    report_section_copy(report, SECTION_FINDINGS);
}

const struct report_format markdown_report = {
    .name = "markdown",
    .title = "a page of Markdown, for the summary of a job",
    .sections = SECTIONS,
    .begin = markdown_begin,
    .finding = markdown_finding,
    .around = markdown_around,
    .file = markdown_file,
    .end = replay_end,
    .trouble = markdown_trouble,
    .summary = markdown_summary,
    .forward = markdown_forward,
};
