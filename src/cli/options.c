/* options.c - parsing and --help from one table of options.
 */
#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/nearest_name.h"
#include "cli/coverage.h"
#include "cli/message.h"
#include "report/formats.h"
#include "transcript/recognise/recognise.h"

enum { REPORTS = CLI_CHECK | CLI_REPLAY | CLI_FORWARDS, ALL = REPORTS | CLI_COVERAGE };

struct option_row {
    const char *name;
    int key;              /* the letter, or a number from 256 */
    const char *argument; /* NULL: none */
    int commands;
    const char *help;
};

/* What is judged: findings, or what holds for them. */
enum { JUDGED = CLI_CHECK | CLI_REPLAY | CLI_CONFIG };

enum {
    KEY_FORMAT = 256,
    KEY_OUTPUT,
    KEY_INPUT,
    KEY_SERVER,
    KEY_DISABLE,
    KEY_SEVERITY,
    KEY_FAIL_ON,
    KEY_COLOR,
    KEY_STDIN,
    KEY_SECRETS,
    KEY_CONFIG,
    KEY_ISOLATED,
    KEY_BASELINE,
    KEY_WRITE_BASELINE,
    KEY_CONFIG_FORMAT,
    KEY_FAIL_UNDER,
    KEY_GROUP,
    KEY_EACH,
    KEY_DOUBTFUL,
    KEY_ALL
};

static const struct option_row rows[] = {
    {"format", KEY_FORMAT, "FMT", ALL, NULL}, /* its help is the list of the formats */
    {"output", KEY_OUTPUT, "FMT:PATH", ALL,
     "write a report to PATH (- is standard output); may be given several times"},
    {"format", KEY_CONFIG_FORMAT, "FMT", CLI_CONFIG, "text (default), json"},
    {"input-format", KEY_INPUT, "NAME", ALL | CLI_CONFIG,
     "what the recordings are (default auto; smtpseq "
     "formats lists them)"},
    {"server", KEY_SERVER, "NAME", JUDGED,
     "servers to predict as well (smtpseq servers lists them; a file; all)"},
    {"disable", KEY_DISABLE, "RULE,...", JUDGED, "rules that are not to be reported"},
    {"severity", KEY_SEVERITY, "RULE=LEVEL", JUDGED, "report a rule as error, warning or note"},
    {"fail-on", KEY_FAIL_ON, "LEVEL", JUDGED,
     "exit with 1 from this level on: error (default), warning, note, never"},
    {"config", KEY_CONFIG, "FILE", ALL | CLI_CONFIG,
     "the settings, instead of the nearest smtpseq.ini in or above a file's folder"},
    {"isolated", KEY_ISOLATED, NULL, ALL | CLI_CONFIG, "no smtpseq.ini at all"},
    {"baseline", KEY_BASELINE, "FILE", CLI_CHECK, "report only what is not in the baseline"},
    {"write-baseline", KEY_WRITE_BASELINE, "FILE", CLI_CHECK,
     "write what is found into a baseline"},
    {"fail-under", KEY_FAIL_UNDER, "PERCENT", CLI_COVERAGE, "exit with 1 when less was exercised"},
    {"group", KEY_GROUP, "NAME,...", CLI_COVERAGE,
     "count core, auth, starttls, auth-tls, bdat, other (default: core and what is used)"},
    {"all", KEY_ALL, NULL, CLI_COVERAGE, "count every transition, also what is rare or obsolete"},
    {"color", KEY_COLOR, "WHEN", ALL, "auto (default), always, never"},
    {"stdin-name", KEY_STDIN, "NAME", ALL, "the name of standard input in reports"},
    {"jobs", 'j', "N", ALL, "check N files at once (default: as many as there are processors)"},
    {"quiet", 'q', NULL, REPORTS, "no summary, no remarks on standard error"},
    {"quiet", 'q', NULL, CLI_COVERAGE,
     "text: only what was never exercised; no remarks on standard error"},
    {"verbose", 'v', NULL, ALL, "say of each file what it was read as"},
    {"show-secrets", KEY_SECRETS, NULL, REPORTS, "show passwords, tokens and lines of messages"},
    {"show-doubtful", KEY_DOUBTFUL, NULL, CLI_CHECK,
     "report also what is found in a session that contradicts the way it is read"},
    {"each", KEY_EACH, NULL, CLI_CHECK,
     "report passwords and missing TLS for each session, not once a file"},
    {"help", 'h', NULL, ALL | CLI_CONFIG, "this text"},
};
#define ROWS (sizeof rows / sizeof rows[0])

/* Where the texts of --help begin, and how far a list goes. */
enum { HELP_COLUMN = 30, HELP_WIDTH = 100 };

