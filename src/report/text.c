/* text.c - findings and exchanges for a person at a terminal.
 */
#include <inttypes.h>
#include <stdio.h>

#include "report/escape.h"
#include "report/excerpt.h"
#include "report/text.h"
#include "report/replay_sessions.h"
#include "report/session_name.h"

/* Rows of a table of statistics. */
#define STATISTICS_SHOWN 10

/* Expected commands listed; the automaton allows more. */
#define EXPECTED_SHOWN 6

static const char *severity_color(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return COLOR_FAULT;
    case SEVERITY_WARNING:
        return "\033[1;35m";
    default:
        return "\033[1;36m";
    }
}

/* Writes the name of a rule; on a terminal that supports links (OSC 8), as a link to its
 * description. */
static void print_rule(const struct report *report, const struct rule *rule)
{
    const char *page = report->options.rules_page;
    if (page)
        fprintf(report->out, " [\033]8;;%s#%s\033\\%s\033]8;;\033\\]\n", page, rule->name,
                rule->name);
    else
        fprintf(report->out, " [%s]\n", rule->name);
}

static void print_heading(const struct report *report, const char *file,
                          const struct finding *finding)
{
    FILE *out = report->out;
    fputs(text_paint(report, COLOR_BOLD), out);
    print_escaped(out, slice_of(file));
    fprintf(out, ":%" PRIu64 ":%u: %s%s%s:%s ", finding->line, finding->column,
            text_paint(report, COLOR_RESET), text_paint(report, severity_color(finding->severity)),
            severity_name(finding->severity), text_paint(report, COLOR_RESET));
    print_escaped(out, slice_of(finding_message(finding)));
    print_rule(report, finding->rule);
}

static void print_state(const struct report *report, const struct finding *finding)
{
    if (!finding->has_state)
        return;
    const char *state = state_name(finding->state), *since = finding_since(finding);
    char list[EXPECTED_MAX];
    size_t count = text_expected(finding, EXPECTED_SHOWN, list);
    struct words words = begin_words(report, N_("   state:"), "         ");
    if (since[0] &&
        count > 0) /* Translators: mail, since MAIL was accepted at line 9; expected RCPT */
        print_words_of(&words, text_of(report, N_("%s, %s; expected %s")), state, since, list);
    else if (count > 0)
        print_words_of(&words, text_of(report, N_("%s; expected %s")), state, list);
    else if (since[0])
        print_words_of(&words, text_of(report, N_("%s, %s")), state, since);
    else
        print_words_of(&words, "%s", state);
    putc('\n', report->out);
}

static void print_reply(const struct report *report, const struct finding *finding)
{
    if (finding->reply.line == 0)
        return;
    struct slice text = EXCERPT_SLICE(finding->reply.text);
    struct slice first = slice_head(text, slice_find(text, '\n'));
    struct words words = begin_words(report, N_("   server said:"), "               ");
    print_words_of(&words, "%03d", finding->reply.code);
    print_words(&words, first);
    if (first.size < text.size)
        print_words(&words, SLICE("..."));
    print_words_of(&words, text_of(report, N_("(line %llu)")),
                   (unsigned long long)finding->reply.line);
    putc('\n', report->out);
}

static void print_servers(const struct report *report, const struct finding *finding)
{
    const struct server_set *servers = report->options.servers;
    int codes[SERVERS_MAX];
    if (!servers || servers->count == 0 || finding->command.size == 0)
        return;
    for (size_t i = 0; i < servers->count; i++)
        codes[i] = finding_code(finding, i);
    fprintf(report->out, "%s ", text_of(report, N_("   servers:")));
    text_servers(report, finding->predicted, codes);
    putc('\n', report->out);
}

static void print_followers(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    size_t count = finding->follower_count;
    if (finding->more_sessions > 0) {
        char room[COUNTED_MAX];
        fprintf(out, "%s\n",
                text_counted(report, room, finding->more_sessions,
                             "   the same in %llu other session of this file (--each shows each)",
                             "   the same in %llu other sessions of this file (--each shows "
                             "each)"));
    }
    if (count == 0)
        return;
    struct words words = begin_words(
        report, count > 1 ? N_("   follows from it: lines") : N_("   follows from it: line"),
        "                   ");
    /* Consecutive lines are written as a range. */
    for (size_t i = 0, last; i < count; i = last + 1) {
        last = i;
        while (last + 1 < count && finding->followers[last + 1] == finding->followers[last] + 1)
            last++;
        if (last == i + 1)
            last = i; /* two lines are no range */
        const char *comma = last + 1 < count ? "," : "";
        if (last > i)
            print_words_of(&words, "%" PRIu64 "-%" PRIu64 "%s", finding->followers[i],
                           finding->followers[last], comma);
        else
            print_words_of(&words, "%" PRIu64 "%s", finding->followers[i], comma);
    }
    if (finding->more_followers > 0)
        print_words_of(&words, text_of(report, N_("and %llu more")),
                       (unsigned long long)finding->more_followers);
    putc('\n', out);
}

