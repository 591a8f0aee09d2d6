/* main.c - the commands of smtpseq.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json_memory.h"
#include "base/nearest_name.h"
#include "base/string_builder.h"
#include "cli/explain.h"
#include "cli/graph.h"
#include "cli/graphviz.h"
#include "cli/libraries.h"
#include "cli/message.h"
#include "cli/run.h"
#include "cli/same_file.h"
#include "cli/sandbox.h"
#include "cli/servers.h"
#include "cli/show_settings.h"
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
        status = run(&options, argv + first, (size_t)(argc - first));
    options_free(&options);
    return status;
}

static enum cli_status command_check(int argc, char *argv[])
{
    return run_inputs(CLI_CHECK, argc, argv);
}

static enum cli_status command_replay(int argc, char *argv[])
{
    return run_inputs(CLI_REPLAY, argc, argv);
}

static enum cli_status command_forwards(int argc, char *argv[])
{
    return run_inputs(CLI_FORWARDS, argc, argv);
}

static enum cli_status command_coverage(int argc, char *argv[])
{
    return run_inputs(CLI_COVERAGE, argc, argv);
}

/* Commands that list something: text, or an array with --format=json. Moves the operands to
 * argv[1] and after. Returns PARSED_RUN and sets *json. */
static enum parsed parse_listing(int argc, char *argv[], const char *usage, bool *json,
                                 bool *verbose, int *operands)
{
    *json = *verbose = false;
    *operands = 0;
    for (int i = 1; i < argc; i++) {
        if (is_one_of(argv[i], "--help", "-h")) {
            printf("usage: smtpseq %s\n", usage);
            return PARSED_DONE;
        }
        if (strcmp(argv[i], "--format=json") == 0)
            *json = true;
        else if (strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--verbose") == 0)
            *verbose = true;
        else if (strcmp(argv[i], "--format=text") == 0)
            *json = false;
        else if (argv[i][0] != '-' || argv[i][1] == '\0')
            argv[++*operands] = argv[i];
        else {
            message("unknown option %s; usage: smtpseq %s", argv[i], usage);
            return PARSED_WRONG;
        }
    }
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

/* The rules that are named, or all. */
static enum cli_status command_rules(int argc, char *argv[])
{
    bool json, verbose;
    int operands;
    if (argc == 2 && strcmp(argv[1], "--format=html") == 0) {
        html_rules(stdout);
        return CLI_CLEAN;
    }
    enum parsed parsed = parse_listing(argc, argv, "rules [--format=json|html] [RULE...]", &json,
                                       &verbose, &operands);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    const char *known[RULE_COUNT + 1] = {0};
    for (size_t i = 0; i < RULE_COUNT; i++)
        known[i] = smtpseq_rules[i].name;
    for (int i = 1; i <= operands; i++)
        if (!rule_by_name(argv[i]) && !message_unknown("rule", argv[i], known, "smtpseq rules"))
            return CLI_FAILED;
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < smtpseq_rule_count; i++) {
        const struct rule *rule = &smtpseq_rules[i];
        if (!is_named(rule, argv + 1, operands))
            continue;
        if (json)
            json_array_append_new(array, rule_object(rule));
        else
            printf("%s  %-34s %-8s %-10s %s\n", rule->code, rule->name,
                   severity_name(rule->severity), fault_name(rule->fault), rule->title);
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
    fprintf(stderr, ": %s\n", what);
}

/* Prints what one recording is. Returns true if its format is known. */
static bool recognise(const char *path, const char *member, struct source *source)
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
                    status == SMTPSEQ_NO_MEMORY    ? "out of memory"
                    : recording.trouble[0] != '\0' ? recording.trouble
                                                   : strerror(error));
    if (status == SMTPSEQ_NO_MEMORY)
        return false;
    bool known = recording.format && !recording.inferred;
    print_name(stdout, path, member);
    printf(": %s", known ? recording.format->name : "unknown");
    if (recording.learnt[0] && !known) {
        fputs(recording.format ? ", " : ", perhaps ", stdout);
        print_escaped(stdout, slice_of(recording.learnt));
        printf("; %u %% of what looks like SMTP is explained by that", recording.confidence);
    }
    /* What is known by its first octets has no lines that were counted. */
    if (recording.format && !recording.format->family->read_all)
        printf(" (%u commands and %u replies at its beginning%s)", recording.fit.commands,
               recording.fit.replies,
               recording.one_sided      ? ": the client's side only"
               : recording.replies_only ? ": the server's side only"
                                        : "");
    puts("");
    return recording.format != NULL && status != SMTPSEQ_READ_ERROR;
}

