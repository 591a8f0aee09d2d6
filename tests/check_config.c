/* check_config.c - smtpseq.ini: settings, and errors with their lines.
 */
#include <stdio.h>

#include "config/config.h"
#include "config/ini_lines.h"
#include "suite.h"

static const char *level_name(int level)
{
    return level == LEVEL_OFF        ? "off"
           : level == LEVEL_AS_FOUND ? "default"
           : level == SEVERITY_COUNT ? "never"
                                     : severity_name((enum severity)level);
}

/* Prints all settings, one a line; if there are errors, only these. */
static char *shown(const struct config *config)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < config->error_count; i++)
        fprintf(out, "%u: %s\n", config->errors[i].line, config->errors[i].message);
    if (config->error_count == 0) {
        if (config->fail_on_line)
            fprintf(out, "%u fail-on %s\n", config->fail_on_line, level_name(config->fail_on));
        if (config->servers_line)
            fprintf(out, "%u servers %s\n", config->servers_line, config->servers);
        for (size_t i = 0; i < config->rule_count; i++) {
            const struct config_rule *rule = &config->rules[i];
            fprintf(out, "%u rule %s %s", rule->line, smtpseq_rules[rule->rule].name,
                    level_name(rule->level));
            if (rule->section != SIZE_MAX)
                fprintf(out, " in %s", config->sections[rule->section].text);
            fputs("\n", out);
        }
        for (size_t i = 0; i < config->format_count; i++)
            fprintf(out, "%u format %s %zu: %s\n", config->formats[i].line,
                    config->formats[i].format ? config->formats[i].format->name : "auto",
                    config->formats[i].where.count, config->formats[i].where.text);
        for (size_t i = 0; i < config->allow_count; i++)
            fprintf(out, "%u allow %s in %s text %s: %s\n", config->allows[i].line,
                    smtpseq_rules[config->allows[i].rule].name, config->allows[i].where.text,
                    config->allows[i].text ? config->allows[i].text : "-",
                    config->allows[i].reason);
    }
    fclose(out);
    return text;
}

#define FORM "an entry is RULE = FILES [\"TEXT\"] -- REASON"

