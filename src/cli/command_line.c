/* command_line.c - the table of commands and options, --help, and reading options by it.
 */
#include "cli/command_line.h"

#include <errno.h>

#include "base/nearest_name.h"
#include "base/utf8.h"
#include "cli/coverage.h"
#include "cli/language.h"
#include "cli/message.h"
#include "report/formats.h"
#include "transcript/recognise/recognise.h"

enum {
    REPORTS = CLI_CHECK | CLI_REPLAY | CLI_FORWARDS,
    RUNS = REPORTS | CLI_COVERAGE,                /* what reads recordings */
    JUDGED = CLI_CHECK | CLI_REPLAY | CLI_CONFIG, /* findings, or what holds for them */
    SETTINGS = RUNS | CLI_CONFIG,
    EVERY = SETTINGS | CLI_EXPLAIN | CLI_RULES | CLI_FORMATS | CLI_SERVERS | CLI_GRAPH |
            CLI_EXPORT | CLI_MERGE
};

static const struct command_row command_rows[] = {
    {CLI_CHECK, "check", "[FILE|DIR|-]...", VALUE_FILE, N_("lint transcripts"),
     N_("Reports SMTP commands that are out of order, and forwarding replies.")},
    {CLI_REPLAY, "replay", "[FILE|DIR|-]...", VALUE_FILE, N_("show every exchange"),
     N_("Shows every exchange: state before, command, reply, state after.")},
    {CLI_FORWARDS, "forwards", "[FILE|DIR|-]...", VALUE_FILE, N_("the 251 and 551 answers"),
     N_("Lists the 251 and 551 replies: recipient, forward path, code, place.")},
    {CLI_COVERAGE, "coverage", "[FILE|DIR|-]...", VALUE_FILE,
     N_("which transitions were exercised"),
     N_("Says which transitions of the protocol the recordings exercised, and which never.")},
    {CLI_MERGE, "merge", "[REPORT|-]...", VALUE_FILE, N_("the reports of several runs as one"),
     N_("Puts together what several runs of check --format=ndjson wrote, into any report of "
        "check; or what\n"
        "runs of coverage --format=json wrote, into one coverage.")},
    {CLI_EXPORT, "export", "[FILE|-]", VALUE_FILE, N_("a recording as a transcript"),
     N_("Writes a recording of any format as a transcript (C: and S:) that reads the "
        "same, without\n"
        "passwords: to be posted with a question, cut to what matters, or played again.")},
    {CLI_EXPLAIN, "explain", "CODE|RULE...", VALUE_RULE, N_("a reply code or a rule"),
     N_("Says what a reply code (251, 5.7.1), a whole reply (\"503 5.5.1 Error: need MAIL\") or a\n"
        "rule (nested-mail, SQ002) means, when one sees it and what to do; of two also what tells\n"
        "them apart, of more a comparison.")},
    {CLI_RULES, "rules", "[RULE...]", VALUE_RULE, N_("the rules"),
     N_("Lists the rules: number, name, severity, whose fault it is, title.")},
    {CLI_FORMATS, "formats", "[FORMAT|FILE...]", VALUE_FORMAT_FILE,
     N_("the formats of transcripts"),
     N_("Lists the formats of recordings and how to record them, or says which format a file "
        "has.")},
    {CLI_SERVERS, "servers", "", VALUE_NONE, N_("the measured servers"),
     N_("The servers that were measured or are documented; what each of them says to each "
        "fault of\n"
        "order; the table of one, in the form in which --server=./FILE reads it.")},
    {CLI_CONFIG, "config", "[FILE|DIR]", VALUE_FILE, N_("the settings in force"),
     N_("Shows what holds for a file (default: for this folder), and where each setting comes "
        "from.")},
    {CLI_GRAPH, "graph", "", VALUE_NONE, N_("the state machine"),
     N_("Prints the state machine, walked from the grammar's own parser.")},
};
#define COMMAND_ROWS (sizeof command_rows / sizeof command_rows[0])

static const char fail_on[] = "error warning note never";

