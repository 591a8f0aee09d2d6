/* main.c - the commands of smtpseq.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json_memory.h"
#include "base/made_text.h"
#include "base/nearest_name.h"
#include "base/string_builder.h"
#include "base/utf8.h"
#include "cli/command_json.h"
#include "cli/explain.h"
#include "cli/export.h"
#include "cli/graph.h"
#include "cli/graphviz.h"
#include "cli/language.h"
#include "cli/libraries.h"
#include "cli/merge.h"
#include "cli/message.h"
#include "cli/result.h"
#include "cli/run.h"
#include "cli/runner_log.h"
#include "cli/same_file.h"
#include "cli/sandbox.h"
#include "cli/servers.h"
#include "cli/show_settings.h"
#include "explain/explain.h"
#include "report/escape.h"
#include "report/html.h"
#include "transcript/recognise/recognise.h"
#include "transcript/source/members.h"

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static enum cli_status run_inputs(enum cli_command command, int argc, char *argv[])
{
    struct options options;
    int first = 0;
    switch (options_parse(&options, command, argc, argv, &first)) {
    case PARSED_DONE:
        return CLI_CLEAN;
    case PARSED_WRONG:
        options_free(&options);
        return CLI_FAILED;
    case PARSED_RUN:
        break;
    }
    enum cli_status status = CLI_FAILED;
    if (first == argc && isatty(STDIN_FILENO))
        print_usage(stderr);
    else
        status = command == CLI_MERGE ? merge(&options, argv + first, (size_t)(argc - first))
                                      : run(&options, argv + first, (size_t)(argc - first));
    options_free(&options);
    return status;
}

/* The arguments of rules, formats and graph. */
struct listing {
    const char *format; /* a word of the table of options */
    bool verbose;
    char **operands;
    int count;
};

static enum parsed parse_listing(enum cli_command command, int argc, char *argv[],
                                 struct listing *listing)
{
    struct option_reader reader;
    int key;
    *listing = (struct listing){.format = "text"};
    option_reader_begin(&reader, command);
    while ((key = option_next(&reader, argc, argv)) != OPTION_END) {
        if (key == OPTION_HELP || key == OPTION_WRONG)
            return key == OPTION_HELP ? PARSED_DONE : PARSED_WRONG;
        if (key == KEY_LISTING_FORMAT)
            listing->format = optarg;
        else
            listing->verbose = true;
    }
    listing->operands = argv + optind;
    listing->count = argc - optind;
    return PARSED_RUN;
}

static enum cli_status print_array(json_t *array)
{
    bool whole = !json_memory_failed() && array;
    if (whole)
        json_dumpf(array, stdout, JSON_INDENT(2)); /* whether it was written is seen at the end */
    json_decref(array);
    puts("");
    if (whole && !json_memory_failed())
        return CLI_CLEAN;
    message("out of memory");
    return CLI_FAILED;
}

static json_t *rule_object(const struct rule *rule)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "code", rule->code, "name",
                     rule->name, "severity", severity_name(rule->severity), "fault",
                     fault_name(rule->fault), "title", rule->title, "what", rule->what, "when",
                     rule->when, "fix", rule->fix, "rfc", rule->rfc);
}

static bool is_named(const struct rule *rule, char *const names[], int count)
{
    for (int i = 0; i < count; i++)
        if (rule_by_name(names[i]) == rule)
            return true;
    return count == 0;
}

/* The texts of each rule, as explain writes them. */
static void print_rule_pages(const struct listing *listing)
{
    const struct page page = {.format = WRITE_MARKDOWN, .language = language()};
    char error[256];
    for (size_t i = 0; i < smtpseq_rule_count; i++)
        if (is_named(&smtpseq_rules[i], listing->operands, listing->count))
            explain(stdout, &smtpseq_rules[i].name, 1, &page, error, sizeof error);
}

