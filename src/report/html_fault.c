/* html_fault.c - a finding in the ladder: what is wrong, its cause, what to do; and the targets of
 * links.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/string_builder.h"
#include "report/html.h"
#include "report/text.h"

/* How many followers of a finding are named; all of them are marked in the ladder. */
#define FOLLOWERS_SHOWN 20

void html_session_name(const struct report *report, uint64_t number)
{
    fprintf(report->out, "i%zur%zus%" PRIu64, report->input, report->recording, number);
}

void html_link(const struct html_ladder *ladder, size_t step, uint64_t line)
{
    FILE *out = ladder->report->out;
    if (step >= ladder->session->step_count || ladder->layout.steps[step].left_out) {
        fprintf(out, "line %" PRIu64, line);
        return;
    }
    fputs("<a href=\"#", out);
    html_session_name(ladder->report, ladder->number);
    fprintf(out, "e%" PRIu64 "\">line %" PRIu64 "</a>", ladder->session->cleared + step, line);
}

static void print_earlier(const struct html_ladder *ladder, const char *term,
                          const struct earlier_line *earlier)
{
    FILE *out = ladder->report->out;
    if (earlier->line == 0)
        return;
    fprintf(out, "<dt>%s</dt><dd>", term);
    html_link(ladder, copied_step_of_earlier(ladder->session, earlier), earlier->line);
    fputs(": ", out);
    html_text(out, slice_of(earlier->message));
    fputs("</dd>\n", out);
}

static void print_expected(FILE *out, const struct finding *finding)
{
    enum command expected[COMMAND_COUNT];
    size_t count = command_set_list(finding->expected, expected, COMMAND_COUNT);
    if (!finding->has_state)
        return;
    fprintf(out, "<dt>state</dt><dd>%s", state_name(finding->state));
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i == 0 ? "; expected " : ", ", command_name(expected[i]));
    fputs("</dd>\n", out);
}

void html_answers(const struct html_ladder *ladder, int predicted, const int codes[])
{
    struct string_builder text;
    struct report aside = *ladder->report;
    if (string_builder_begin(&text)) {
        aside.out = text.out;
        text_servers(&aside, predicted, codes);
    }
    if (string_builder_end(&text))
        html_text(ladder->report->out, (struct slice){text.text, text.size});
    else
        report_fail(ladder->report);
    free(text.text);
}

static void print_servers(const struct html_ladder *ladder, const struct finding *finding)
{
    const struct server_set *servers = ladder->report->options.servers;
    int codes[SERVERS_MAX];
    if (!servers || servers->count == 0 || finding->command.size == 0)
        return;
    for (size_t i = 0; i < servers->count; i++)
        codes[i] = finding_code(finding, i);
    fputs("<dt>servers</dt><dd>", ladder->report->out);
    html_answers(ladder, finding->predicted, codes);
    fputs("</dd>\n", ladder->report->out);
}

static void print_followers(const struct html_ladder *ladder, const struct finding *finding)
{
    FILE *out = ladder->report->out;
    if (finding->follower_count == 0)
        return;
    fputs("<dt>follows</dt><dd>from it: ", out);
    for (size_t i = 0; i < finding->follower_count && i < FOLLOWERS_SHOWN; i++) {
        fputs(i > 0 ? ", " : "", out);
        html_link(ladder, copied_step_at(ladder->session, finding->followers[i]),
                  finding->followers[i]);
    }
    uint64_t more = finding->more_followers;
    if (finding->follower_count > FOLLOWERS_SHOWN)
        more += finding->follower_count - FOLLOWERS_SHOWN;
    if (more > 0)
        fprintf(out, " and %" PRIu64 " more", more);
    fputs("</dd>\n", out);
}

void html_fault(const struct html_ladder *ladder, size_t index)
{
    const struct finding *finding = ladder->session->findings[index];
    const char *severity = severity_name(finding->severity);
    FILE *out = ladder->report->out;
    fprintf(out, "<div class=\"fault %s\" tabindex=\"-1\" id=\"", severity);
    html_session_name(ladder->report, ladder->number);
    fprintf(out, "f%zu\">\n<p class=\"title\"><span class=\"severity\">%s</span> <bdi>", index,
            severity);
    html_text(out, slice_of(finding->message));
    fprintf(out, "</bdi> <code>%s</code></p>\n<dl>\n", finding->rule->name);
    print_earlier(ladder, "cause", &finding->cause);
    print_earlier(ladder, "origin", &finding->origin);
    print_expected(out, finding);
    print_servers(ladder, finding);
    print_followers(ladder, finding);
    fprintf(out, "<dt>fault</dt><dd>%s</dd>\n<dt>help</dt><dd>", fault_name(finding->fault));
    html_text(out, slice_of(finding_help(finding)));
    fputs("</dd>\n", out);
    if (finding->rule->rfc && finding->rule->rfc[0]) {
        fputs("<dt>see</dt><dd>", out);
        html_text(out, slice_of(finding->rule->rfc));
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n</div>\n", out);
}
