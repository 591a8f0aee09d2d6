/* config.c - reads and checks the sections and settings of smtpseq.ini.
 */
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/made_text.h"
#include "base/nearest_name.h"
#include "base/translated_format.h"
#include "config/ini_lines.h"
#include "config/words.h"
#include "session/server_table.h"
#include "transcript/recognise/recognise.h"

enum section {
    SECTION_NONE,
    SECTION_CHECK,
    SECTION_RULES,
    SECTION_FORMATS,
    SECTION_ALLOW,
    SECTION_UNKNOWN
};

/* The file that is being read. */
struct reading {
    struct config *config;
    const struct catalogue *language; /* of its errors */
    enum section section;
    size_t where; /* [rules]: index of config.sections, SIZE_MAX: none */
    bool no_memory;
};

static const char *const section_names[] = {"check", "rules", "formats", "allow", NULL};
static const char *const check_names[] = {"fail-on", "servers", NULL};

/* Adds an error; NULL when there are enough. */
static struct config_error *add_error(struct reading *reading, unsigned line)
{
    struct config *config = reading->config;
    if (config->error_count == CONFIG_ERRORS_MAX)
        return NULL;
    struct config_error *error = &config->errors[config->error_count++];
    error->line = line;
    return error;
}

/* Adds an error in the language of the reading; a long message is cut. */
static void config_complain(struct reading *reading, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void config_complain(struct reading *reading, unsigned line, const char *format, ...)
{
    struct config_error *error = add_error(reading, line);
    va_list arguments;
    va_start(arguments, format);
    if (error)
        print_translated(error->message, sizeof error->message, reading->language, format,
                         arguments);
    va_end(arguments);
}

/* The same of a text that has no values, or is made of English. */
static void complain_of(struct reading *reading, unsigned line, const char *text)
{
    struct config_error *error = add_error(reading, line);
    if (error)
        translate_made(error->message, sizeof error->message, reading->language, text);
}

static void unknown(struct reading *reading, unsigned line, const char *what, const char *word,
                    const char *const names[])
{
    config_complain(reading, line, "%-s '%.80s' is not known; did you mean '%s'?", what, word,
                    nearest_name(word, names));
}

/* Returns the list with room for one more; its size doubles. Returns NULL when out of memory;
 * the list is unchanged then. */
static void *list_grow(void *list, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return list; /* not a power of two: there is room */
    return reallocarray(list, count ? count * 2 : 1, size);
}

/* Adds a cleared element to the list and points `element` at it; at NULL when out of memory. */
#define LIST_ADD(reading, list, count, element)                         \
    do {                                                                \
        void *list_larger = list_grow((list), (count), sizeof *(list)); \
        (element) = NULL;                                               \
        if (list_larger) {                                              \
            (list) = list_larger;                                       \
            (element) = &(list)[(count)++];                             \
            memset((element), 0, sizeof *(element));                    \
        } else {                                                        \
            (reading)->no_memory = true;                                \
        }                                                               \
    } while (0)

static void patterns_free(struct patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        glob_free(patterns->globs[i]);
    free(patterns->globs);
    free(patterns->text);
}

/* Adds the pattern. Returns false after an error. */
static bool add_pattern(struct reading *reading, unsigned line, struct patterns *patterns,
                        const char *text)
{
    const char *wrong;
    struct glob **glob;
    struct glob *made = glob_new(slice_of(text), &wrong);
    if (!made && wrong)
        config_complain(reading, line, "pattern '%.80s': %-s", text, wrong);
    if (!made && !wrong)
        reading->no_memory = true;
    if (!made)
        return false;
    LIST_ADD(reading, patterns->globs, patterns->count, glob);
    if (glob)
        *glob = made;
    else
        glob_free(made);
    return glob != NULL;
}

/* Adds the words of a text as patterns. Returns false after an error. */
static bool add_patterns(struct reading *reading, unsigned line, struct patterns *patterns,
                         struct slice text, bool quotes_wanted)
{
    patterns->text = slice_string(text);
    reading->no_memory = reading->no_memory || !patterns->text;
    for (;;) {
        struct word word = word_take(&text);
        if (word.end)
            return true;
        if (word.error)
            complain_of(reading, line, word.error);
        else if (!word.text)
            reading->no_memory = true;
        else if (quotes_wanted && !word.quoted)
            config_complain(reading, line, "the pattern %.80s needs quotes: \"%.80s\"", word.text,
                            word.text);
        bool done = word.text && (word.quoted || !quotes_wanted) &&
                    add_pattern(reading, line, patterns, word.text);
        free(word.text);
        if (!done)
            return false;
    }
}

static bool on_section(void *context, unsigned line, struct slice text)
{
    struct reading *reading = context;
    struct config *config = reading->config;
    struct slice name = slice_word(text), rest = slice_trim(slice_after(text, name.size));
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)slice_head(name, 63).size, name.size ? name.data : "");
    reading->section = SECTION_UNKNOWN;
    reading->where = SIZE_MAX;
    for (size_t i = 0; section_names[i]; i++)
        if (slice_equal(name, slice_of(section_names[i])))
            reading->section = SECTION_CHECK + (enum section)i;
    if (reading->section == SECTION_UNKNOWN) {
        unknown(reading, line, N_("section"), word, section_names);
    } else if (rest.size > 0 && reading->section != SECTION_RULES) {
        config_complain(reading, line,
                        "section [%s] takes no patterns; only [rules \"PATTERN\"] does", word);
    } else if (rest.size > 0) {
        struct patterns *where;
        reading->where = config->section_count;
        LIST_ADD(reading, config->sections, config->section_count, where);
        if (where)
            add_patterns(reading, line, where, rest, true);
    }
    return !reading->no_memory;
}