static void print_rule(const struct rule *rule)
{
    const char *fault = translate(language(), fault_name(rule->fault));
    int columns = (int)utf8_columns(slice_of(fault));
    printf("%s  %-34s %-8s %s%*s %s\n", rule->code, rule->name, severity_name(rule->severity),
           fault, columns < 10 ? 10 - columns : 0, "", translate(language(), rule->title));
}

/* The rules that are named, or all. */
static enum cli_status command_rules(int argc, char *argv[])
{
    struct listing listing;
    enum parsed parsed = parse_listing(CLI_RULES, argc, argv, &listing);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    const char *known[RULE_COUNT + 1] = {0};
    for (size_t i = 0; i < RULE_COUNT; i++)
        known[i] = smtpseq_rules[i].name;
    for (int i = 0; i < listing.count; i++)
        if (!rule_by_name(listing.operands[i]) &&
            !message_unknown(N_("rule"), listing.operands[i], known, "smtpseq rules"))
            return CLI_FAILED;
    if (strcmp(listing.format, "html") == 0) {
        html_rules(stdout, language());
        return CLI_CLEAN;
    }
    if (strcmp(listing.format, "markdown") == 0) {
        print_rule_pages(&listing);
        return CLI_CLEAN;
    }
    bool json = strcmp(listing.format, "json") == 0;
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < smtpseq_rule_count; i++) {
        const struct rule *rule = &smtpseq_rules[i];
        if (!is_named(rule, listing.operands, listing.count))
            continue;
        if (json)
            json_array_append_new(array, rule_object(rule));
        else
            print_rule(rule);
    }
    return json ? print_array(array) : CLI_CLEAN;
}

/* "archive.zip!session.txt" */
static void print_name(FILE *out, const char *path, const char *member)
{
    print_escaped(out, slice_of(path));
    fputs(member[0] ? "!" : "", out);
    print_escaped(out, slice_of(member));
}

static void complain_of(const char *path, const char *member, const char *what)
{
    fputs("smtpseq: ", stderr);
    print_name(stderr, path, member);
    char text[REMARK_MAX * 2];
    translate_made(text, sizeof text, language(), what);
    fprintf(stderr, ": %s\n", text);
}

/* Prints what one recording is. Returns true if its format is known. */
static bool recognise(FILE *out, const char *path, const char *member, struct source *source)
{
    struct smtpseq_callbacks nothing = {0};
    struct smtpseq_recording recording = {0};
    struct smtpseq_checker *checker = smtpseq_checker_new(&nothing, NULL);
    if (!checker) {
        message_out_of_memory(stderr, path);
        return false;
    }
    enum smtpseq_status status = smtpseq_check(checker, source, NULL, &recording);
    int error = errno;
    smtpseq_checker_free(checker);
    if (status == SMTPSEQ_NO_MEMORY || status == SMTPSEQ_READ_ERROR)
        complain_of(path, member,
                    status == SMTPSEQ_NO_MEMORY    ? N_("out of memory")
                    : recording.trouble[0] != '\0' ? recording.trouble
                                                   : error_text(error));
    if (status == SMTPSEQ_NO_MEMORY)
        return false;
    print_name(out, path, member);
    fputs(": ", out);
    recognition_remark(out, &recording);
    putc('\n', out);
    return recording.format != NULL && status != SMTPSEQ_READ_ERROR;
}

/* A file that cannot be opened; its name may be a misspelt format. */
static void complain_of_missing(const char *path, int error)
{
    const char *names[64] = {0};
    for (size_t i = 0; i < smtpseq_format_count && i < 63; i++)
        names[i] = smtpseq_formats[i].name;
    const char *similar = error == ENOENT ? similar_name(path, names) : NULL;
    if (similar)
        message("%s: %s; did you mean the format '%s'?", path, error_text(error), similar);
    else
        message_at(stderr, path, 0, error_text(error));
}

