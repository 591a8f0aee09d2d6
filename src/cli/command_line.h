/* command_line.h - the commands, their options and the values that these take: one table for parsing,
 * --help, the completions and the manual pages.
 */
#ifndef SMTPSEQ_COMMAND_LINE_H
#define SMTPSEQ_COMMAND_LINE_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

enum cli_command {
    CLI_CHECK = 1,
    CLI_REPLAY = 2,
    CLI_FORWARDS = 4,
    CLI_COVERAGE = 8,
    CLI_CONFIG = 16,
    CLI_EXPLAIN = 32,
    CLI_RULES = 64,
    CLI_FORMATS = 128,
    CLI_SERVERS = 256,
    CLI_GRAPH = 512,
    CLI_EXPORT = 1024,
    CLI_MERGE = 2048
};

/* The kinds of values that options and operands take. */
enum value_kind {
    VALUE_NONE,
    VALUE_WORD,         /* one of option_row.words */
    VALUE_TEXT,         /* anything */
    VALUE_FILE,         /* a path */
    VALUE_REPORT,       /* a report format that fits the command */
    VALUE_REPORT_PATH,  /* a report format, a colon and a path */
    VALUE_INPUT_FORMAT, /* auto or a format of recordings */
    VALUE_FORMAT_FILE,  /* a format of recordings or a path */
    VALUE_SERVERS,      /* servers, with commas; a path that has a slash is a table of one's own */
    VALUE_SERVER,       /* a built-in table */
    VALUE_RULE,         /* a rule */
    VALUE_RULES,        /* rules, with commas */
    VALUE_RULE_LEVEL,   /* a rule, "=" and a severity */
    VALUE_GROUPS        /* groups of coverage, with commas */
};

/* The options with a letter have that as key. */
enum option_key {
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
    KEY_LISTING_FORMAT,
    KEY_FAIL_UNDER,
    KEY_GROUP,
    KEY_EACH,
    KEY_DOUBTFUL,
    KEY_ALL,
    KEY_SHOW,
    KEY_MATRIX,
    KEY_SESSION,
    KEY_PEER,
    KEY_SINCE,
    KEY_UNTIL,
    KEY_RULE,
    KEY_STATISTICS,
    KEY_UNIQUE,
    KEY_AS,
    KEY_ONLY_FINDINGS,
    KEY_ANONYMIZE,
    KEY_MINIMIZE,
    KEY_FOLLOW,
    KEY_LANG
};

struct command_row {
    enum cli_command command;
    const char *name;
    const char *operands;
    enum value_kind operand;
    const char *title; /* a few words, for the list of commands */
    const char *what;  /* one or two sentences, for --help */
};

struct option_row {
    const char *name;
    int key;
    const char *argument; /* NULL: none */
    int commands;         /* bits of enum cli_command */
    enum value_kind value;
    const char *words; /* for VALUE_WORD: the words, with blanks; the first is the default */
    const char *help;  /* NULL: the list of its values */
};

/* The table of commands, in the order of --help; NULL after the last. */
const struct command_row *command_row_at(size_t index);
/* Returns the row of a command. */
const struct command_row *command_row(enum cli_command command);

/* The options, in the order of --help; NULL after the last. */
const struct option_row *option_row_at(size_t index);

/* The subject of a command's report. */
enum report_subject command_subject(enum cli_command command);

/* The reports of a command that has VALUE_REPORT, of which some may not fit it; NULL after the last. */
const struct report_format *command_report_at(enum cli_command command, size_t index);
/* Returns true if the report can show what the command reports on. */
bool command_report_fits(enum cli_command command, const struct report_format *format);

/* The value number `index` of an option or operand of that kind, NULL after the last. Kinds without a
 * list of names have none. A name that is in `room` (at least 64 octets) stays valid until its next use. */
const char *value_name_at(enum value_kind kind, const char *words, enum cli_command command,
                          size_t index, char room[64]);

/* Prints the usage of all commands. */
void print_usage(FILE *out);
/* Prints the help of one command. */
void print_help(enum cli_command command, FILE *out);

#define OPTIONS_MAX 64

/* Reads the options of one command. */
struct option_reader {
    enum cli_command command;
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 2];
};

enum { OPTION_END = -1, OPTION_HELP = -2, OPTION_WRONG = -3 };

void option_reader_begin(struct option_reader *reader, enum cli_command command);
/* Returns the key of the next option; its value is in optarg. OPTION_END: the operands begin at
 * argv[optind]. OPTION_HELP: the help has been printed. OPTION_WRONG: a message is on standard
 * error. A value of VALUE_WORD is one of its words. --lang is done with here. */
int option_next(struct option_reader *reader, int argc, char *argv[]);

#endif