static const struct option_row option_rows[] = {
    {"format", KEY_FORMAT, "FMT", RUNS | CLI_MERGE, VALUE_REPORT, NULL, NULL},
    {"output", KEY_OUTPUT, "FMT:PATH", RUNS | CLI_MERGE, VALUE_REPORT_PATH, NULL,
     N_("write a report to PATH (- is standard output); may be given several times")},
    {"format", KEY_LISTING_FORMAT, "FMT", CLI_CONFIG | CLI_FORMATS, VALUE_WORD, "text json", NULL},
    {"format", KEY_LISTING_FORMAT, "FMT", CLI_RULES, VALUE_WORD, "text json html markdown", NULL},
    {"format", KEY_LISTING_FORMAT, "FMT", CLI_SERVERS, VALUE_WORD, "text markdown json", NULL},
    {"format", KEY_LISTING_FORMAT, "FMT", CLI_EXPLAIN, VALUE_WORD, "text markdown html json", NULL},
    {"format", KEY_LISTING_FORMAT, "FMT", CLI_GRAPH, VALUE_WORD, "dot mermaid svg", NULL},
    {"as", KEY_AS, "FORM", CLI_EXPORT, VALUE_WORD, "transcript ndjson client-script",
     N_("transcript (default), ndjson, client-script (the client's lines alone, for nc)")},
    {"only-findings", KEY_ONLY_FINDINGS, NULL, CLI_EXPORT, VALUE_NONE, NULL,
     N_("only sessions with findings, up to the last of them")},
    {"anonymize", KEY_ANONYMIZE, NULL, CLI_EXPORT, VALUE_NONE, NULL,
     N_("other names, addresses, hosts and texts; the same one for the same")},
    {"minimize", KEY_MINIMIZE, "RULE", CLI_EXPORT, VALUE_RULE, NULL,
     N_("the shortest part of a session that still draws the rule")},
    {"input-format", KEY_INPUT, "NAME", SETTINGS | CLI_EXPORT, VALUE_INPUT_FORMAT, NULL,
     N_("what the recordings are (default auto; smtpseq formats lists them)")},
    {"server", KEY_SERVER, "NAME", JUDGED, VALUE_SERVERS, NULL,
     N_("servers to predict as well (smtpseq servers lists them; a file; all)")},
    {"server", KEY_SERVER, "NAME,...", CLI_SERVERS, VALUE_SERVERS, NULL,
     N_("only these servers (default: all)")},
    {"matrix", KEY_MATRIX, NULL, CLI_SERVERS, VALUE_NONE, NULL,
     N_("what each of them answers to each fault")},
    {"show", KEY_SHOW, "NAME", CLI_SERVERS, VALUE_SERVER, NULL, N_("the table of one server")},
    {"disable", KEY_DISABLE, "RULE,...", JUDGED, VALUE_RULES, NULL,
     N_("rules that are not to be reported")},
    {"severity", KEY_SEVERITY, "RULE=LEVEL", JUDGED, VALUE_RULE_LEVEL, NULL,
     N_("report a rule as error, warning or note")},
    {"fail-on", KEY_FAIL_ON, "LEVEL", JUDGED | CLI_MERGE, VALUE_WORD, fail_on,
     N_("exit with 1 from this level on: error (default), warning, note, never")},
    {"config", KEY_CONFIG, "FILE", SETTINGS, VALUE_FILE, NULL,
     N_("the settings, instead of the nearest smtpseq.ini in or above a file's folder")},
    {"isolated", KEY_ISOLATED, NULL, SETTINGS, VALUE_NONE, NULL, N_("no smtpseq.ini at all")},
    {"baseline", KEY_BASELINE, "FILE", CLI_CHECK, VALUE_FILE, NULL,
     N_("report only what is not in the baseline")},
    {"write-baseline", KEY_WRITE_BASELINE, "FILE", CLI_CHECK, VALUE_FILE, NULL,
     N_("write what is found into a baseline")},
    {"fail-under", KEY_FAIL_UNDER, "PERCENT", CLI_COVERAGE | CLI_MERGE, VALUE_TEXT, NULL,
     N_("exit with 1 when less was exercised")},
    {"group", KEY_GROUP, "NAME,...", CLI_COVERAGE | CLI_MERGE, VALUE_GROUPS, NULL,
     N_("count core, auth, starttls, auth-tls, bdat, other (default: core and what is used)")},
    {"all", KEY_ALL, NULL, CLI_COVERAGE, VALUE_NONE, NULL,
     N_("count every transition, also what is rare or obsolete")},
    {"unique", KEY_UNIQUE, NULL, CLI_FORWARDS, VALUE_NONE, NULL,
     N_("what several sessions say only once, with the first place")},
    {"statistics", KEY_STATISTICS, NULL, CLI_CHECK | CLI_MERGE, VALUE_NONE, NULL,
     N_("count findings by rule, file, peer, client and day; the slowest replies (text, json, "
        "ndjson)")},
    {"all", KEY_ALL, NULL, CLI_CHECK, VALUE_NONE, NULL,
     N_("text: show every finding, not the first ones of each kind")},
    {"all", KEY_ALL, NULL, CLI_MERGE, VALUE_NONE, NULL,
     N_("text: show every finding; of coverage, count every transition")},
    {"session", KEY_SESSION, "N,N-M|NAME", CLI_CHECK | CLI_REPLAY | CLI_EXPORT, VALUE_TEXT, NULL,
     N_("only sessions with these numbers, or with this in their test's name or id")},
    {"peer", KEY_PEER, "ADDRESS", CLI_CHECK | CLI_REPLAY, VALUE_TEXT, NULL,
     N_("only sessions with this in the peer's address")},
    {"since", KEY_SINCE, "TIME", CLI_CHECK | CLI_REPLAY, VALUE_TEXT, NULL,
     N_("only sessions that began at this time of the log or later")},
    {"until", KEY_UNTIL, "TIME", CLI_CHECK | CLI_REPLAY, VALUE_TEXT, NULL,
     N_("only sessions that began before this time")},
    {"rule", KEY_RULE, "RULE,...", CLI_CHECK | CLI_REPLAY, VALUE_RULES, NULL,
     N_("only findings of these rules, replay: only sessions that have one")},
    {"color", KEY_COLOR, "WHEN", RUNS | CLI_MERGE, VALUE_WORD, "auto always never",
     N_("auto (default), always, never")},
    {"stdin-name", KEY_STDIN, "NAME", RUNS, VALUE_TEXT, NULL,
     N_("the name of standard input in reports")},
    {"jobs", 'j', "N", RUNS, VALUE_TEXT, NULL,
     N_("check N files, or pieces of a large one, at once (default: one for each processor)")},
    {"quiet", 'q', NULL, REPORTS | CLI_MERGE, VALUE_NONE, NULL,
     N_("no summary, no remarks on standard error")},
    {"quiet", 'q', NULL, CLI_COVERAGE, VALUE_NONE, NULL,
     N_("text: only what was never exercised; no remarks on standard error")},
    {"verbose", 'v', NULL, RUNS, VALUE_NONE, NULL, N_("say of each file what it was read as")},
    {"verbose", 'v', NULL, CLI_FORMATS, VALUE_NONE, NULL, N_("show an example of each format")},
    {"show-secrets", KEY_SECRETS, NULL, REPORTS | CLI_EXPORT, VALUE_NONE, NULL,
     N_("show passwords, tokens and lines of messages")},
    {"show-doubtful", KEY_DOUBTFUL, NULL, CLI_CHECK, VALUE_NONE, NULL,
     N_("report also what is found in a session that contradicts the way it is read")},
    {"follow", KEY_FOLLOW, NULL, CLI_CHECK, VALUE_NONE, NULL,
     N_("report what is found in a log while it is written (text, gcc, ndjson), up to SIGINT")},
    {"each", KEY_EACH, NULL, CLI_CHECK, VALUE_NONE, NULL,
     N_("report passwords and missing TLS for each session, not once a file")},
    {"lang", KEY_LANG, "LANGUAGE", EVERY, VALUE_WORD, SMTPSEQ_LANGUAGES,
     N_("the language of what people read (default: as LANGUAGE or LANG says)")},
    {"help", 'h', NULL, EVERY, VALUE_NONE, NULL, N_("this text")},
};
#define ROWS (sizeof option_rows / sizeof option_rows[0])
_Static_assert(ROWS <= OPTIONS_MAX, "the reader has room for every option");

