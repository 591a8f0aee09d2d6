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
    print_escaped(out, slice_of(finding->message));
    print_rule(report, finding->rule);
}

static void print_state(const struct report *report, const struct finding *finding)
{
    if (!finding->has_state)
        return;
    enum command expected[COMMAND_COUNT];
    size_t count = command_set_list(finding->expected, expected, COMMAND_COUNT);
    struct words words = begin_words(report, "   state:", "         ");
    print_words_of(&words, "%s%s%s%s", state_name(finding->state), finding->since[0] ? ", " : "",
                   finding->since, count > 0 ? "; expected" : "");
    for (size_t i = 0; i < count && i < EXPECTED_SHOWN; i++)
        print_words_of(&words, "%s%s", command_name(expected[i]), i + 1 < count ? "," : "");
    if (count > EXPECTED_SHOWN)
        print_words(&words, SLICE("..."));
    putc('\n', report->out);
}

static void print_reply(const struct report *report, const struct finding *finding)
{
    if (finding->reply.line == 0)
        return;
    struct slice text = EXCERPT_SLICE(finding->reply.text);
    struct slice first = slice_head(text, slice_find(text, '\n'));
    struct words words = begin_words(report, "   server said:", "               ");
    print_words_of(&words, "%03d", finding->reply.code);
    print_words(&words, first);
    print_words_of(&words, "%s(line %" PRIu64 ")", first.size < text.size ? "... " : "",
                   finding->reply.line);
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
    fputs("   servers: ", report->out);
    text_servers(report, finding->predicted, codes);
    putc('\n', report->out);
}

static void print_followers(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    size_t count = finding->follower_count;
    if (finding->more_sessions > 0) {
        fputs("   the same in ", out);
        text_count(out, finding->more_sessions, "other session");
        fputs(" of this file (--each shows each)\n", out);
    }
    if (count == 0)
        return;
    struct words words =
        begin_words(report, count > 1 ? "   follows from it: lines" : "   follows from it: line",
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
        print_words_of(&words, "and %" PRIu64 " more", finding->more_followers);
    putc('\n', out);
}

/* A cause that is not in the excerpt, nor in the words about the state. */
static void print_cause(const struct report *report, const struct finding *finding)
{
    if (finding->cause.line == 0 || finding->since[0] || excerpt_shows_cause(finding))
        return;
    struct words words = begin_words(report, "   cause:", "         ");
    print_words(&words, slice_of(finding->cause.message));
    print_words_of(&words, "(line %" PRIu64 ")", finding->cause.line);
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
        fprintf(report->out, "   session: %" PRIu64 " (", finding->session);
        label_print(report->out, &finding->label);
        fputs(")\n", report->out);
    }
    fprintf(report->out, "   fault: %s\n", fault_name(finding->fault));
    struct words words = begin_words(report, "   help:", "        ");
    print_words(&words, slice_of(finding_help(finding)));
    putc('\n', report->out);
}

/* "session.txt: session 3 refused: in order; RCPT refused at line 28 (...)" */
static void print_outcome(const struct report *report, const struct outcome_sample *sample)
{
    FILE *out = report->out;
    print_escaped(out, slice_of(sample->file));
    fputs(": ", out);
    session_name_print(out, sample->session, &sample->outcome.label);
    fprintf(out, " %s%s%s: ", text_paint(report, COLOR_BOLD),
            session_result_name(sample->outcome.result), text_paint(report, COLOR_RESET));
    outcome_print(out, &sample->outcome);
    putc('\n', out);
}

/* The sessions that did not just deliver, one line each; where many ended alike the first ones. */
static void print_outcomes(const struct report *report, const struct outcome_groups *outcomes)
{
    FILE *out = report->out;
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct outcome_group *group = &outcomes->list[i];
        for (size_t s = 0; s < OUTCOME_SAMPLES && s < group->count; s++)
            print_outcome(report, &group->samples[s]);
        if (group->count > OUTCOME_SAMPLES) {
            fputs("   and ", out);
            text_count(out, group->count - OUTCOME_SAMPLES, "more session");
            fputs(" that ended like these\n", out);
        }
    }
    if (outcomes->left > 0) {
        fputs("   and ", out);
        text_count(out, outcomes->left, "session");
        fputs(" that ended in yet other ways\n", out);
    }
}

/* The most frequent rules, files, peers, clients and days. */
static void print_statistics(const struct report *report, const struct statistics *statistics)
{
    FILE *out = report->out;
    for (int by = 0; by < BY_COUNT; by++) {
        size_t count = statistics->tables[by].count;
        if (count == 0)
            continue;
        fprintf(out, "findings by %s:\n", statistics_name((enum statistics_by)by));
        for (size_t i = 0; i < count && i < STATISTICS_SHOWN; i++) {
            const struct statistics_row *row = &statistics->tables[by].rows[i];
            fprintf(out, "%8" PRIu64 "  ", statistics_sum(row));
            print_escaped(out, slice_of(row->key));
            putc('\n', out);
        }
        if (count > STATISTICS_SHOWN)
            fprintf(out, "          and %zu more; --format=ndjson has them\n",
                    count - STATISTICS_SHOWN);
    }
    reply_times_print(out, &statistics->times, "sessions");
}

static void text_summary(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    uint64_t all = 0;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        all += totals->findings[i];
    if (report->options.quiet || totals->sessions == 0)
        return; /* nothing to say */
    if (all > 0 || report->subject == REPORT_EXCHANGES)
        text_settings(report);
    if (report->subject != REPORT_FINDINGS)
        return;
    if (totals->outcomes)
        print_outcomes(report, totals->outcomes);
    if (totals->statistics)
        print_statistics(report, totals->statistics);
    if (all + totals->allowed + totals->known == 0) {
        fputs("no findings", out);
    } else {
        text_count(out, totals->findings[SEVERITY_ERROR], "error");
        fputs(", ", out);
        text_count(out, totals->findings[SEVERITY_WARNING], "warning");
        fputs(", ", out);
        text_count(out, totals->findings[SEVERITY_NOTE], "note");
    }
    fputs(" in ", out);
    text_count(out, totals->sessions, "session");
    fputs(", ", out);
    text_count(out, totals->exchanges, "exchange");
    if (totals->outcomes && totals->outcomes->count > 0) {
        fputs("; ", out);
        outcomes_print_counts(out, totals->outcomes);
    }
    if (totals->allowed > 0)
        fprintf(out, "; %" PRIu64 " allowed", totals->allowed);
    if (totals->known > 0)
        fprintf(out, "%c %" PRIu64 " in the baseline", totals->allowed > 0 ? ',' : ';',
                totals->known);
    putc('\n', out);
}

static void text_heading(const struct report *report)
{
    if (report->subject != REPORT_FORWARDS)
        return;
    fprintf(report->out, "%-32s %-32s %s %s\n", "RECIPIENT", "FORWARD PATH", "CODE", "WHERE");
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
        fputs(" and ", report->out);
        text_count(report->out, finding->more_sessions, "more time");
    }
    putc('\n', report->out);
}

static void text_chain(const struct report *report, const struct forward_chain *chain)
{
    fputs(chain->loop ? "loop: " : "chain: ", report->out);
    for (size_t i = 0; i < chain->count; i++) {
        fputs(i > 0 ? " -> " : "", report->out);
        print_escaped(report->out, slice_of(chain->addresses[i]));
    }
    putc('\n', report->out);
}

const struct report_format text_report = {
    .name = "text",
    .title = "for a person",
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