/* Returns true and sets *level if it is the name of a level. */
static bool level_by_name(const char *name, int *level)
{
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (strcmp(name, severity_name((enum severity)i)) == 0) {
            *level = i;
            return true;
        }
    return false;
}

static void take_fail_on(struct reading *reading, unsigned line, const char *value)
{
    static const char *const names[] = {"error", "warning", "note", "never", NULL};
    struct config *config = reading->config;
    if (config->fail_on_line > 0)
        config_complain(reading, line, "fail-on is already set in line %u", config->fail_on_line);
    else if (strcmp(value, "never") == 0)
        config->fail_on = SEVERITY_COUNT;
    else if (!level_by_name(value, &config->fail_on))
        unknown(reading, line, N_("level"), value, names);
    config->fail_on_line = line;
}

static void check_server(struct reading *reading, unsigned line, const char *name)
{
    const char *names[64] = {"rfc5321", "all"};
    size_t count = 2;
    for (const struct server_source *source = server_sources; source->name && count < 63; source++)
        names[count++] = source->name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return;
    if (!strchr(name, '/'))
        unknown(reading, line, N_("server"), name, names);
}

static void take_servers(struct reading *reading, unsigned line, const char *value)
{
    struct config *config = reading->config;
    struct slice rest = slice_of(value);
    if (config->servers_line > 0) {
        config_complain(reading, line, "servers are already set in line %u", config->servers_line);
        return;
    }
    config->servers_line = line;
    config->servers = calloc(1, strlen(value) + 1); /* joined with commas the words need no more */
    reading->no_memory = !config->servers;
    while (!reading->no_memory) {
        struct word word = word_take(&rest);
        if (word.end)
            break;
        reading->no_memory = !word.text && !word.error;
        if (word.error)
            complain_of(reading, line, word.error);
        if (!word.text)
            return;
        check_server(reading, line, word.text);
        if (config->servers[0])
            strcat(config->servers, ",");
        strcat(config->servers, word.text);
        free(word.text);
    }
    if (!reading->no_memory && !config->servers[0])
        config_complain(reading, line, "servers needs names: smtpseq servers lists them");
}

static void take_rule(struct reading *reading, unsigned line, const struct rule *rule,
                      const char *value)
{
    static const char *const names[] = {"off", "error", "warning", "note", "default", NULL};
    struct config *config = reading->config;
    enum rule_id id = (enum rule_id)(rule - smtpseq_rules);
    int level = strcmp(value, "off") == 0 ? LEVEL_OFF : LEVEL_AS_FOUND;
    if (level != LEVEL_OFF && strcmp(value, "default") != 0 && !level_by_name(value, &level)) {
        unknown(reading, line, N_("level"), value, names);
        return;
    }
    for (size_t i = 0; i < config->rule_count; i++)
        if (config->rules[i].rule == id && config->rules[i].section == reading->where) {
            config_complain(reading, line, "%s is already set in line %u", rule->name,
                            config->rules[i].line);
            return;
        }
    struct config_rule *added;
    LIST_ADD(reading, config->rules, config->rule_count, added);
    if (added)
        *added = (struct config_rule){line, id, level, reading->where};
}

static void take_format(struct reading *reading, unsigned line, const char *name, const char *value)
{
    struct config *config = reading->config;
    struct config_format *added;
    LIST_ADD(reading, config->formats, config->format_count, added);
    if (!added)
        return;
    added->line = line;
    added->format = format_by_name(name);
    if (add_patterns(reading, line, &added->where, slice_of(value), false) &&
        added->where.count == 0)
        config_complain(reading, line, "%s needs patterns of the files that have that format",
                        name);
}