/* A cause that is not in the excerpt, nor in the words about the state. */
static void print_cause(const struct report *report, const struct finding *finding)
{
    if (finding->cause.line == 0 || finding->since[0] || excerpt_shows_cause(finding))
        return;
    struct words words = begin_words(report, N_("   cause:"), "         ");
    print_words(&words, slice_of(finding_cause(finding)));
    print_words_of(&words, text_of(report, N_("(line %llu)")),
                   (unsigned long long)finding->cause.line);
    putc('\n', report->out);
}

static void text_finding(const struct report *report, const char *file,
                         const struct finding *finding)
{
    print_heading(report, file, finding);
    excerpt_print(report, finding);
    print_state(report, finding);
    print_cause(report, finding);
    print_reply(report, finding);
    print_servers(report, finding);
    print_followers(report, finding);
    if (label_is_known(&finding->label)) {
        fprintf(report->out, text_of(report, N_("   session: %llu")),
                (unsigned long long)finding->session);
        fputs(" (", report->out);
        label_print(report->out, &finding->label);
        fputs(")\n", report->out);
    }
    fprintf(report->out, text_of(report, N_("   fault: %s\n")),
            text_of(report, fault_name(finding->fault)));
    struct words words = begin_words(report, N_("   help:"), "        ");
    print_words(&words, slice_of(text_of(report, finding_help(finding))));
    putc('\n', report->out);
}

/* "session.txt: session 3 refused: in order; RCPT refused at line 28 (...)" */
static void print_outcome(const struct report *report, const struct outcome_sample *sample)
{
    FILE *out = report->out;
    print_escaped(out, slice_of(sample->file));
    fputs(": ", out);
    fprintf(out, text_of(report, N_("session %llu")), (unsigned long long)sample->session);
    if (label_is_known(&sample->outcome.label)) {
        fputs(" (", out);
        label_print(out, &sample->outcome.label);
        putc(')', out);
    }
    fprintf(out, " %s%s%s: ", text_paint(report, COLOR_BOLD),
            text_of(report, session_result_name(sample->outcome.result)),
            text_paint(report, COLOR_RESET));
    outcome_print(out, &sample->outcome, report->options.language);
    putc('\n', out);
}

/* The sessions that did not just deliver, one line each; where many ended alike the first ones. */
static void print_outcomes(const struct report *report, const struct outcome_groups *outcomes)
{
    FILE *out = report->out;
    char room[COUNTED_MAX];
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome_group *group = &outcomes->list[i];
        size_t samples = outcome_samples(group);
        for (size_t s = 0; s < samples; s++)
            print_outcome(report, &group->samples[s]);
        if (group->count > OUTCOME_SAMPLES)
            fprintf(out, "%s\n",
                    text_counted(report, room, group->count - OUTCOME_SAMPLES,
                                 "   and %llu more session that ended like these",
                                 "   and %llu more sessions that ended like these"));
    }
    if (outcomes->left > 0)
        fprintf(out, "%s\n",
                text_counted(report, room, outcomes->left,
                             "   and %llu session that ended in yet other ways",
                             "   and %llu sessions that ended in yet other ways"));
}

/* The most frequent rules, files, peers, clients and days. */
static void print_statistics(const struct report *report, const struct statistics *statistics)
{
    static const char *const headings[BY_COUNT] = {
        [BY_RULE] = N_("findings by rule:"), [BY_FILE] = N_("findings by file:"),
        [BY_PEER] = N_("findings by peer:"), [BY_CLIENT] = N_("findings by client:"),
        [BY_DAY] = N_("findings by day:"),
    };
    FILE *out = report->out;
    for (int by = 0; by < BY_COUNT; by++) {
        size_t count = statistics->tables[by].count;
        if (count == 0)
            continue;
        fprintf(out, "%s\n", text_of(report, headings[by]));
        for (size_t i = 0; i < count && i < STATISTICS_SHOWN; i++) {
            const struct statistics_row *row = &statistics->tables[by].rows[i];
            fprintf(out, "%8" PRIu64 "  ", statistics_sum(row));
            print_escaped(out, slice_of(row->key));
            putc('\n', out);
        }
        if (count > STATISTICS_SHOWN)
            fprintf(out, text_of(report, N_("          and %zu more; --format=ndjson has them\n")),
                    count - STATISTICS_SHOWN);
    }
    reply_times_print(out, &statistics->times, text_of(report, N_("sessions")),
                      report->options.language);
}