static const struct {
    const char *name;
    struct slice text;
    const char *shown;
} rows[] = {
    {"nothing", OCTETS(""), ""},
    {"comments", OCTETS("# a\n; b\n\n  # c\n"), ""},
    {"check", OCTETS("[check]\nfail-on = warning\nservers = postfix, exim\n"),
     "2 fail-on warning\n3 servers postfix,exim\n"},
    {"CRLF and a byte order mark", OCTETS("\xef\xbb\xbf[check]\r\nfail-on = never\r\n"),
     "2 fail-on never\n"},
    {"no line end", OCTETS("[check]\nfail-on=note"), "2 fail-on note\n"},
    {"a colon", OCTETS("[check]\nfail-on: note\n"), "2 fail-on note\n"},
    {"a comment after", OCTETS("[check] ; here\nfail-on = note ; and here\n"), "2 fail-on note\n"},
    {"servers in two lines", OCTETS("[check]\nservers = postfix\n  exim, ./my.server\n"),
     "2 servers postfix,exim,./my.server\n"},
    {"rules", OCTETS("[rules]\nnested-mail = off\nSQ003 = note\nAUTH-twice = default\n"),
     "2 rule nested-mail off\n3 rule rcpt-before-mail note\n4 rule auth-twice default\n"},
    {"rules of files",
     OCTETS("[rules \"legacy/\" \"*.old\"]\nnested-mail = warning\n[rules]\n"
            "nested-mail = error\n"),
     "2 rule nested-mail warning in \"legacy/\" \"*.old\"\n4 rule nested-mail error\n"},
    {"brackets in a pattern", OCTETS("[rules \"[ab].log\"]\nnested-mail = off\n"),
     "2 rule nested-mail off in \"[ab].log\"\n"},
    {"a long pattern",
     OCTETS(
         "[rules \"a/folder/with/a/long/name/and/in/it/another/folder/with/a/longer/name/*.log\"]\n"
         "nested-mail = off\n"),
     "2 rule nested-mail off in "
     "\"a/folder/with/a/long/name/and/in/it/another/folder/with/a/longer/name/*.log\"\n"},
    {"formats", OCTETS("[formats]\nswaks = swaks-*.txt \"my out/\"\nauto = x.txt\nswaks = y\n"),
     "2 format swaks 2: swaks-*.txt \"my out/\"\n3 format auto 1: x.txt\n4 format swaks 1: y\n"},
    {"allow", OCTETS("[allow]\nnested-mail = pool-*.log \"FROM:<news@\" -- known bug 123, fixed\n"),
     "2 allow nested-mail in pool-*.log text FROM:<news@: known bug 123, fixed\n"},
    {"allow without text", OCTETS("[allow]\nnested-mail = pool-*.log -- known -- really\n"),
     "2 allow nested-mail in pool-*.log text -: known -- really\n"},
    {"allow with quotes",
     OCTETS("[allow]\nnested-mail = \"my logs/*\" \"<\\\"a b\\\"@c>\" -- old\n"),
     "2 allow nested-mail in my logs/* text <\"a b\"@c>: old\n"},
    {"allow in three lines",
     OCTETS(
         "[allow]\nnested-mail = a.log\n  -- known = bug,\n\tand old\nauth-twice = b.log -- so\n"),
     "2 allow nested-mail in a.log text -: known = bug, and old\n5 allow auth-twice in b.log text "
     "-: so\n"},
    {"two of a rule", OCTETS("[allow]\nnested-mail = a -- x\nnested-mail = b -- y\n"),
     "2 allow nested-mail in a text -: x\n3 allow nested-mail in b text -: y\n"},

    {"an unknown section", OCTETS("[rule]\nnested-mail = of\n"),
     "1: section 'rule' is not known; did you mean 'rules'?\n"},
    {"an empty section", OCTETS("[]\n"), "1: section '' is not known; did you mean 'check'?\n"},
    {"an unknown section without settings", OCTETS("[check]\n[alow]\n"),
     "2: section 'alow' is not known; did you mean 'allow'?\n"},
    {"before the first section", OCTETS("fail-on = note\n"),
     "1: 'fail-on' comes before the first section: [check], [rules], [formats] or [allow]\n"},
    {"an unknown setting", OCTETS("[check]\nfailon = note\n"),
     "2: setting 'failon' is not known; did you mean 'fail-on'?\n"},
    {"an unknown rule", OCTETS("[rules]\n\nnestd-mail = off\n"),
     "3: rule 'nestd-mail' is not known; did you mean 'nested-mail'?\n"},
    {"an unknown rule to allow", OCTETS("[allow]\nnested-mall = a -- b\n"),
     "2: rule 'nested-mall' is not known; did you mean 'nested-mail'?\n"},
    {"an unknown level", OCTETS("[rules]\nnested-mail = warn\n[check]\nfail-on = off\n"),
     "2: level 'warn' is not known; did you mean 'warning'?\n"
     "4: level 'off' is not known; did you mean 'note'?\n"},
    {"an unknown format", OCTETS("[formats]\nswask = *.log\n"),
     "2: format 'swask' is not known; did you mean 'swaks'?\n"},
    {"an unknown server", OCTETS("[check]\nservers = postfix, exym\n"),
     "2: server 'exym' is not known; did you mean 'exim'?\n"},
    {"no server", OCTETS("[check]\nservers =\n"),
     "2: servers needs names: smtpseq servers lists them\n"},
    {"patterns where none can be", OCTETS("[check \"*.log\"]\nfail-on = note\n"),
     "1: section [check] takes no patterns; only [rules \"PATTERN\"] does\n"},
    {"a pattern without quotes", OCTETS("[rules *.log]\n"),
     "1: the pattern *.log needs quotes: \"*.log\"\n"},
    {"a wrong pattern",
     OCTETS("[rules \"[a\"]\n[formats]\nswaks = b[\n[allow]\nnested-mail = c[ -- d\n"),
     "1: pattern '[a': a ] is missing\n3: pattern 'b[': a ] is missing\n"
     "5: pattern 'c[': a ] is missing\n"},
    {"no pattern", OCTETS("[formats]\nswaks =\n"),
     "2: swaks needs patterns of the files that have that format\n"},
    {"twice",
     OCTETS("[check]\nfail-on = note\nfail-on = error\nservers = exim\nservers = all\n"
            "[rules]\nnested-mail = off\n[rules]\nSQ002 = note\n"),
     "3: fail-on is already set in line 2\n5: servers are already set in line 4\n"
     "9: nested-mail is already set in line 7\n"},
    {"indented by habit", OCTETS("[rules]\n  nested-mail = off\n  auth-twice = off\n"),
     "3: an indented line continues the one above (nested-mail); 'auth-twice' must begin at "
     "the margin\n"},
    {"an indented section", OCTETS("[rules]\nnested-mail = off\n  [rule]\n"),
     "3: section 'rule' is not known; did you mean 'rules'?\n"},
    {"no reason",
     OCTETS("[allow]\nnested-mail = a.log\nnested-mail = a.log --\n"
            "nested-mail = a.log \"x\"\nnested-mail = a.log \"x\" -- ; why\n"),
     "2: a reason is missing; " FORM "\n3: a reason is missing; " FORM "\n"
     "4: a reason is missing; " FORM "\n5: a reason is missing; " FORM "\n"},
    {"no file", OCTETS("[allow]\nnested-mail = -- x\nnested-mail =\n"),
     "2: the files are missing; " FORM "\n3: a reason is missing; " FORM "\n"},
    {"two patterns", OCTETS("[allow]\nnested-mail = a.log b.log -- x\n"),
     "2: more than one pattern; put the text of the command in quotes; " FORM "\n"},
    {"an empty text", OCTETS("[allow]\nnested-mail = a.log \"\" -- x\n"),
     "2: the text in quotes is empty; " FORM "\n"},
    {"quotes without an end",
     OCTETS("[allow]\nnested-mail = a.log \"b ; c\" -- x\nauth-twice = \"a -- b\n"),
     "2: a \" is missing; " FORM "\n3: a \" is missing; " FORM "\n"},
    {"something at the quotes", OCTETS("[allow]\nnested-mail = \"a\"b -- x\n"),
     "2: a blank is missing after a \"; " FORM "\n"},
    {"a section without an end", OCTETS("[check\n[rules \"a]\nx\n"),
     "1: a ] is missing\n2: a \" is missing\n3: neither \"name = value\" nor \"[section]\"\n"},
    {"something after a section", OCTETS("[check] x\n"), "1: something follows the ]\n"},
    {"no setting", OCTETS("[check]\nfail-on\n"), "2: neither \"name = value\" nor \"[section]\"\n"},
    {"no name", OCTETS("[check]\n= x\n"), "2: a name is missing before the =\n"},
    {"NUL", OCTETS("[check]\nfail-on = \0note\n"), "2: NUL in a settings file\n"},
};

