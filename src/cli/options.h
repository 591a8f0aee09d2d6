/* options.h - the command line of check, replay, forwards and coverage.
 */
#ifndef SMTPSEQ_OPTIONS_H
#define SMTPSEQ_OPTIONS_H

#include "cli/command_line.h"
#include "cli/session_filter.h"
#include "config/config.h"

#define OUTPUTS_MAX 16

enum cli_status { CLI_CLEAN = 0, CLI_FINDINGS = 1, CLI_FAILED = 2 };

/* A report and where it goes. */
struct output {
    const struct report_format *format;
    const char *path; /* NULL or "-": standard output */
};

struct options {
    enum cli_command command;
    struct output outputs[OUTPUTS_MAX];
    size_t output_count;
    struct server_set servers;         /* the tables are owned: options_free */
    const struct format *input_format; /* NULL: by content */
    const char *stdin_name;
    bool disabled[RULE_COUNT];
    int levels[RULE_COUNT]; /* an enum severity, or LEVEL_AS_FOUND */
    int fail_on;            /* an enum severity; SEVERITY_COUNT: never */
    struct {
        bool input_format, server, fail_on;
    } given;            /* on the command line: what was not, a file of settings can set */
    const char *config; /* the file of settings; NULL: the nearest one of each input */
    bool isolated;      /* no file of settings at all */
    const char *baseline, *write_baseline; /* NULL: none */
    bool json;                             /* config: as JSON */
    bool color, quiet, verbose, show_secrets, show_doubtful;
    bool all;                     /* check: text shows every finding */
    bool statistics;              /* check: counts by rule, file, peer, client and day */
    bool unique;                  /* forwards: what several sessions say once */
    bool follow;                  /* check: the input is being written */
    bool each;                    /* report each finding by itself */
    bool plain;                   /* --color=never: no links either */
    struct session_filter filter; /* the sessions and rules that are asked for */
    int jobs;                     /* 0: as many as there are processors */
    unsigned groups;              /* coverage: bits of enum coverage_group; 0: the usual ones */
    double fail_under;            /* coverage: percent */
};

/* Returns true if the options select sessions. */
static inline bool filter_is_set(const struct options *options)
{
    return options->filter.active || (options->command == CLI_REPLAY && options->filter.has_rules);
}

/* The next step after the options have been read. */
enum parsed { PARSED_RUN, PARSED_DONE, PARSED_WRONG };

/* Reads the options; argv[0] is the name of the command. *first is set to the first operand.
 * PARSED_DONE: --help has been printed; PARSED_WRONG: a message is on standard error. */
enum parsed options_parse(struct options *options, enum cli_command command, int argc, char *argv[],
                          int *first);

/* Frees what options_parse has loaded. */
void options_free(struct options *options);

/* Finds what a value names: a rule, or an input format (NULL for "auto"). Returns false, with a message, if
 * there is none of that name. */
bool parse_rule(const char *name, const struct rule **rule);
bool parse_input_format(const char *name, const struct format **format);

/* Adds the servers of a list to a set: names of built-in tables, files ("./mine.server"), rfc5321,
 * all. False: a message is on standard error. The tables become the set's. */
bool servers_add(struct server_set *servers, const char *list);
void servers_free(struct server_set *servers);

#endif
