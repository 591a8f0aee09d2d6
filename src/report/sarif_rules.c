/* sarif_rules.c - the rules, which SARIF wants once in a report, apart from the results.
 */
#include <stdlib.h>

#include "report/sarif.h"

/* Writes plain text as Markdown. */
static void print_markdown(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>&#|~", *text))
            putc('\\', out);
        putc(*text, out);
    }
}

static void print_plain(FILE *out, const char *text)
{
    fputs(text, out);
}

/* Writes the texts of a rule field by field, then its two example dialogues. */
static void print_help(FILE *out, const struct rule *rule, bool markdown)
{
    const struct {
        const char *label, *text;
    } fields[] = {
        {"What", rule->what},         {"When", rule->when},
        {"How to fix it", rule->fix}, {"What smtpseq does", rule->did},
        {"Reference", rule->rfc},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        fprintf(out, markdown ? "**%s:** " : "%s: ", fields[i].label);
        (markdown ? print_markdown : print_plain)(out, fields[i].text);
        fputs("\n\n", out);
    }
    const char *format =
        markdown ? "%s:\n\n```text\n%s\n```\n\n%s:\n\n```text\n%s\n```\n" : "%s:\n%s\n\n%s:\n%s\n";
    fprintf(out, format, "A session that draws it", rule->before, "The same put right",
            rule->after);
}

static json_t *help_text(const struct rule *rule, bool markdown)
{
    struct string_builder help;
    if (string_builder_begin(&help))
        print_help(help.out, rule, markdown);
    json_t *value = string_builder_end(&help) ? json_stringn(help.text, help.size) : NULL;
    free(help.text);
    return value;
}

/* The names that GitHub's code scanning has for severities. */
static const char *problem_severity(enum severity severity)
{
    return severity == SEVERITY_NOTE ? "recommendation" : severity_name(severity);
}

static json_t *rule_value(const struct rule *rule)
{
    return json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:o, s:o}, s:{s:s}, s:{s:[s,s], s:s}}", "id",
                     rule->code, "name", rule->name, "shortDescription", "text", rule->title,
                     "fullDescription", "text", rule->what, "help", "text", help_text(rule, false),
                     "markdown", help_text(rule, true), "defaultConfiguration", "level",
                     severity_name(rule->severity), "properties", "tags", "smtp",
                     fault_name(rule->fault), "problem.severity", problem_severity(rule->severity));
}

json_t *sarif_rules(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        json_append(&rules, rule_value(&smtpseq_rules[i]));
    return rules;
}
