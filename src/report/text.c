/* text.c - findings and exchanges for a person at a terminal.
 */
#include <inttypes.h>
#include <stdio.h>

#include "report/harmless.h"
#include "report/report.h"

#define COLOR_RESET "\033[0m"
#define COLOR_BOLD "\033[1m"
#define COLOR_CARET "\033[1;32m"

/* Help is wrapped to this many columns: a log in CI has no width of its own. */
#define HELP_WIDTH 100

/* Expected commands that a line lists; the automaton knows more. */
#define EXPECTED_SHOWN 6

static const char *severity_color(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return "\033[1;31m";
    case SEVERITY_WARNING:
        return "\033[1;35m";
    default:
        return "\033[1;36m";
    }
}

static const char *paint(const struct report *report, const char *color)
{
    return report->options.color ? color : "";
}

static void print_heading(const struct report *report, const char *file,
                          const struct finding *finding)
{
    FILE *out = report->out;
    fputs(paint(report, COLOR_BOLD), out);
    print_harmless(out, slice_of(file));
    fprintf(out, ":%" PRIu64 ":%u: %s%s%s:%s ", finding->line, finding->column,
            paint(report, COLOR_RESET), paint(report, severity_color(finding->severity)),
            severity_name(finding->severity), paint(report, COLOR_RESET));
    print_harmless(out, slice_of(finding->message));
    fprintf(out, " [%s]\n", finding->rule->name);
}

/* The recorded line and a caret under what the finding is about. */
static void print_excerpt(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    struct slice raw = EXCERPT_SLICE(finding->raw);
    if (raw.size == 0)
        return;
    bool secret = finding->secret_from < raw.size && !report->options.show_secrets;
    if (secret)
        raw = slice_head(raw, finding->secret_from);
    fprintf(out, "%5" PRIu64 " | ", finding->line);
    size_t before = finding->column > 0 ? finding->column - 1 : 0;
    size_t length = finding->end_column > finding->column ? finding->end_column - finding->column
                                                          : 1;
    size_t indent = print_harmless(out, slice_head(raw, before));
    size_t marked = print_harmless(out, slice_head(slice_after(raw, before), length));
    print_harmless(out, slice_after(raw, before + length));
    fprintf(out, "%s\n      | %*s%s^", secret ? REDACTED : "", (int)indent, "",
            paint(report, COLOR_CARET));
    for (size_t i = 1; i < marked; i++)
        putc('~', out);
    fprintf(out, "%s\n", paint(report, COLOR_RESET));
}

/* "MAIL was accepted here" at line 9 becomes "since MAIL was accepted at line 9". */
static void print_cause(FILE *out, const struct finding *finding)
{
    const char *message = finding->cause.message;
    const char *here = strstr(message, " here");
    if (finding->cause.line == 0)
        return;
    if (here && (here[5] == '\0' || strchr(" ,;:(", here[5])))
        fprintf(out, ", since %.*s at line %" PRIu64 "%s", (int)(here - message), message,
                finding->cause.line, here + 5);
    else
        fprintf(out, ": %s (line %" PRIu64 ")", message, finding->cause.line);
}

static void print_state(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    if (!finding->has_state)
        return;
    fprintf(out, "   state: %s", state_name(finding->state));
    print_cause(out, finding);
    enum command expected[COMMAND_COUNT];
    size_t count = command_set_list(finding->expected, expected, COMMAND_COUNT);
    for (size_t i = 0; i < count && i < EXPECTED_SHOWN; i++)
        fprintf(out, "%s%s", i == 0 ? "; expected " : ", ", command_name(expected[i]));
    fputs(count > EXPECTED_SHOWN ? ", ...\n" : "\n", out);
}

static void print_reply(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    if (finding->reply.line == 0)
        return;
    struct slice text = shown_finding_reply(finding, report->options.show_secrets);
    struct slice first = slice_head(text, slice_find(text, '\n'));
    fprintf(out, "   server said: %03d ", finding->reply.code);
    print_harmless(out, first);
    fprintf(out, "%s (line %" PRIu64 ")\n", first.size < text.size ? " ..." : "",
            finding->reply.line);
}

/* "servers: 503 from rfc5321, postfix; 502 from courier; taken by haraka" */
static void print_servers(const struct report *report, const struct finding *finding)
{
    const struct server_set *servers = report->options.servers;
    FILE *out = report->out;
    if (!servers || servers->count == 0 || finding->command.size == 0)
        return;
    bool said[SERVERS_MOST] = {false};
    const char *separator = "   servers: ";
    if (finding->predicted > 0) {
        fprintf(out, "%s%d from rfc5321", separator, finding->predicted);
        separator = "; ";
        for (size_t i = 0; i < servers->count; i++)
            if (finding->servers[i].code == finding->predicted) {
                fprintf(out, ", %s", servers->tables[i]->name);
                said[i] = true;
            }
    }
    for (size_t i = 0; i < servers->count; i++) {
        int code = finding->servers[i].code;
        if (said[i])
            continue;
        const char *comma = "";
        if (code == 0)
            fprintf(out, "%sno answer from ", separator);
        else if (code < 400)
            fprintf(out, "%staken by ", separator);
        else
            fprintf(out, "%s%d from ", separator, code);
        for (size_t k = i; k < servers->count; k++)
            if (finding->servers[k].code == code) {
                fprintf(out, "%s%s", comma, servers->tables[k]->name);
                comma = ", ";
                said[k] = true;
            }
        separator = "; ";
    }
    putc('\n', out);
}

