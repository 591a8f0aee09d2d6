/* config.h - smtpseq.ini: the settings of a project.
 *
 *   [check]                    fail-on = warning
 *                              servers = postfix, exim
 *   [rules]                    nested-mail = off|error|warning|note|default
 *   [rules "legacy/" "*.old"]  the same, for these files only
 *   [formats]                  swaks = swaks-*.txt out/
 *   [allow]                    nested-mail = pool-*.log "FROM:<news@" -- known bug 123
 *
 * Patterns are those of glob.h, relative to the folder of the file. This room reads and checks the
 * content; it opens no file and prints nothing.
 */
#ifndef SMTPSEQ_CONFIG_H
#define SMTPSEQ_CONFIG_H

#include "base/catalogue.h"
#include "config/glob.h"
#include "rules/rules.h"
#include "transcript/formats/format.h"

/* Levels in addition to enum severity. */
#define LEVEL_AS_FOUND (-1) /* as the rule has it, and the case at hand */
#define LEVEL_OFF      (-2)

/* A list of patterns, compiled and as written. */
struct patterns {
    struct glob **globs;
    size_t count;
    char *text;
};

struct config_rule {
    unsigned line;
    enum rule_id rule;
    int level;
    size_t section; /* index of config.sections; SIZE_MAX: for all files */
};

struct config_format {
    unsigned line;
    const struct format *format; /* NULL: auto */
    struct patterns where;
};

struct config_allow {
    unsigned line;
    enum rule_id rule;
    struct patterns where; /* one */
    char *text;            /* part of the recorded line from the command on; NULL: any */
    char *reason;
};

struct config_error {
    unsigned line; /* 0: of no line */
    char message[400];
};

#define CONFIG_ERRORS_MAX 20

struct config {
    struct patterns *sections; /* of the [rules "..."] */
    size_t section_count;
    struct config_rule *rules;
    size_t rule_count;
    struct config_format *formats;
    size_t format_count;
    struct config_allow *allows;
    size_t allow_count;
    int fail_on;           /* an enum severity, or SEVERITY_COUNT: never */
    unsigned fail_on_line; /* 0: not set */
    char *servers;         /* a list with commas, as --server takes it */
    unsigned servers_line; /* 0: not set */
    struct config_error errors[CONFIG_ERRORS_MAX];
    size_t error_count; /* further errors are omitted */
};

/* Reads the content of a file; its errors are in a language (NULL: English). If there are errors, use nothing else of *config. Returns false
 * when out of memory. Call config_free in every case. */
bool config_read(struct config *config, struct slice content, const struct catalogue *language);
void config_free(struct config *config);

/* The path that patterns are matched against, relative to the folder of the settings file. */
struct recorded {
    struct slice file;   /* the path of the file; without data: none in particular */
    struct slice member; /* "archive.zip!name", where the recording is in an archive; else empty */
};

/* Returns true if one of the patterns matches. */
bool patterns_match(const struct patterns *patterns, const struct recorded *recorded);

/* The level set for a rule, and the line that sets it (0: none). */
struct config_level {
    int level;
    unsigned line;
    const char *where; /* the patterns of its section; NULL: [rules] */
};

/* Sets the levels for a recording: from the last section that matches it and names the rule;
 * else from [rules]. */
void config_levels(const struct config *config, const struct recorded *recorded,
                   struct config_level levels[RULE_COUNT]);

/* Returns the format of a recording, from the last line that matches; NULL if none does. */
const struct config_format *config_format(const struct config *config,
                                          const struct recorded *recorded);

/* Returns true if an entry, whose pattern matches the file, allows a finding of that rule.
 * `line`: the recorded line from the command on. */
bool config_allow_takes(const struct config_allow *allow, enum rule_id rule, struct slice line);

#endif