/* Reads `tests/pool-*.log "MAIL FROM:<news@" -- known bug 123`. */
static void take_allow(struct reading *reading, unsigned line, const struct rule *rule,
                       const char *value)
{
    static const char *const form = N_("an entry is RULE = FILES [\"TEXT\"] -- REASON");
    struct config_allow *added;
    struct slice rest = slice_of(value);
    LIST_ADD(reading, reading->config->allows, reading->config->allow_count, added);
    if (!added)
        return;
    added->line = line;
    added->rule = (enum rule_id)(rule - smtpseq_rules);
    if (word_take_dashes(&rest)) {
        config_complain(reading, line, "the files are missing; %-s", form);
        return;
    }
    struct word files = word_take(&rest), text = {.end = true};
    bool dashes = word_take_dashes(&rest);
    if (!dashes) {
        text = word_take(&rest);
        dashes = word_take_dashes(&rest);
    }
    const char *wrong = files.error ? files.error : text.error;
    if ((!files.text && !files.end && !files.error) || (!text.text && !text.end && !text.error))
        reading->no_memory = true;
    else if (wrong)
        config_complain(reading, line, "%-s; %-s", wrong, form);
    else if (text.text && !text.quoted)
        config_complain(reading, line,
                        "more than one pattern; put the text of the command in quotes; %-s", form);
    else if (text.text && !text.text[0])
        config_complain(reading, line, "the text in quotes is empty; %-s", form);
    else if (!dashes || rest.size == 0)
        config_complain(reading, line, "a reason is missing; %-s", form);
    else if (add_pattern(reading, line, &added->where, files.text)) {
        added->reason = slice_string(rest);
        reading->no_memory = !added->reason;
    }
    added->where.text = files.text;
    added->text = text.text;
}

/* Returns the rule of that name; NULL after an error. */
static const struct rule *find_rule(struct reading *reading, unsigned line, const char *name)
{
    const char *names[RULE_COUNT + 1] = {0};
    const struct rule *rule = rule_by_name(name);
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = smtpseq_rules[i].name;
    if (!rule)
        unknown(reading, line, N_("rule"), name, names);
    return rule;
}

static void take_check(struct reading *reading, unsigned line, const char *name, const char *value)
{
    if (strcmp(name, "fail-on") == 0)
        take_fail_on(reading, line, value);
    else if (strcmp(name, "servers") == 0)
        take_servers(reading, line, value);
    else
        unknown(reading, line, N_("setting"), name, check_names);
}

static void check_format_name(struct reading *reading, unsigned line, const char *name)
{
    const char *names[128] = {"auto"};
    for (size_t i = 0; i < smtpseq_format_count && i < 126; i++)
        names[i + 1] = smtpseq_formats[i].name;
    unknown(reading, line, N_("format"), name, names);
}

static bool on_setting(void *context, unsigned line, const char *name, const char *value)
{
    struct reading *reading = context;
    const struct rule *rule = NULL;
    if (reading->section == SECTION_RULES || reading->section == SECTION_ALLOW)
        rule = find_rule(reading, line, name);
    switch (reading->section) {
    case SECTION_NONE:
        config_complain(reading, line,
                        "'%.80s' comes before the first section: [check], [rules], "
                        "[formats] or [allow]",
                        name);
        break;
    case SECTION_CHECK:
        take_check(reading, line, name, value);
        break;
    case SECTION_RULES:
        if (rule)
            take_rule(reading, line, rule, value);
        break;
    case SECTION_FORMATS:
        if (format_by_name(name) || strcmp(name, "auto") == 0)
            take_format(reading, line, name, value);
        else
            check_format_name(reading, line, name);
        break;
    case SECTION_ALLOW:
        if (rule)
            take_allow(reading, line, rule, value);
        break;
    case SECTION_UNKNOWN: /* reported at the section */
        break;
    }
    return !reading->no_memory;
}

/* An indented line that looks like a setting is most likely not meant to continue the one above. */
static bool on_goes_on(void *context, unsigned line, const char *name, const char *text)
{
    struct reading *reading = context;
    char word[64];
    size_t size = strcspn(text, " \t=:");
    size_t after = size + strspn(text + size, " \t");
    snprintf(word, sizeof word, "%.*s", (int)(size < 63 ? size : 63), text);
    bool known = rule_by_name(word) || format_by_name(word) || strcmp(word, "fail-on") == 0 ||
                 strcmp(word, "servers") == 0 || strcmp(word, "auto") == 0;
    if ((text[after] != '=' && text[after] != ':') || !known)
        return true;
    config_complain(
        reading, line,
        "an indented line continues the one above (%.60s); '%s' must begin at the margin", name,
        word);
    return false;
}

static bool on_error(void *context, unsigned line, const char *message)
{
    complain_of(context, line, message);
    return true;
}

static int by_line(const void *left, const void *right)
{
    const struct config_error *a = left, *b = right;
    return a->line < b->line ? -1 : a->line > b->line;
}

bool config_read(struct config *config, struct slice content, const struct catalogue *language)
{
    *config = (struct config){.fail_on = SEVERITY_ERROR};
    struct reading reading = {.config = config, .language = language, .where = SIZE_MAX};
    struct ini_sink sink = {&reading, on_section, on_setting, on_goes_on, on_error};
    bool done = ini_read(content, &sink) && !reading.no_memory;
    qsort(config->errors, config->error_count, sizeof config->errors[0], by_line);
    return done;
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < config->section_count; i++)
        patterns_free(&config->sections[i]);
    for (size_t i = 0; i < config->format_count; i++)
        patterns_free(&config->formats[i].where);
    for (size_t i = 0; i < config->allow_count; i++) {
        patterns_free(&config->allows[i].where);
        free(config->allows[i].text);
        free(config->allows[i].reason);
    }
    free(config->sections);
    free(config->rules);
    free(config->formats);
    free(config->allows);
    free(config->servers);
    *config = (struct config){0};
}