static void print_followers(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    if (finding->follower_count == 0)
        return;
    fprintf(out, "   follows from it: line%s", finding->follower_count > 1 ? "s" : "");
    /* A run of lines is one thing to read. */
    for (size_t i = 0; i < finding->follower_count; i++) {
        size_t last = i;
        while (last + 1 < finding->follower_count &&
               finding->followers[last + 1] == finding->followers[last] + 1)
            last++;
        fprintf(out, "%s %" PRIu64, i > 0 ? "," : "", finding->followers[i]);
        if (last > i + 1) {
            fprintf(out, "-%" PRIu64, finding->followers[last]);
            i = last;
        }
    }
    putc('\n', out);
}

/* "   help: " and the text behind it, wrapped. */
static void print_help_text(FILE *out, const char *text)
{
    int column = fprintf(out, "   help:");
    struct slice rest = slice_of(text);
    while (rest.size > 0) {
        struct slice word = slice_head(rest, slice_find(rest, ' '));
        rest = slice_after(rest, word.size + 1);
        if (column + 1 + (int)word.size > HELP_WIDTH)
            column = fprintf(out, "\n        ") - 1;
        column += fprintf(out, " %.*s", (int)word.size, word.data);
    }
    putc('\n', out);
}

static void text_finding(const struct report *report, const char *file,
                         const struct finding *finding)
{
    print_heading(report, file, finding);
    print_excerpt(report, finding);
    print_state(report, finding);
    print_reply(report, finding);
    print_servers(report, finding);
    print_followers(report, finding);
    fprintf(report->out, "   fault: %s\n", fault_name(finding->fault));
    print_help_text(report->out, finding->rule->fix);
}

static void text_exchange(const struct report *report, const char *file, uint64_t session,
                          const struct exchange *exchange, const struct verdict *verdict)
{
    FILE *out = report->out;
    char room[128];
    if (exchange->number == 0) {
        print_harmless(out, slice_of(file));
        fprintf(out, ": session %" PRIu64 "\n", session);
    }
    fprintf(out, "%6" PRIu64 " %c%-8s ", exchange->place.line, verdict->legal ? ' ' : '!',
            state_name(verdict->state));
    size_t width = print_harmless(out, exchange->command == COMMAND_UNKNOWN
                                           ? shown_verb(exchange, verdict,
                                                        report->options.show_secrets)
                                           : slice_of(command_verb(exchange->command)));
    struct slice argument = shown_argument(exchange, report->options.show_secrets, room,
                                           sizeof room);
    if (argument.size > 0) {
        putc(' ', out);
        width += 1 + print_harmless(out, argument);
    }
    fprintf(out, "%*s ->", width < 40 ? (int)(40 - width) : 0, "");
    if (exchange->reply_count == 0)
        fputs(exchange->flags & EXCHANGE_ASSUMED ? " (no replies recorded)" : " (no reply)", out);
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        fprintf(out, " %03d ", reply->code);
        struct slice text =
            shown_reply(exchange, verdict, reply, report->options.show_secrets);
        print_harmless(out, slice_head(text, slice_find(text, '\n')));
        if (reply->lines > 1)
            fprintf(out, " (%u lines)", reply->lines);
        fputs(i + 1 < exchange->reply_count ? ";" : "", out);
    }
    if (!verdict->legal && verdict->predicted > 0)
        fprintf(out, " [rfc5321: %d]", verdict->predicted);
    const struct server_set *servers = report->options.servers;
    for (size_t i = 0; servers && verdict->servers && i < servers->count; i++)
        if (verdict->servers[i].code == 0)
            fprintf(out, " [%s: -]", servers->tables[i]->name);
        else
            fprintf(out, " [%s: %d]", servers->tables[i]->name, verdict->servers[i].code);
    if (verdict->next != verdict->state)
        fprintf(out, " => %s", state_name(verdict->next));
    putc('\n', out);
}

static void count(FILE *out, uint64_t number, const char *what, const char *separator)
{
    fprintf(out, "%" PRIu64 " %s%s%s", number, what, number == 1 ? "" : "s", separator);
}

static void text_summary(const struct report *report, const struct report_totals *totals)
{
    FILE *out = report->out;
    uint64_t all = 0;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        all += totals->findings[i];
    if (report->subject != REPORT_FINDINGS || all == 0)
        return; /* nothing to say */
    count(out, totals->findings[SEVERITY_ERROR], "error", ", ");
    count(out, totals->findings[SEVERITY_WARNING], "warning", ", ");
    count(out, totals->findings[SEVERITY_NOTE], "note", " in ");
    count(out, totals->sessions, "session", ", ");
    count(out, totals->exchanges, "exchange", "\n");
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
    size_t width = text.size > 0 ? print_harmless(out, text) : (size_t)fprintf(out, "-");
    fprintf(out, "%*s ", width < 32 ? (int)(32 - width) : 0, "");
}

static void text_forward(const struct report *report, const char *file,
                         const struct finding *finding)
{
    print_cell(report->out, EXCERPT_SLICE(finding->recipient));
    print_cell(report->out, EXCERPT_SLICE(finding->forward_path));
    fprintf(report->out, "%03d  ", finding->reply.code);
    print_harmless(report->out, slice_of(file));
    fprintf(report->out, ":%" PRIu64 "\n", finding->line);
}

const struct report_format text_report = {
    .name = "text",
    .title = "for a person",
    .heading = text_heading,
    .finding = text_finding,
    .exchange = text_exchange,
    .summary = text_summary,
    .forward = text_forward,
};