START_TEST(test_row)
{
    struct config config;
    ck_assert(config_read(&config, rows[_i].text, NULL));
    char *text = shown(&config);
    ck_assert_msg(strcmp(text, rows[_i].shown) == 0, "%s\n%s-- and not --\n%s", rows[_i].name, text,
                  rows[_i].shown);
    free(text);
    config_free(&config);
}
END_TEST

/* Every beginning of every row is read, with or without errors. */
START_TEST(test_cut)
{
    for (size_t size = 0; size < rows[_i].text.size; size++) {
        struct config config;
        char *copy = malloc(size + 1); /* so that a sanitizer detects reads past its end */
        memcpy(copy, rows[_i].text.data, size);
        ck_assert(config_read(&config, (struct slice){copy, size}, NULL));
        config_free(&config);
        free(copy);
    }
}
END_TEST

START_TEST(test_large)
{
    struct config config;
    static char text[INI_SIZE_MAX + 1];
    memset(text, '\n', sizeof text);
    ck_assert(config_read(&config, (struct slice){text, sizeof text - 1}, NULL));
    ck_assert_uint_eq(config.error_count, 0);
    config_free(&config);
    ck_assert(config_read(&config, (struct slice){text, sizeof text}, NULL));
    ck_assert_uint_eq(config.error_count, 1);
    ck_assert_uint_eq(config.errors[0].line, 0);
    config_free(&config);

    /* A line that inih cannot parse, and more errors than are stored. */
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "[check]\n", 8);
    text[5000] = '\n';
    memcpy(text + 5001, "fail-on = x", 11);
    ck_assert(config_read(&config, (struct slice){text, 5012}, NULL));
    ck_assert_uint_eq(config.error_count, 2);
    ck_assert_uint_eq(config.errors[0].line, 2);
    ck_assert_uint_eq(config.errors[1].line, 3);
    config_free(&config);
    for (size_t i = 8; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "=\n", 2);
    ck_assert(config_read(&config, (struct slice){text, sizeof text - 1}, NULL));
    ck_assert_uint_eq(config.error_count, CONFIG_ERRORS_MAX);
    config_free(&config);
}
END_TEST