static const char *command_word(enum cli_command command)
{
    return command == CLI_CHECK      ? "check"
           : command == CLI_REPLAY   ? "replay"
           : command == CLI_FORWARDS ? "forwards"
           : command == CLI_CONFIG   ? "config"
                                     : "coverage";
}

enum report_subject command_subject(enum cli_command command)
{
    return command == CLI_CHECK      ? REPORT_FINDINGS
           : command == CLI_REPLAY   ? REPORT_EXCHANGES
           : command == CLI_FORWARDS ? REPORT_FORWARDS
                                     : REPORT_COVERAGE;
}

/* The formats of the command, some of which may not fit it; NULL after the last. */
static const struct report_format *format_at(enum cli_command command, size_t index)
{
    return command == CLI_COVERAGE ? coverage_format_at(index) : report_format_at(index);
}

/* The formats that fit the command, in lines. */
static void print_formats(enum cli_command command)
{
    int column = HELP_COLUMN;
    for (size_t i = 0; format_at(command, i); i++) {
        const struct report_format *format = format_at(command, i);
        if (command != CLI_COVERAGE && !report_fits(format, command_subject(command)))
            continue;
        if (i > 0)
            column += printf(",");
        if (column + 1 + (int)strlen(format->name) > HELP_WIDTH)
            column = printf("\n%*s", HELP_COLUMN, "") - 1;
        column += printf(" %s%s", format->name, i == 0 ? " (default)" : "");
    }
    putchar('\n');
}

static void print_help(enum cli_command command)
{
    static const char *const what[] = {
        [CLI_CHECK] = "Reports SMTP commands that are out of order, and forwarding replies.",
        [CLI_REPLAY] = "Shows every exchange: state before, command, reply, state after.",
        [CLI_FORWARDS] = "Lists the 251 and 551 replies: recipient, forward path, code, place.",
        [CLI_CONFIG] =
            "Shows what holds for a file (default: for this folder), and where each setting "
            "comes from.",
        [CLI_COVERAGE] =
            "Says which transitions of the protocol the recordings exercised, and which "
            "never.",
    };
    printf("usage: smtpseq %s [options] [FILE|DIR%s\n\n%s\n\n", command_word(command),
           command == CLI_CONFIG ? "]" : "|-]...", what[command]);
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].commands & (int)command))
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", rows[i].key < 256 ? '-' : ' ',
                 rows[i].key < 256 ? rows[i].key : ' ', rows[i].key < 256 ? "," : " ", rows[i].name,
                 rows[i].argument ? "=" : "", rows[i].argument ? rows[i].argument : "");
        printf("  %-28s", left);
        if (rows[i].help)
            printf(" %s\n", rows[i].help);
        else
            print_formats(command);
    }
    if (command == CLI_CONFIG)
        return;
    printf("\nExit status: 0 %s, 2 trouble (usage, a file\nthat cannot be read or holds no SMTP "
           "session, a write error).\n",
           command == CLI_COVERAGE ? "enough was exercised, 1 less than --fail-under"
                                   : "nothing at or above --fail-on, 1 something was");
}

static bool parse_report_format(enum cli_command command, const char *name,
                                const struct report_format **format)
{
    const char *names[OUTPUTS_MAX] = {0};
    size_t count = 0;
    *format = NULL;
    for (size_t i = 0; format_at(command, i) && count + 1 < OUTPUTS_MAX; i++) {
        const struct report_format *known = format_at(command, i);
        if (command == CLI_COVERAGE || report_fits(known, command_subject(command)))
            names[count++] = known->name;
        if (strcmp(known->name, name) == 0)
            *format = known;
    }
    return *format || message_unknown("format", name, names, NULL);
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

static bool parse_input_format(struct options *options, const char *name)
{
    const char *names[64] = {"auto"};
    for (size_t i = 0; i < smtpseq_format_count && i < 62; i++)
        names[i + 1] = smtpseq_formats[i].name;
    options->input_format = format_by_name(name);
    return options->input_format || strcmp(name, "auto") == 0 ||
           message_unknown("input format", name, names, "smtpseq formats");
}

static bool parse_rule(const char *name, size_t *index)
{
    const char *names[RULE_COUNT + 1] = {0};
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = smtpseq_rules[i].name;
    const struct rule *rule = rule_by_name(name);
    if (!rule)
        return message_unknown("rule", name, names, "smtpseq rules");
    *index = (size_t)(rule - smtpseq_rules);
    return true;
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
    return (never_too && strcmp(name, "never") == 0) || message_unknown("level", name, names, NULL);
}

static bool parse_disable(struct options *options, char *list)
{
    char *rest = NULL;
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        size_t index;
        if (!parse_rule(name, &index))
            return false;
        options->disabled[index] = true;
    }
    return true;
}