/* A file that cannot be opened; its name may be a misspelt format. */
static void complain_of_missing(const char *path, int error)
{
    const char *names[64] = {0};
    for (size_t i = 0; i < smtpseq_format_count && i < 63; i++)
        names[i] = smtpseq_formats[i].name;
    const char *similar = error == ENOENT ? similar_name(path, names) : NULL;
    message("%s: %s%s%s%s", path, strerror(error), similar ? "; did you mean the format '" : "",
            similar ? similar : "", similar ? "'?" : "");
}

/* formats FILE...: what each is, without checking it. */
static enum cli_status recognise_files(char *const files[], int count)
{
    enum cli_status status = CLI_CLEAN;
    for (int i = 0; i < count; i++)
        if (strcmp(files[i], "-") != 0 && !streams_are_apart(files[i], "a recording"))
            return CLI_FAILED;
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
            if (got < 0 || !recognise(files[i], name, members_source(members)))
                status = CLI_FAILED;
        }
        members_close(members);
        if (file && file != stdin)
            fclose(file);
    }
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
    printf("%-16s %s\n    %s\n", format->name, format->program, format->how);
    if (with_example)
        print_example(format->example ? format->example : "(binary)");
}

/* Returns the format of that name, unless there is a file of the same name. */
static const struct format *named_format(const char *name)
{
    return access(name, F_OK) == 0 ? NULL : format_by_name(name);
}

/* What the files are, or the formats: those that are named, or all. */
static enum cli_status command_formats(int argc, char *argv[])
{
    bool json, verbose;
    int operands;
    enum parsed parsed = parse_listing(argc, argv, "formats [-v] [--format=json] [FORMAT|FILE...]",
                                       &json, &verbose, &operands);
    if (parsed != PARSED_RUN)
        return parsed == PARSED_DONE ? CLI_CLEAN : CLI_FAILED;
    int named = 0;
    while (named < operands && named_format(argv[1 + named]))
        named++;
    if (named < operands)
        return recognise_files(argv + 1, operands);
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < smtpseq_format_count; i++) {
        const struct format *format = &smtpseq_formats[i];
        bool wanted = operands == 0;
        for (int k = 1; k <= operands; k++)
            wanted = wanted || format_by_name(argv[k]) == format;
        if (wanted && json)
            json_array_append_new(array, format_object(format));
        else if (wanted)
            print_format(format, verbose || operands > 0);
    }
    return json ? print_array(array) : CLI_CLEAN;
}

/* The state machine as a picture, which Graphviz draws. */
static enum cli_status draw_graph(void)
{
    struct string_builder source;
    char *svg = NULL, trouble[GRAPHVIZ_TROUBLE] = "out of memory";
    enum graphviz_status status = GRAPHVIZ_FAILED;
    if (string_builder_begin(&source))
        graph_print(source.out, false);
    if (string_builder_end(&source))
        status = graphviz_svg(source.text, source.size, &svg, trouble);
    free(source.text);
    if (svg)
        fputs(svg, stdout);
    else
        message("--format=svg: %s%s", trouble,
                status == GRAPHVIZ_ABSENT ? "; --format=dot prints its source" : "");
    free(svg);
    return status == GRAPHVIZ_DONE ? CLI_CLEAN : CLI_FAILED;
}