/* Where the texts of --help begin, and how far a list goes. */
enum { HELP_COLUMN = 30, HELP_WIDTH = 100, USAGE_COLUMN = 42 };

/* The most words that an option may have: languages, above all. */
enum { WORDS_MAX = 100 };

const struct command_row *command_row_at(size_t index)
{
    return index < COMMAND_ROWS ? &command_rows[index] : NULL;
}

const struct command_row *command_row(enum cli_command command)
{
    size_t i = 0;
    while (command_rows[i].command != command)
        i++;
    return &command_rows[i];
}

const struct option_row *option_row_at(size_t index)
{
    return index < ROWS ? &option_rows[index] : NULL;
}

enum report_subject command_subject(enum cli_command command)
{
    return command & (CLI_CHECK | CLI_MERGE) ? REPORT_FINDINGS
           : command == CLI_REPLAY           ? REPORT_EXCHANGES
           : command == CLI_FORWARDS         ? REPORT_FORWARDS
                                             : REPORT_COVERAGE;
}

/* A format of coverage that has not the name of one of findings. */
static const struct report_format *other_coverage_at(size_t index)
{
    const struct report_format *format = NULL;
    for (size_t i = 0; (format = coverage_format_at(i)) != NULL; i++)
        if (!report_format_by_name(format->name) && index-- == 0)
            return format;
    return NULL;
}