/* formats FILE...: what each is, without checking it. */
static enum cli_status recognise_files(char *const files[], int count)
{
    enum cli_status status = CLI_CLEAN;
    for (int i = 0; i < count; i++)
        if (strcmp(files[i], "-") != 0 && !streams_are_apart(files[i], N_("a recording")))
            return CLI_FAILED;
    FILE *out = runner_log_stdout();
    if (!out) {
        message("standard output: %s", error_text(errno));
        return CLI_FAILED;
    }
    libraries_load(files, (size_t)count);
    sandbox_enter(files, (size_t)count);
    for (int i = 0; i < count; i++) {
        FILE *file = strcmp(files[i], "-") == 0 ? stdin : fopen(files[i], "rb");
        struct members *members = file ? members_open(fileno(file)) : NULL;
        if (!members) {
            complain_of_missing(files[i], errno);
            status = CLI_FAILED;
        }
        int got;
        while (members && (got = members_next(members)) != 0) {
            const char *name = members_name(members);
            if (got < 0)
                complain_of(files[i], "", members_trouble(members));
            if (got < 0 || !recognise(out, files[i], name, members_source(members)))
                status = CLI_FAILED;
        }
        members_close(members);
        if (file && file != stdin)
            fclose(file);
    }
    if (out != stdout)
        stream_close(out);
    return status;
}

/* An example, indented. */
static void print_example(const char *example)
{
    fputs("    ", stdout);
    for (const char *c = example; *c; c++) {
        putchar(*c);
        if (*c == '\n')
            fputs("    ", stdout);
    }
    putchar('\n');
}

static json_t *format_object(const struct format *format)
{
    return json_pack("{s:s, s:s, s:s, s:s?}", "name", format->name, "program", format->program,
                     "how", format->how, "example", format->example);
}

static void print_format(const struct format *format, bool with_example)
{
    printf("%-16s %s\n    %s\n", format->name, translate(language(), format->program),
           translate(language(), format->how));
    if (with_example)
        print_example(format->example ? format->example : translate(language(), "(binary)"));
}

/* Returns the format of that name, unless there is a file of the same name. */
static const struct format *named_format(const char *name)
{
    return access(name, F_OK) == 0 ? NULL : format_by_name(name);
}

/* Prints the formats of files, or lists formats: the named ones, or all. */
static enum cli_status command_formats(int argc, char *argv[])
{
    struct listing listing;
    enum parsed parsed = parse_listing(CLI_FORMATS, argc, argv, &listing);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    int named = 0;
    while (named < listing.count && named_format(listing.operands[named]))
        named++;
    if (named < listing.count)
        return recognise_files(listing.operands, listing.count);
    bool json = strcmp(listing.format, "json") == 0;
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        bool wanted = named == 0;
        for (int k = 0; k < named; k++)
            wanted = wanted || format_by_name(listing.operands[k]) == format;
        if (wanted && json)
            json_array_append_new(array, format_object(format));
        else if (wanted)
            print_format(format, listing.verbose || named > 0);
    }
    return json ? print_array(array) : CLI_CLEAN;
}

/* The state machine as a picture, which Graphviz draws. */
static enum cli_status draw_graph(void)
{
    struct string_builder source;
    char *svg = NULL, trouble[GRAPHVIZ_TROUBLE];
    snprintf(trouble, sizeof trouble, N_("out of memory"));
    enum graphviz_status status = GRAPHVIZ_FAILED;
    if (string_builder_begin(&source))
        graph_print(source.out, false);
    if (string_builder_end(&source))
        status = graphviz_svg(source.text, source.size, &svg, trouble);
    free(source.text);
    if (svg)
        fputs(svg, stdout);
    else
        graph_complain(status, trouble);
    free(svg);
    return status == GRAPHVIZ_DONE ? CLI_CLEAN : CLI_FAILED;
}

