/* options.c - what the options of check, replay, forwards, coverage and config set.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/coverage.h"
#include "cli/language.h"
#include "cli/message.h"
#include "report/formats.h"
#include "transcript/recognise/recognise.h"

static bool parse_report_format(enum cli_command command, const char *name,
                                const struct report_format **format)
{
    const char *names[OUTPUTS_MAX] = {0};
    size_t count = 0;
    *format = NULL;
    for (size_t i = 0; command_report_at(command, i) && count + 1 < OUTPUTS_MAX; i++) {
        const struct report_format *known = command_report_at(command, i);
        if (command_report_fits(command, known))
            names[count++] = known->name;
        if (strcmp(known->name, name) == 0)
            *format = known;
    }
    return *format || message_unknown(N_("format"), name, names, NULL);
}

static bool add_output(struct options *options, char *text, bool with_path)
{
    char *path = with_path ? strchr(text, ':') : NULL;
    if (with_path && (!path || path[1] == '\0')) {
        message("--output wants FMT:PATH, not '%s'", text);
        return false;
    }
    if (path)
        *path++ = '\0';
    if (options->output_count == OUTPUTS_MAX) {
        message("more than %d reports in one run", OUTPUTS_MAX);
        return false;
    }
    struct output *output = &options->outputs[options->output_count++];
    output->path = path;
    return parse_report_format(options->command, text, &output->format);
}

bool parse_input_format(const char *name, const struct format **format)
{
    const char *names[64] = {"auto"};
    for (size_t i = 0; i < smtpseq_format_count && i < 62; i++)
        names[i + 1] = smtpseq_formats[i].name;
    *format = format_by_name(name);
    return *format || strcmp(name, "auto") == 0 ||
           message_unknown(N_("input format"), name, names, "smtpseq formats");
}

bool parse_rule(const char *name, const struct rule **rule)
{
    const char *names[RULE_COUNT + 1] = {0};
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = smtpseq_rules[i].name;
    *rule = rule_by_name(name);
    return *rule || message_unknown(N_("rule"), name, names, "smtpseq rules");
}

static bool parse_level(const char *name, int *level, bool never_too)
{
    const char *const names[] = {"error", "warning", "note", never_too ? "never" : NULL, NULL};
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (strcmp(name, severity_name((enum severity)i)) == 0) {
            *level = i;
            return true;
        }
    *level = SEVERITY_COUNT;
    return (never_too && strcmp(name, "never") == 0) ||
           message_unknown(N_("level"), name, names, NULL);
}

/* Sets what belongs to each rule of a list. */
static bool parse_rules(bool set[RULE_COUNT], char *list)
{
    char *rest = NULL;
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        const struct rule *rule;
        if (!parse_rule(name, &rule))
            return false;
        set[rule - smtpseq_rules] = true;
    }
    return true;
}

static bool parse_severity(struct options *options, char *text)
{
    char *equals = strchr(text, '=');
    const struct rule *rule;
    int level;
    if (!equals) {
        message("--severity wants RULE=LEVEL, not '%s'", text);
        return false;
    }
    *equals = '\0';
    if (!parse_rule(text, &rule) || !parse_level(equals + 1, &level, false))
        return false;
    options->levels[rule - smtpseq_rules] = level;
    return true;
}

static bool set_color(struct options *options, const char *when)
{
    options->color = strcmp(when, "always") == 0 || (strcmp(when, "auto") == 0 && options->color);
    options->plain = strcmp(when, "never") == 0;
    return true;
}

/* A colour where somebody sees it; NO_COLOR and FORCE_COLOR as elsewhere. */
static bool color_by_default(void)
{
    const char *no_color = getenv("NO_COLOR"), *force = getenv("FORCE_COLOR");
    if (no_color && *no_color)
        return false;
    return (force && *force && strcmp(force, "0") != 0) || isatty(STDOUT_FILENO);
}

/* In a job of GitHub Actions findings become annotations without being asked. */
static const struct report_format *default_format(enum cli_command command)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions && *actions && command == CLI_CHECK ? &github_report
                                                       : command_report_at(command, 0);
}

static bool parse_jobs(struct options *options, const char *text)
{
    char *end;
    long jobs = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || jobs < 1 || jobs > 1024) {
        message("-j wants a number from 1 to 1024, not '%s'", text);
        return false;
    }
    options->jobs = (int)jobs;
    return true;
}

static bool parse_percent(struct options *options, const char *text)
{
    char *end;
    options->fail_under = strtod(text, &end);
    if (*text != '\0' && strcmp(end, "%") == 0)
        end++;
    if (end != text && *end == '\0' && options->fail_under >= 0 && options->fail_under <= 100)
        return true;
    message("--fail-under wants a number from 0 to 100, not '%s'", text);
    return false;
}

static bool parse_time(const char *option, const char *text, struct log_time *time, bool *given)
{
    *given = true;
    if (log_time_parse(text, time))
        return true;
    message("%s wants a time as logs have it (2026-11-30, 2026-11-30T10:00, \"Nov 30 10:00:00\", "
            "10:00), "
            "not '%s'",
            option, text);
    return false;
}

