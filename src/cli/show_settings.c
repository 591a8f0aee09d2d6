/* show_settings.c - lists every setting with its value and its source, as text or as JSON.
 */
#include "cli/show_settings.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json_memory.h"
#include "base/string_builder.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "cli/same_file.h"
#include "cli/settings.h"
#include "report/escape.h"
#include "report/json_value.h"

/* The file or folder that the command asks about. */
struct question {
    const char *operand;
    bool about_folder;
    char *folder;   /* where to look for the file of settings; from the root */
    char *full;     /* the file; NULL: a folder is asked about */
    char *relative; /* the same, from the folder of the settings; NULL: none */
    struct settings settings;
};

/* The answer, setting by setting. */
struct listing {
    const struct question *question;
    bool json;
    json_t *array; /* NULL: out of memory */
    bool failed;
};

static const char *source_name(const struct setting_source *source)
{
    return source->command_line ? N_("command line") : source->line > 0 ? "file" : N_("default");
}

/* "smtpseq.ini:4" */
static void print_place(const struct settings_file *file, unsigned line)
{
    print_escaped(stdout, slice_of(file->path));
    printf(":%u", line);
}

static void list_row(struct listing *listing, const char *name, const char *value,
                     struct setting_source source)
{
    const struct settings_file *file = listing->question->settings.file;
    if (listing->json) {
        json_t *object = json_pack(
            "{s:s, s:o, s:s, s:o, s:o}", "name", name, "value", json_text(slice_of(value)), "from",
            source_name(&source), "line", source.line > 0 ? json_integer(source.line) : json_null(),
            "patterns", source.where ? json_text(slice_of(source.where)) : json_null());
        json_append(&listing->array, object);
        return;
    }
    printf("%-34s ", name);
    size_t width = print_escaped(stdout, slice_of(value));
    printf("%*s ", width < 13 ? (int)(13 - width) : 0, "");
    if (source.line > 0)
        print_place(file, source.line);
    else
        fputs(translate(language(), source_name(&source)), stdout);
    if (source.where)
        say(stdout, ", for %s", source.where);
    putchar('\n');
}

static const char *level_text(int level, const struct rule *rule)
{
    return level == LEVEL_OFF        ? "off"
           : level == SEVERITY_COUNT ? "never"
           : level == LEVEL_AS_FOUND ? severity_name(rule->severity)
                                     : severity_name((enum severity)level);
}

/* "rfc5321, postfix"; owned by the caller. */
static char *servers_text(const struct server_set *servers)
{
    struct string_builder text;
    if (!string_builder_begin(&text))
        return NULL;
    bool strict = servers->strict || servers->count == 0;
    fputs(strict ? "rfc5321" : "", text.out);
    for (size_t i = 0; i < servers->count; i++)
        fprintf(text.out, "%s%s", strict || i > 0 ? ", " : "", servers->tables[i]->name);
    string_builder_end(&text);
    return text.text;
}

/* For a folder: settings that apply to some of the files in it. */
static void list_patterns(struct listing *listing)
{
    const struct settings *settings = &listing->question->settings;
    const struct config *config = &settings->file->config;
    for (size_t i = 0; i < config->format_count && !settings->format_source.command_line; i++) {
        const struct config_format *format = &config->formats[i];
        list_row(listing, "input-format", format->format ? format->format->name : "auto",
                 (struct setting_source){false, format->line, format->where.text});
    }
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct config_rule *set = &config->rules[i];
        const struct rule *rule = &smtpseq_rules[set->rule];
        if (set->section != SIZE_MAX && !settings->level_sources[set->rule].command_line)
            list_row(
                listing, rule->name, level_text(set->level, rule),
                (struct setting_source){false, set->line, config->sections[set->section].text});
    }
}

static void list_settings(struct listing *listing)
{
    const struct question *question = listing->question;
    const struct settings *settings = &question->settings;
    char *servers = servers_text(settings->servers);
    listing->failed = !servers;
    list_row(listing, "fail-on", level_text(settings->fail_on, NULL), settings->fail_on_source);
    list_row(listing, "servers", servers ? servers : "", settings->servers_source);
    list_row(listing, "input-format",
             settings->input_format ? settings->input_format->name : "auto",
             settings->format_source);
    for (size_t i = 0; i < RULE_COUNT; i++)
        list_row(listing, smtpseq_rules[i].name, level_text(settings->levels[i], &smtpseq_rules[i]),
                 settings->level_sources[i]);
    if (settings->file && !question->full)
        list_patterns(listing);
    free(servers);
}