const struct report_format *command_report_at(enum cli_command command, size_t index)
{
    size_t count = 0;
    while (report_format_at(count))
        count++;
    return command == CLI_COVERAGE                  ? coverage_format_at(index)
           : command == CLI_MERGE && index >= count ? other_coverage_at(index - count)
                                                    : report_format_at(index);
}

bool command_report_fits(enum cli_command command, const struct report_format *format)
{
    return command == CLI_COVERAGE || (command == CLI_MERGE && coverage_is_format(format)) ||
           report_fits(format, command_subject(command));
}

/* The report number `index` of those that fit the command. */
static const char *fitting_report_at(enum cli_command command, size_t index)
{
    const struct report_format *format;
    for (size_t i = 0; (format = command_report_at(command, i)) != NULL; i++)
        if (command_report_fits(command, format) && index-- == 0)
            return format->name;
    return NULL;
}

/* The word number `index` of a list with blanks. */
static const char *word_at(const char *words, size_t index, char room[64])
{
    for (; *words; words += strspn(words, " ")) {
        size_t size = strcspn(words, " ");
        if (index-- == 0) {
            snprintf(room, 64, "%.*s", (int)size, words);
            return room;
        }
        words += size;
    }
    return NULL;
}

/* rfc5321 and all come before the tables. */
static const char *server_at(size_t index)
{
    return index == 0 ? "rfc5321" : index == 1 ? "all" : server_sources[index - 2].name;
}

const char *value_name_at(enum value_kind kind, const char *words, enum cli_command command,
                          size_t index, char room[64])
{
    switch (kind) {
    case VALUE_WORD:
        return word_at(words, index, room);
    case VALUE_REPORT:
    case VALUE_REPORT_PATH:
        return fitting_report_at(command, index);
    case VALUE_INPUT_FORMAT:
        return index == 0                      ? "auto"
               : index <= smtpseq_format_count ? smtpseq_formats[index - 1].name
                                               : NULL;
    case VALUE_FORMAT_FILE:
        return index < smtpseq_format_count ? smtpseq_formats[index].name : NULL;
    case VALUE_SERVERS:
        return server_at(index);
    case VALUE_SERVER:
        return server_sources[index].name;
    case VALUE_RULE:
    case VALUE_RULES:
    case VALUE_RULE_LEVEL:
        return index < smtpseq_rule_count ? smtpseq_rules[index].name : NULL;
    case VALUE_GROUPS:
        return index < GROUP_COUNT ? coverage_group_name((enum coverage_group)index) : NULL;
    case VALUE_NONE:
    case VALUE_TEXT:
    case VALUE_FILE:
        break;
    }
    return NULL;
}

void print_usage(FILE *out)
{
    const char *usage = translate(language(), "usage:");
    int indent = (int)utf8_columns(slice_of(usage));
    fprintf(out, "%s\n\n",
            translate(language(),
                      "smtpseq finds SMTP commands that are out of order in recorded sessions."));
    for (size_t i = 0; i < COMMAND_ROWS; i++) {
        const struct command_row *row = &command_rows[i];
        char left[80];
        int width = snprintf(left, sizeof left, translate(language(), "smtpseq %s [options]%s%s"),
                             row->name, row->operands[0] ? " " : "", row->operands);
        if (i == 0)
            fputs(usage, out);
        fprintf(out, "%*s %s%*s  %s\n", i == 0 ? 0 : indent, "", left,
                width < USAGE_COLUMN ? USAGE_COLUMN - width : 0, "",
                translate(language(), row->title));
    }
    fprintf(
        out, "\n%s\n",
        translate(language(), "Every command takes --help. smtpseq --version prints the version."));
}

/* The values of an option, in lines. */
static void print_values(const struct option_row *row, enum cli_command command, FILE *out)
{
    int column = HELP_COLUMN;
    char room[64];
    const char *name;
    for (size_t i = 0; (name = value_name_at(row->value, row->words, command, i, room)); i++) {
        if (i > 0)
            column += fprintf(out, ",");
        if (column + 1 + (int)strlen(name) > HELP_WIDTH)
            column = fprintf(out, "\n%*s", HELP_COLUMN, "") - 1;
        column += fprintf(out, i == 0 ? translate(language(), " %s (default)") : " %s", name);
    }
    putc('\n', out);
}