/* Options that say which sessions and rules are asked for. */
static bool take_filter(struct session_filter *filter, int key, const char *value)
{
    filter->active = true;
    switch (key) {
    case KEY_SESSION:
        filter->session = value;
        return true;
    case KEY_PEER:
        filter->peer = value;
        return true;
    case KEY_SINCE:
        return parse_time("--since", value, &filter->since, &filter->has_since);
    default:
        return parse_time("--until", value, &filter->until, &filter->has_until);
    }
}

static bool take_option(struct options *options, int key, char *value)
{
    switch (key) {
    case KEY_FORMAT:
        return add_output(options, value, false);
    case KEY_OUTPUT:
        return add_output(options, value, true);
    case KEY_INPUT:
        options->given.input_format = true;
        return parse_input_format(value, &options->input_format);
    case KEY_SERVER:
        options->given.server = true;
        return servers_add(&options->servers, value);
    case KEY_DISABLE:
        return parse_rules(options->disabled, value);
    case KEY_SEVERITY:
        return parse_severity(options, value);
    case KEY_FAIL_ON:
        options->given.fail_on = true;
        return parse_level(value, &options->fail_on, true);
    case KEY_COLOR:
        return set_color(options, value);
    case KEY_STDIN:
        options->stdin_name = value;
        return true;
    case 'j':
        return parse_jobs(options, value);
    case 'q':
        return options->quiet = true;
    case 'v':
        return options->verbose = true;
    case KEY_SECRETS:
        return options->show_secrets = true;
    case KEY_DOUBTFUL:
        return options->show_doubtful = true;
    case KEY_STATISTICS:
        return options->statistics = true;
    case KEY_UNIQUE:
        return options->unique = true;
    case KEY_FOLLOW:
        return options->all = options->follow = true; /* nothing can be grouped before the end */
    case KEY_EACH:
        return options->each = true;
    case KEY_CONFIG:
        options->config = value;
        return true;
    case KEY_ISOLATED:
        return options->isolated = true;
    case KEY_BASELINE:
        options->baseline = value;
        return true;
    case KEY_WRITE_BASELINE:
        options->write_baseline = value;
        return true;
    case KEY_LISTING_FORMAT:
        options->json = strcmp(value, "json") == 0;
        return true;
    case KEY_RULE:
        options->filter.has_rules = true;
        return parse_rules(options->filter.rules, value);
    case KEY_SESSION:
    case KEY_PEER:
    case KEY_SINCE:
    case KEY_UNTIL:
        return take_filter(&options->filter, key, value);
    case KEY_FAIL_UNDER:
        return parse_percent(options, value);
    case KEY_GROUP:
        return coverage_groups_parse(value, &options->groups);
    case KEY_ALL:
        options->groups = GROUPS_ALL;
        return options->all = true;
    default:
        return false;
    }
}

/* Two reports in one file would be none. */
static bool outputs_differ(const struct options *options)
{
    for (size_t i = 0; i < options->output_count; i++)
        for (size_t k = 0; k < i; k++) {
            const char *path = options->outputs[i].path ? options->outputs[i].path : "-";
            const char *other = options->outputs[k].path ? options->outputs[k].path : "-";
            if (strcmp(path, other) != 0)
                continue;
            message("two reports for %s: write one of them elsewhere with "
                    "--output FMT:PATH",
                    strcmp(path, "-") == 0 ? translate(language(), N_("standard output")) : path);
            return false;
        }
    return true;
}

/* A report that is a document is written at the end, and what it is made of grows until then. */
static bool outputs_can_follow(const struct options *options)
{
    for (size_t i = 0; i < options->output_count && options->follow; i++) {
        const struct report_format *format = options->outputs[i].format;
        if (format->endless)
            continue;
        message("--follow cannot write %s: it is a document that is complete only at its end",
                format->name);
        return false;
    }
    return true;
}

enum parsed options_parse(struct options *options, enum cli_command command, int argc, char *argv[],
                          int *first)
{
    *options = (struct options){
        .command = command,
        .stdin_name = "-",
        .fail_on = SEVERITY_ERROR,
        .color = color_by_default(),
    };
    for (size_t i = 0; i < RULE_COUNT; i++)
        options->levels[i] = LEVEL_AS_FOUND;
    struct option_reader reader;
    option_reader_begin(&reader, command);
    int key;
    while ((key = option_next(&reader, argc, argv)) != OPTION_END) {
        if (key == OPTION_HELP)
            return PARSED_DONE;
        if (key == OPTION_WRONG || !take_option(options, key, optarg))
            return PARSED_WRONG;
    }
    if (options->output_count == 0)
        options->outputs[options->output_count++].format = default_format(command);
    *first = optind;
    bool findings = command == CLI_CHECK || command == CLI_MERGE;
    for (size_t i = 0; i < options->output_count && findings && !options->all; i++)
        if (options->outputs[i].format == &text_report)
            options->outputs[i].format = &text_groups_report;
    if (options->isolated && options->config) {
        message("--isolated and --config cannot be combined");
        return PARSED_WRONG;
    }
    return outputs_differ(options) && outputs_can_follow(options) ? PARSED_RUN : PARSED_WRONG;
}

void options_free(struct options *options)
{
    servers_free(&options->servers);
}
