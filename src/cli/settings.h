/* settings.h - what holds for a file: the command line, else its smtpseq.ini, else the default.
 *
 * The file of settings is the nearest one in the folder of the input or above it. One wins: they do not
 * add up.
 */
#ifndef SMTPSEQ_SETTINGS_H
#define SMTPSEQ_SETTINGS_H

#include <stdatomic.h>

#include "cli/inputs.h"
#include "cli/options.h"
#include "config/config.h"

/* How an entry of [allow] was used in this run. */
struct allow_use {
    _Atomic bool reached; /* a recording that its pattern matches was read, and the rule was on */
    _Atomic bool used;
};

/* A file of settings. */
struct settings_file {
    struct config config;
    char *path;   /* as it is shown */
    char *full;   /* from the root */
    char *folder; /* from the root: what its patterns are relative to */
    bool broken;  /* it cannot be used; messages are on standard error */
    struct server_set servers;
    struct allow_use *uses; /* for each entry of [allow] */
};

/* All that were found in a run. */
struct settings_files {
    struct settings_file **list;
    size_t count, capacity;
    bool none;                  /* --isolated */
    struct settings_file *only; /* --config */
    char *last_folder;          /* where was looked last, and what was found */
    struct settings_file *last;
};

/* --config is read here, if it is there. Returns false after a message on standard error. */
bool settings_files_open(struct settings_files *files, const struct options *options);
void settings_files_close(struct settings_files *files);

/* The file for what is in this folder (from the root), read if it is new; *file is NULL where there is
 * none. Broken ones are found too. False when out of memory. */
bool settings_find(struct settings_files *files, const char *folder, struct settings_file **file);

/* Finds the file of settings of each input, and its paths. Inputs whose file is broken are marked.
 * False when out of memory. */
bool settings_assign(struct settings_files *files, struct inputs *inputs, bool with_paths);

/* Where a setting comes from. */
struct setting_source {
    bool command_line;
    unsigned line;     /* of the file; 0: the default, or the command line */
    const char *where; /* the patterns of its section or line; NULL: none */
};

/* The settings for one recording. */
struct settings {
    const struct settings_file *file;  /* NULL: none */
    int levels[RULE_COUNT];            /* as in config.h */
    const struct format *input_format; /* NULL: by content */
    const struct server_set *servers;
    int fail_on;
    struct setting_source level_sources[RULE_COUNT], format_source, servers_source, fail_on_source;
};

void settings_of(struct settings *settings, const struct options *options,
                 const struct settings_file *file, const struct recorded *recorded);

#endif