/* Returns true if an entry of [allow] applies to what is asked about. */
static bool concerns(const struct question *question, const struct config_allow *allow)
{
    struct recorded recorded = {.file = slice_of(question->relative)};
    return !question->full || patterns_match(&allow->where, &recorded);
}

static void print_allow(const struct settings_file *file, const struct config_allow *allow)
{
    if (allow->text)
        say(stdout, "allow %s in %s with \"%s\"", smtpseq_rules[allow->rule].name,
            allow->where.text, allow->text);
    else
        say(stdout, "allow %s in %s", smtpseq_rules[allow->rule].name, allow->where.text);
    fputs(" (", stdout);
    print_place(file, allow->line);
    fputs("): ", stdout);
    print_escaped(stdout, slice_of(allow->reason));
    putchar('\n');
}

static json_t *allow_object(const struct config_allow *allow)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:I}", "rule", smtpseq_rules[allow->rule].name, "files",
                     json_text(slice_of(allow->where.text)), "text",
                     allow->text ? json_text(slice_of(allow->text)) : json_null(), "reason",
                     json_text(slice_of(allow->reason)), "line", (json_int_t)allow->line);
}

static bool print_text(const struct question *question)
{
    const struct settings_file *file = question->settings.file;
    struct listing listing = {.question = question};
    printf("%-34s ", translate(language(), "settings"));
    print_escaped(stdout, slice_of(file ? file->path : translate(language(), "none")));
    putchar('\n');
    list_settings(&listing);
    for (size_t i = 0; file && i < file->config.allow_count; i++)
        if (concerns(question, &file->config.allows[i]))
            print_allow(file, &file->config.allows[i]);
    return !listing.failed;
}

static bool print_json(const struct question *question)
{
    const struct settings_file *file = question->settings.file;
    struct listing listing = {.question = question, .json = true, .array = json_array()};
    json_t *allows = json_array();
    list_settings(&listing);
    for (size_t i = 0; file && i < file->config.allow_count; i++)
        if (concerns(question, &file->config.allows[i]))
            json_append(&allows, allow_object(&file->config.allows[i]));
    json_t *document =
        json_pack("{s:o, s:o, s:o, s:o}", "path", json_text(slice_of(question->operand)), "file",
                  file ? json_text(slice_of(file->path)) : json_null(), "settings", listing.array,
                  "allow", allows);
    bool done = document && !listing.failed &&
                json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    putchar('\n');
    json_decref(document);
    return done && !json_memory_failed();
}

/* Finds out what is asked about, and what holds for it. False when out of memory. */
static bool ask(struct question *question, struct settings_files *files,
                const struct options *options)
{
    struct settings_file *file = NULL;
    if (question->about_folder) {
        question->folder = realpath(question->operand, NULL);
    } else {
        question->full = path_from_root(question->operand);
        question->folder = question->full ? path_folder(question->full) : NULL;
    }
    if (!question->folder || !settings_find(files, question->folder, &file))
        return false;
    if (file && question->full &&
        !(question->relative = path_relative(question->full, file->folder)))
        return false;
    struct recorded recorded = {.file = slice_of(question->relative)};
    settings_of(&question->settings, options, file, &recorded);
    return true;
}

static enum cli_status answer(const struct options *options, const char *operand)
{
    struct stat about;
    bool there = stat(operand, &about) == 0;
    struct question question = {.operand = operand,
                                .about_folder = there && S_ISDIR(about.st_mode)};
    struct settings_files files;
    enum cli_status status = CLI_FAILED;
    if (!there && errno != ENOENT) { /* of a file that is yet to come, too, something holds */
        message_at(stderr, operand, 0, error_text(errno));
        return CLI_FAILED;
    }
    if (settings_files_open(&files, options)) {
        bool asked = ask(&question, &files, options);
        const struct settings_file *file = question.settings.file;
        bool usable =
            !asked || !file || (!file->broken && streams_are_apart(file->path, N_("settings")));
        bool done = asked && usable && (options->json ? print_json : print_text)(&question);
        if (done)
            status = CLI_CLEAN;
        else if (usable)
            message("out of memory");
    }
    free(question.folder);
    free(question.full);
    free(question.relative);
    settings_files_close(&files);
    return status;
}

enum cli_status command_config(int argc, char *argv[])
{
    struct options options;
    int first = 0;
    enum cli_status status = CLI_FAILED;
    enum parsed parsed = options_parse(&options, CLI_CONFIG, argc, argv, &first);
    if (parsed == PARSED_DONE)
        return CLI_CLEAN;
    if (parsed == PARSED_RUN && first + 1 < argc)
        message("config takes one file or folder");
    else if (parsed == PARSED_RUN)
        status = answer(&options, first < argc ? argv[first] : ".");
    options_free(&options);
    return status;
}
