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
        fprintf(out, text_of(ladder->report, N_("line %llu")), (unsigned long long)line);
        return;
    }
    fputs("<a href=\"#", out);
    html_session_name(ladder->report, ladder->number);
    fprintf(out, "e%" PRIu64 "\">", ladder->session->cleared + step);
    fprintf(out, text_of(ladder->report, N_("line %llu")), (unsigned long long)line);
    fputs("</a>", out);
}

static void print_earlier(const struct html_ladder *ladder, const char *term,
                          const struct earlier_line *earlier, const char *words)
{
    FILE *out = ladder->report->out;
    if (earlier->line == 0)
        return;
    fprintf(out, "<dt>%s</dt><dd>", term);
    html_link(ladder, copied_step_of_earlier(ladder->session, earlier), earlier->line);
    fputs(": ", out);
    html_text(out, slice_of(words));
    fputs("</dd>\n", out);
}

static void print_expected(const struct report *report, const struct finding *finding)
{
    FILE *out = report->out;
    char list[EXPECTED_MAX];
    if (!finding->has_state)
        return;
    size_t count = text_expected(finding, COMMAND_COUNT, list);
    fprintf(out, "<dt>%s</dt><dd>", text_of(report, N_("state")));
    if (count > 0)
        fprintf(out, text_of(report, N_("%s; expected %s")), state_name(finding->state), list);
    else
        fputs(state_name(finding->state), out);
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
    fprintf(ladder->report->out, "<dt>%s</dt><dd>", text_of(ladder->report, N_("servers")));
    html_answers(ladder, finding->predicted, codes);
    fputs("</dd>\n", ladder->report->out);
}

static void print_followers(const struct html_ladder *ladder, const struct finding *finding)
{
    FILE *out = ladder->report->out;
    if (finding->follower_count == 0)
        return;
    fprintf(out, "<dt>%s</dt><dd>%s ", text_of(ladder->report, N_("follows")),
            text_of(ladder->report, N_("from it:")));
    for (size_t i = 0; i < finding->follower_count && i < FOLLOWERS_SHOWN; i++) {
        fputs(i > 0 ? ", " : "", out);
        html_link(ladder, copied_step_at(ladder->session, finding->followers[i]),
                  finding->followers[i]);
    }
    uint64_t more = finding->more_followers;
    if (finding->follower_count > FOLLOWERS_SHOWN)
        more += finding->follower_count - FOLLOWERS_SHOWN;
    if (more > 0) {
        putc(' ', out);
        fprintf(out, text_of(ladder->report, N_("and %llu more")), (unsigned long long)more);
    }
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
    const struct report *report = ladder->report;
    html_text(out, slice_of(finding_message(finding)));
    fprintf(out, "</bdi> <code>%s</code></p>\n<dl>\n", finding->rule->name);
    print_earlier(ladder, text_of(report, N_("cause")), &finding->cause, finding_cause(finding));
    print_earlier(ladder, text_of(report, N_("origin")), &finding->origin, finding_origin(finding));
    print_expected(report, finding);
    print_servers(ladder, finding);
    print_followers(ladder, finding);
    fprintf(out, "<dt>%s</dt><dd>%s</dd>\n<dt>%s</dt><dd>", text_of(report, N_("fault")),
            text_of(report, fault_name(finding->fault)), text_of(report, N_("help")));
    html_text(out, slice_of(text_of(report, finding_help(finding))));
    fputs("</dd>\n", out);
    if (finding->rule->rfc && finding->rule->rfc[0]) {
        fprintf(out, "<dt>%s</dt><dd>", text_of(report, N_("see")));
        html_text(out, slice_of(finding->rule->rfc));
        fputs("</dd>\n", out);
    }
    fputs("</dl>\n</div>\n", out);
}