static bool parse_severity(struct options *options, char *text)
{
    char *equals = strchr(text, '=');
    size_t index;
    int level;
    if (!equals) {
        message("--severity wants RULE=LEVEL, not '%s'", text);
        return false;
    }
    *equals = '\0';
    if (!parse_rule(text, &index) || !parse_level(equals + 1, &level, false))
        return false;
    options->levels[index] = level;
    return true;
}

static bool parse_color(struct options *options, const char *when)
{
    const char *const names[] = {"auto", "always", "never", NULL};
    if (strcmp(when, "auto") == 0)
        return true;
    options->color = strcmp(when, "always") == 0;
    options->plain = !options->color;
    return options->color || strcmp(when, "never") == 0 ||
           message_unknown("color", when, names, NULL);
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
    return actions && *actions && command == CLI_CHECK ? &github_report : format_at(command, 0);
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

static bool parse_config_format(struct options *options, const char *name)
{
    const char *const names[] = {"text", "json", NULL};
    options->json = strcmp(name, "json") == 0;
    return options->json || strcmp(name, "text") == 0 ||
           message_unknown("format", name, names, NULL);
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

static bool take_option(struct options *options, int key, char *value)
{
    switch (key) {
    case KEY_FORMAT:
        return add_output(options, value, false);
    case KEY_OUTPUT:
        return add_output(options, value, true);
    case KEY_INPUT:
        options->given.input_format = true;
        return parse_input_format(options, value);
    case KEY_SERVER:
        options->given.server = true;
        return servers_add(&options->servers, value);
    case KEY_DISABLE:
        return parse_disable(options, value);
    case KEY_SEVERITY:
        return parse_severity(options, value);
    case KEY_FAIL_ON:
        options->given.fail_on = true;
        return parse_level(value, &options->fail_on, true);
    case KEY_COLOR:
        return parse_color(options, value);
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
    case KEY_CONFIG_FORMAT:
        return parse_config_format(options, value);
    case KEY_FAIL_UNDER:
        return parse_percent(options, value);
    case KEY_GROUP:
        return coverage_groups_parse(value, &options->groups);
    case KEY_ALL:
        options->groups = GROUPS_ALL;
        return true;
    default:
        return false;
    }
}

/* Says what is wrong with an option that getopt did not take; the word is still as it was typed. */
static void complain_of_option(enum cli_command command, int key, const char *word)
{
    const char *names[ROWS + 1] = {0};
    char name[64];
    for (size_t i = 0, count = 0; i < ROWS; i++)
        if (rows[i].commands & (int)command)
            names[count++] = rows[i].name;
    if (key == ':') {
        message("option %s wants a value; see smtpseq %s --help", word, command_word(command));
    } else if (strncmp(word, "--", 2) == 0 && optopt != 0) {
        message("%.*s takes no value; see smtpseq %s --help", (int)strcspn(word, "="), word,
                command_word(command));
    } else if (strncmp(word, "--", 2) == 0) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *similar = similar_name(name, names);
        message("%s has no option --%s; %s%s%s smtpseq %s --help", command_word(command), name,
                similar ? "did you mean --" : "", similar ? similar : "", similar ? "? See" : "see",
                command_word(command));
    } else {
        message("%s has no option -%c; see smtpseq %s --help", command_word(command), optopt,
                command_word(command));
    }
}

/* getopt's tables, for the options of one command. */
static void build_tables(enum cli_command command, struct option longs[ROWS + 1], char *shorts)
{
    size_t count = 0;
    *shorts++ = ':'; /* getopt reports a missing value and prints no message itself */
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].commands & (int)command))
            continue;
        longs[count++] = (struct option){
            rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, rows[i].key};
        if (rows[i].key < 256)
            *shorts++ = (char)rows[i].key;
        if (rows[i].key < 256 && rows[i].argument)
            *shorts++ = ':';
    }
    longs[count] = (struct option){0};
    *shorts = '\0';
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
                    strcmp(path, "-") == 0 ? "standard output" : path);
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
    struct option longs[ROWS + 1];
    char shorts[2 * ROWS + 2];
    build_tables(command, longs, shorts);
    optind = 1;
    int key;
    while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (key == 'h') {
            print_help(command);
            return PARSED_DONE;
        }
        if (key == '?' || key == ':') {
            complain_of_option(command, key, argv[optind - 1]);
            return PARSED_WRONG;
        }
        if (!take_option(options, key, optarg))
            return PARSED_WRONG;
    }
    if (options->output_count == 0)
        options->outputs[options->output_count++].format = default_format(command);
    *first = optind;
    if (options->isolated && options->config) {
        message("--isolated and --config cannot be combined");
        return PARSED_WRONG;
    }
    return outputs_differ(options) ? PARSED_RUN : PARSED_WRONG;
}

void options_free(struct options *options)
{
    servers_free(&options->servers);
}