void print_help(enum cli_command command, FILE *out)
{
    const struct command_row *what = command_row(command);
    fputs(translate(language(), "usage:"), out);
    putc(' ', out);
    fprintf(out, translate(language(), "smtpseq %s [options]%s%s"), what->name,
            what->operands[0] ? " " : "", what->operands);
    fprintf(out, "\n\n%s\n\n", translate(language(), what->what));
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & (int)command))
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->key < 256 ? '-' : ' ',
                 row->key < 256 ? row->key : ' ', row->key < 256 ? "," : " ", row->name,
                 row->argument ? "=" : "", row->argument ? row->argument : "");
        fprintf(out, "  %-28s", left);
        if (row->help)
            fprintf(out, " %s\n", translate(language(), row->help));
        else
            print_values(row, command, out);
    }
    if (command == CLI_COVERAGE)
        fputs(translate(language(), "\nExit status: 0 enough was exercised, 1 less than "
                                    "--fail-under, 2 trouble (usage, a file\nthat cannot be read "
                                    "or holds no SMTP session, a write error).\n"),
              out);
    else if (command & (RUNS | CLI_MERGE))
        fputs(translate(language(), "\nExit status: 0 nothing at or above --fail-on, 1 something "
                                    "was, 2 trouble (usage, a file\nthat cannot be read or holds "
                                    "no SMTP session, a write error).\n"),
              out);
}

void option_reader_begin(struct option_reader *reader, enum cli_command command)
{
    *reader = (struct option_reader){.command = command};
    size_t count = 0;
    char *shorts = reader->shorts;
    *shorts++ = ':'; /* getopt reports a missing value and prints no message itself */
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & (int)command))
            continue;
        reader->longs[count++] = (struct option){
            row->name, row->argument ? required_argument : no_argument, NULL, row->key};
        if (row->key < 256)
            *shorts++ = (char)row->key;
        if (row->key < 256 && row->argument)
            *shorts++ = ':';
    }
    optind = 1;
}

/* Says what is wrong with an option that getopt did not take; the word is still as it was typed. */
static void complain_of_option(enum cli_command command, int key, const char *word)
{
    const char *names[ROWS + 1] = {0};
    const char *command_name = command_row(command)->name;
    char name[64];
    for (size_t i = 0, count = 0; i < ROWS; i++)
        if (option_rows[i].commands & (int)command)
            names[count++] = option_rows[i].name;
    if (key == ':') {
        message("option %s wants a value; see smtpseq %s --help", word, command_name);
    } else if (strncmp(word, "--", 2) == 0 && optopt != 0) {
        message("%.*s takes no value; see smtpseq %s --help", (int)strcspn(word, "="), word,
                command_name);
    } else if (strncmp(word, "--", 2) == 0) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *similar = similar_name(name, names);
        if (similar)
            message("%s has no option --%s; did you mean --%s? See smtpseq %s --help", command_name,
                    name, similar, command_name);
        else
            message("%s has no option --%s; see smtpseq %s --help", command_name, name,
                    command_name);
    } else {
        message("%s has no option -%c; see smtpseq %s --help", command_name, optopt, command_name);
    }
}

/* Returns true if the value of the option is one of its words; else a message is on standard error. */
static bool word_is_known(enum cli_command command, int key)
{
    const struct option_row *row = option_rows;
    while (row->key != key || !(row->commands & (int)command))
        row++;
    if (row->value != VALUE_WORD)
        return true;
    const char *names[WORDS_MAX + 1] = {0};
    char rooms[WORDS_MAX][64];
    for (size_t i = 0; i < WORDS_MAX && (names[i] = word_at(row->words, i, rooms[i])) != NULL; i++)
        if (strcmp(names[i], optarg) == 0)
            return true;
    const char *what = strcmp(row->argument, "FMT") == 0        ? N_("format")
                       : strcmp(row->argument, "LEVEL") == 0    ? N_("level")
                       : strcmp(row->argument, "LANGUAGE") == 0 ? N_("language")
                                                                : row->name;
    return message_unknown(what, optarg, names, NULL);
}

/* --lang: its value is known, and its texts can be read. */
static bool choose_language(enum cli_command command)
{
    if (!word_is_known(command, KEY_LANG))
        return false;
    if (language_choose(optarg))
        return true;
    message("--lang=%s: the texts cannot be read: %s", optarg, error_text(errno));
    return false;
}

int option_next(struct option_reader *reader, int argc, char *argv[])
{
    int key;
    while ((key = getopt_long(argc, argv, reader->shorts, reader->longs, NULL)) == KEY_LANG)
        if (!choose_language(reader->command))
            return OPTION_WRONG;
    if (key == 'h') {
        print_help(reader->command, stdout);
        return OPTION_HELP;
    }
    if (key == '?' || key == ':') {
        complain_of_option(reader->command, key, argv[optind - 1]);
        return OPTION_WRONG;
    }
    return key == -1 || word_is_known(reader->command, key) ? key : OPTION_WRONG;
}