static enum cli_status command_graph(int argc, char *argv[])
{
    struct listing listing;
    enum parsed parsed = parse_listing(CLI_GRAPH, argc, argv, &listing);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    if (listing.count > 0) {
        message("graph reads no file; see smtpseq graph --help");
        return CLI_FAILED;
    }
    if (strcmp(listing.format, "svg") == 0)
        return draw_graph();
    graph_print(stdout, strcmp(listing.format, "mermaid") == 0);
    return CLI_CLEAN;
}

static enum cli_status run_named(enum cli_command command, int argc, char *argv[])
{
    switch (command) {
    case CLI_CHECK:
    case CLI_REPLAY:
    case CLI_FORWARDS:
    case CLI_COVERAGE:
    case CLI_MERGE:
        return run_inputs(command, argc, argv);
    case CLI_EXPLAIN:
        return command_explain(argc, argv);
    case CLI_RULES:
        return command_rules(argc, argv);
    case CLI_FORMATS:
        return command_formats(argc, argv);
    case CLI_SERVERS:
        return command_servers(argc, argv);
    case CLI_CONFIG:
        return command_config(argc, argv);
    case CLI_EXPORT:
        return command_export(argc, argv);
    case CLI_GRAPH:
        return command_graph(argc, argv);
    }
    return CLI_FAILED;
}

/* Reports what could not be written to standard output. */
static enum cli_status flush_output(enum cli_status status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    message("standard output: %s", error_text(errno));
    return CLI_FAILED;
}

static bool finished;

/* libarchive ends the program in places when out of memory, with a status that means something
 * else. */
static void on_exit_of_library(void)
{
    if (!finished)
        _exit(CLI_FAILED);
}

/* If descriptor 0, 1 or 2 is closed, the next open() would get its number. Occupy it with a descriptor
 * that fails on use. */
static void keep_standard_streams(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Says what may have been meant by a word that is no command. */
static enum cli_status unknown_command(const char *word)
{
    const char *names[16] = {0};
    for (size_t i = 0; command_row_at(i) && i < 15; i++)
        names[i] = command_row_at(i)->name;
    if (word[0] == '-' && word[1] != '\0')
        message("options come after the command, as in smtpseq check %s; see smtpseq --help", word);
    else if (access(word, F_OK) == 0 || strcmp(word, "-") == 0)
        message("there is no command '%s'; did you mean smtpseq check %s?", word, word);
    else
        message_unknown(N_("command"), word, names, NULL);
    return CLI_FAILED;
}

static const struct command_row *command_by_name(const char *name)
{
    const struct command_row *row = NULL;
    for (size_t i = 0; (row = command_row_at(i)) != NULL && strcmp(row->name, name) != 0; i++)
        ;
    return row;
}

/* smtpseq help [COMMAND]; with --format=json the table of the command line, for completions and manuals. */
static enum cli_status help(const char *word)
{
    const struct command_row *row = word ? command_by_name(word) : NULL;
    if (word && strcmp(word, "--format=json") == 0)
        return print_array(command_line_json());
    if (word && !row)
        return unknown_command(word);
    if (row)
        print_help(row->command, stdout);
    else
        print_usage(stdout);
    return CLI_CLEAN;
}

static enum cli_status run_command(int argc, char *argv[])
{
    if (argc < 2) {
        print_usage(stderr);
        return CLI_FAILED;
    }
    if (is_one_of(argv[1], "--version", "-V")) {
        printf("smtpseq %s\n", SMTPSEQ_VERSION);
        return CLI_CLEAN;
    }
    if (is_one_of(argv[1], "--help", "-h"))
        return help(NULL);
    if (strcmp(argv[1], "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    const struct command_row *row = command_by_name(argv[1]);
    return row ? run_named(row->command, argc - 1, argv + 1) : unknown_command(argv[1]);
}

int main(int argc, char *argv[])
{
    atexit(on_exit_of_library);
    keep_standard_streams();
    json_set_alloc_funcs(json_memory_allocate, free);
    language_from_environment();
    enum cli_status status = flush_output(run_command(argc, argv));
    language_end();
    finished = true;
    return (int)status;
}