static uint64_t count_findings(const struct report_totals *totals)
{
    uint64_t count = 0;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        count += totals->findings[i];
    return count;
}

/* "1 error, 2 warnings, 0 notes in 3 sessions, 14 exchanges" */
static void print_counts(const struct report *report, const struct report_totals *totals)
{
    char errors[COUNTED_MAX], warnings[COUNTED_MAX], notes[COUNTED_MAX];
    char sessions[COUNTED_MAX], exchanges[COUNTED_MAX];
    const uint64_t *found = totals->findings;
    text_counted(report, sessions, totals->sessions, "%llu session", "%llu sessions");
    text_counted(report, exchanges, totals->exchanges, "%llu exchange", "%llu exchanges");
    uint64_t all = totals->allowed + totals->known + count_findings(totals);
    if (all == 0) /* Translators: no findings in 3 sessions, 14 exchanges */
        fprintf(report->out, text_of(report, N_("no findings in %s, %s")), sessions, exchanges);
    else /* Translators: 1 error, 2 warnings, 0 notes in 3 sessions, 14 exchanges */
        fprintf(report->out, text_of(report, N_("%s, %s, %s in %s, %s")),
                text_findings_counted(report, errors, found[SEVERITY_ERROR], SEVERITY_ERROR),
                text_findings_counted(report, warnings, found[SEVERITY_WARNING], SEVERITY_WARNING),
                text_findings_counted(report, notes, found[SEVERITY_NOTE], SEVERITY_NOTE), sessions,
                exchanges);
}

static void text_summary(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    if (report->options.quiet || totals->sessions == 0)
        return; /* nothing to say */
    if (count_findings(totals) > 0 || report->subject == REPORT_EXCHANGES)
        text_settings(report);
    if (report->subject != REPORT_FINDINGS)
        return;
    if (totals->outcomes)
        print_outcomes(report, totals->outcomes);
    if (totals->statistics)
        print_statistics(report, totals->statistics);
    print_counts(report, totals);
    if (totals->outcomes && totals->outcomes->count > 0) {
        fputs("; ", out);
        outcomes_print_counts(out, totals->outcomes, report->options.language);
    }
    if (totals->allowed > 0) {
        fputs("; ", out);
        fprintf(out, text_of(report, N_("%llu allowed")), (unsigned long long)totals->allowed);
    }
    if (totals->known > 0) {
        fputs(totals->allowed > 0 ? ", " : "; ", out);
        fprintf(out, text_of(report, N_("%llu in the baseline")),
                (unsigned long long)totals->known);
    }
    putc('\n', out);
}

static void text_heading(const struct report *report)
{
    if (report->subject != REPORT_FORWARDS)
        return;
    fprintf(report->out, "%-32s %-32s %s %s\n", text_of(report, N_("RECIPIENT")),
            text_of(report, N_("FORWARD PATH")), text_of(report, N_("CODE")),
            text_of(report, N_("WHERE")));
}

/* Left-aligned in 32 columns. */
static void print_cell(FILE *out, struct slice text)
{
    size_t width = text.size > 0 ? print_escaped(out, text) : (size_t)fprintf(out, "-");
    fprintf(out, "%*s ", width < 32 ? (int)(32 - width) : 0, "");
}

static void text_forward(const struct report *report, const char *file,
                         const struct finding *finding)
{
    print_cell(report->out, finding->recipient);
    print_cell(report->out, finding->forward_path);
    fprintf(report->out, "%03d  ", finding->reply.code);
    print_escaped(report->out, slice_of(file));
    fprintf(report->out, ":%" PRIu64, finding->line);
    if (finding->more_sessions > 0) {
        char room[COUNTED_MAX];
        fputs(text_counted(report, room, finding->more_sessions, " and %llu more time",
                           " and %llu more times"),
              report->out);
    }
    putc('\n', report->out);
}

static void text_chain(const struct report *report, const struct forward_chain *chain)
{
    fputs(text_of(report, chain->loop ? N_("loop:") : N_("chain:")), report->out);
    for (size_t i = 0; i < chain->count; i++) {
        fputs(i > 0 ? " -> " : " ", report->out);
        print_escaped(report->out, slice_of(chain->addresses[i]));
    }
    putc('\n', report->out);
}

const struct report_format text_report = {
    .name = "text",
    .title = "for a person",
    .translated = true,
    .endless = true,
    .heading = text_heading,
    .begin = replay_begin,
    .finding = text_finding,
    .exchange = replay_exchange,
    .session = ladder_session,
    .file = replay_file,
    .end = replay_end,
    .summary = text_summary,
    .forward = text_forward,
    .chain = text_chain,
};