static enum cli_status command_graph(int argc, char *argv[])
{
    bool mermaid = argc == 2 && strcmp(argv[1], "--format=mermaid") == 0;
    bool dot = argc == 1 || (argc == 2 && strcmp(argv[1], "--format=dot") == 0);
    bool help = argc == 2 && is_one_of(argv[1], "--help", "-h");
    if (argc == 2 && strcmp(argv[1], "--format=svg") == 0)
        return draw_graph();
    if (!mermaid && !dot) {
        fputs("usage: smtpseq graph [--format=dot|mermaid|svg]\n\nPrints the state machine, walked "
              "from the grammar's own parser.\n",
              help ? stdout : stderr);
        return help ? CLI_CLEAN : CLI_FAILED;
    }
    graph_print(stdout, mermaid);
    return CLI_CLEAN;
}

static const struct {
    const char *name;
    enum cli_status (*run)(int argc, char *argv[]);
    const char *usage;
} commands[] = {
    {"check", command_check, "check [options] [FILE|DIR|-]...     lint transcripts"},
    {"replay", command_replay, "replay [options] [FILE|DIR|-]...    show every exchange"},
    {"forwards", command_forwards, "forwards [options] [FILE|DIR|-]...  the 251 and 551 answers"},
    {"coverage", command_coverage,
     "coverage [options] [FILE|DIR|-]...  which transitions were exercised"},
    {"explain", command_explain, "explain [options] CODE|RULE...      a reply code or a rule"},
    {"rules", command_rules, "rules [--format=json] [RULE...]     the rules"},
    {"formats", command_formats, "formats [-v] [FORMAT|FILE...]       the formats of transcripts"},
    {"servers", command_servers, "servers [--show NAME] [--matrix]    the measured servers"},
    {"config", command_config, "config [options] [FILE|DIR]         the settings in force"},
    {"graph", command_graph, "graph [--format=dot|mermaid|svg]    the state machine"},
};
#define COMMANDS_KNOWN (sizeof commands / sizeof commands[0])

void print_usage(FILE *out)
{
    fputs("smtpseq finds SMTP commands that are out of order in recorded sessions.\n\n", out);
    for (size_t i = 0; i < COMMANDS_KNOWN; i++)
        fprintf(out, "%s smtpseq %s\n", i == 0 ? "usage:" : "      ", commands[i].usage);
    fputs("\nEvery command takes --help. smtpseq --version prints the version.\n", out);
}

/* Reports what could not be written to standard output. */
static enum cli_status flush_output(enum cli_status status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    message("standard output: %s", strerror(errno));
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
    const char *names[COMMANDS_KNOWN + 1] = {0};
    for (size_t i = 0; i < COMMANDS_KNOWN; i++)
        names[i] = commands[i].name;
    if (word[0] == '-' && word[1] != '\0')
        message("options come after the command, as in smtpseq check %s; see smtpseq --help", word);
    else if (access(word, F_OK) == 0 || strcmp(word, "-") == 0)
        message("there is no command '%s'; did you mean smtpseq check %s?", word, word);
    else
        message_unknown("command", word, names, NULL);
    return CLI_FAILED;
}

/* Runs the command argv[1]; `help`: with --help instead of its words. */
static enum cli_status run_named(int argc, char *argv[], bool help)
{
    char *with_help[] = {argv[1], "--help", NULL};
    for (size_t i = 0; i < COMMANDS_KNOWN; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return help ? commands[i].run(2, with_help) : commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
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
    bool help = strcmp(argv[1], "help") == 0;
    if (is_one_of(argv[1], "--help", "-h") || (help && argc == 2)) {
        print_usage(stdout);
        return CLI_CLEAN;
    }
    return run_named(argc - help, argv + help, help);
}

int main(int argc, char *argv[])
{
    atexit(on_exit_of_library);
    keep_standard_streams();
    json_set_alloc_funcs(json_memory_allocate, free);
    enum cli_status status = flush_output(run_command(argc, argv));
    finished = true;
    return (int)status;
}