#define LEVELS                                                    \
    "[rules \"legacy/\"]\nnested-mail = off\nauth-twice = note\n" \
    "[rules]\nnested-mail = warning\nrcpt-before-mail = off\n"    \
    "[rules \"legacy/new-*\"]\nnested-mail = default\n"

static const struct {
    const char *path;
    int nested, twice, rcpt;
    unsigned nested_line;
} levels[] = {
    {"a.log", SEVERITY_WARNING, LEVEL_AS_FOUND, LEVEL_OFF, 5},
    {"legacy/a.log", LEVEL_OFF, SEVERITY_NOTE, LEVEL_OFF, 2},
    {"legacy/new-a.log", LEVEL_AS_FOUND, SEVERITY_NOTE, LEVEL_OFF, 8},
    {NULL, SEVERITY_WARNING, LEVEL_AS_FOUND, LEVEL_OFF, 5},
};

START_TEST(test_levels)
{
    struct config config;
    struct config_level found[RULE_COUNT];
    ck_assert(config_read(&config, slice_of(LEVELS), NULL));
    ck_assert_uint_eq(config.error_count, 0);
    struct recorded recorded = {.file = slice_of(levels[_i].path)};
    config_levels(&config, &recorded, found);
    ck_assert_int_eq(found[RULE_nested_mail].level, levels[_i].nested);
    ck_assert_uint_eq(found[RULE_nested_mail].line, levels[_i].nested_line);
    ck_assert_int_eq(found[RULE_auth_twice].level, levels[_i].twice);
    ck_assert_int_eq(found[RULE_rcpt_before_mail].level, levels[_i].rcpt);
    ck_assert_int_eq(found[RULE_data_before_mail].level, LEVEL_AS_FOUND);
    ck_assert_uint_eq(found[RULE_data_before_mail].line, 0);
    config_free(&config);
}
END_TEST

START_TEST(test_formats)
{
    struct config config;
    ck_assert(config_read(
        &config, slice_of("[formats]\nswaks = *.txt\ncurl = c-*\nauto = c-x.txt\n"), NULL));
    ck_assert_uint_eq(config.error_count, 0);
    ck_assert_str_eq(
        config_format(&config, &(struct recorded){.file = slice_of("a.txt")})->format->name,
        "swaks");
    ck_assert_str_eq(
        config_format(&config, &(struct recorded){.file = slice_of("x/c-a.txt")})->format->name,
        "curl");
    ck_assert_ptr_null(
        config_format(&config, &(struct recorded){.file = slice_of("c-x.txt")})->format);
    ck_assert_ptr_null(config_format(&config, &(struct recorded){.file = slice_of("a.log")}));
    config_free(&config);
}
END_TEST

START_TEST(test_allow)
{
    struct config config;
    ck_assert(config_read(&config,
                          slice_of("[allow]\nnested-mail = a.log \"<news@\" -- x\n"
                                   "nested-mail = b.log -- y\n"),
                          NULL));
    ck_assert_uint_eq(config.error_count, 0);
    struct slice news = SLICE("MAIL FROM:<news@b>"), other = SLICE("MAIL FROM:<a@b>");
    const struct config_allow *with = &config.allows[0], *without = &config.allows[1];
    ck_assert(patterns_match(&with->where, &(struct recorded){.file = slice_of("x/a.log")}));
    ck_assert(!patterns_match(&with->where, &(struct recorded){.file = slice_of("x/b.log")}));
    struct recorded member = {slice_of("x.zip"), slice_of("x.zip!y/a.log")};
    ck_assert(patterns_match(&with->where, &member));
    ck_assert(!patterns_match(&without->where, &member));
    ck_assert(config_allow_takes(with, RULE_nested_mail, news));
    ck_assert(!config_allow_takes(with, RULE_nested_mail, other));
    ck_assert(!config_allow_takes(with, RULE_auth_twice, news));
    ck_assert(config_allow_takes(without, RULE_nested_mail, other));
    config_free(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_row, 0, ROWS(rows));
    tcase_add_loop_test(all, test_cut, 0, ROWS(rows));
    tcase_add_test(all, test_large);
    tcase_add_loop_test(all, test_levels, 0, ROWS(levels));
    tcase_add_test(all, test_formats);
    tcase_add_test(all, test_allow);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
