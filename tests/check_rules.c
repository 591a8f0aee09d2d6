/* check_rules.c - compares every recorded fixture with its .expect file (fixtures/README.md). */
#include <glob.h>
#include <stdio.h>

#include "recorded.h"
#include "suite.h"
#include "to_come.h"

static glob_t recordings;

/* Returns the content of a file; empty if it cannot be read. The caller frees .data. */
static struct slice read_file(const char *path)
{
    char *text = NULL, part[4096];
    size_t size = 0, got;
    FILE *file = fopen(path, "rb"), *out = open_memstream(&text, &size);
    while (file && (got = fread(part, 1, sizeof part, file)) > 0)
        fwrite(part, 1, got, out);
    if (file)
        fclose(file);
    fclose(out);
    return (struct slice){text, size};
}

static char *findings_in(const char *path)
{
    struct slice recording = read_file(path);
    char *findings = recorded_findings(recording);
    free((char *)recording.data);
    return findings;
}

/* Returns the .expect of a recording, without comments and empty lines. */
static char *expected_of(const char *path)
{
    char *beside = NULL, *text = NULL, line[1024];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int length = asprintf(&beside, "%.*s.expect", (int)(strlen(path) - strlen(".txt")), path);
    FILE *file = length > 0 ? fopen(beside, "r") : NULL;
    while (file && fgets(line, sizeof line, file)) {
        struct slice kept = slice_head(slice_of(line), slice_find(slice_of(line), '#'));
        kept = slice_trim(slice_head(kept, slice_find(kept, '\n')));
        if (kept.size > 0)
            fprintf(out, "%.*s\n", (int)kept.size, kept.data);
    }
    if (file)
        fclose(file);
    free(beside);
    fclose(out);
    return text;
}

/* Returns true if one of the lines begins with this rule. */
static bool names_rule(const char *findings, const char *rule)
{
    size_t size = strlen(rule);
    for (const char *line = findings; line && *line;) {
        if (strncmp(line, rule, size) == 0 && line[size] == ' ')
            return true;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return false;
}

/* Gets "nested-mail" and "catch" from ".../rules/nested-mail/catch.txt". */
static void parts_of(const char *path, char rule[64], char name[64])
{
    const char *file = strrchr(path, '/'), *folder = file;
    while (folder > path && folder[-1] != '/')
        folder--;
    snprintf(rule, 64, "%.*s", (int)(file - folder), folder);
    snprintf(name, 64, "%s", file + 1);
}

START_TEST(recording_is_judged_as_expected)
{
    const char *path = recordings.gl_pathv[_i];
    char *expected = expected_of(path), *found = findings_in(path);
    ck_assert_msg(strlen(expected) > 0, "%s: no .expect beside it, or an empty one", path);
    ck_assert_msg(strcmp(expected, found) == 0, "%s\nexpected:\n%sfound:\n%s", path, expected,
                  found);
    free(expected);
    free(found);
}
END_TEST

START_TEST(folder_is_a_rule_and_names_tell_what_is_drawn)
{
    const char *path = recordings.gl_pathv[_i];
    char rule[64], name[64];
    parts_of(path, rule, name);
    ck_assert_msg(rule_by_name(rule) != NULL, "%s: there is no rule %s", path, rule);
    bool catches = strncmp(name, "catch", 5) == 0;
    ck_assert_msg(catches || strncmp(name, "near-miss", 9) == 0, "%s: neither catch nor near-miss",
                  path);
    char *expected = expected_of(path);
    ck_assert_msg(names_rule(expected, rule) == catches, "%s: %s\n%s", path,
                  catches ? "the rule is not in it" : "a near miss that draws the rule", expected);
    free(expected);
}
END_TEST

START_TEST(rule_has_a_catch_and_a_near_miss)
{
    const char *wanted = smtpseq_rules[_i].name;
    int catches = 0, near_misses = 0;
    for (size_t i = 0; i < recordings.gl_pathc; i++) {
        char rule[64], name[64];
        parts_of(recordings.gl_pathv[i], rule, name);
        if (strcmp(rule, wanted) != 0)
            continue;
        catches += strncmp(name, "catch", 5) == 0;
        near_misses += strncmp(name, "near-miss", 9) == 0;
    }
    if (!wants_fixtures(wanted)) {
        ck_assert_msg(catches + near_misses == 0, "%s has fixtures: take it off the list", wanted);
        return;
    }
    ck_assert_msg(catches > 0, "%s has no catch", wanted);
    ck_assert_msg(near_misses > 0, "%s has no near miss", wanted);
}
END_TEST

/* Once such a rule fires, remove it from the list and add fixtures. */
START_TEST(rule_without_code_never_fires)
{
    const struct rule *rule = rule_by_name(rules_to_come[_i].name);
    ck_assert_msg(rule != NULL, "there is no rule %s", rules_to_come[_i].name);
    char *found = recorded_findings(slice_of(rule->before));
    ck_assert_msg(!names_rule(found, rule->name), "%s fires: take it off the list", rule->name);
    free(found);
    for (size_t i = 0; i < recordings.gl_pathc && !rules_to_come[_i].has_fixtures; i++) {
        found = findings_in(recordings.gl_pathv[i]);
        ck_assert_msg(!names_rule(found, rule->name), "%s fires in %s: take it off the list",
                      rule->name, recordings.gl_pathv[i]);
        free(found);
    }
}
END_TEST

/* A .expect without a recording would never be compared. */
START_TEST(every_expectation_has_a_recording)
{
    glob_t expectations;
    ck_assert_int_eq(glob(FIXTURES "/rules/*/*.expect", 0, NULL, &expectations), 0);
    ck_assert_uint_eq(expectations.gl_pathc, recordings.gl_pathc);
    globfree(&expectations);
}
END_TEST

int main(void)
{
    if (glob(FIXTURES "/rules/*/*.txt", 0, NULL, &recordings) != 0) {
        fputs("check_rules: no recordings in " FIXTURES "/rules\n", stderr);
        return EXIT_FAILURE;
    }
    int count = (int)recordings.gl_pathc;
    Suite *suite = suite_create("rules");
    TCase *fixtures = tcase_create("fixtures");
    tcase_add_loop_test(fixtures, recording_is_judged_as_expected, 0, count);
    tcase_add_loop_test(fixtures, folder_is_a_rule_and_names_tell_what_is_drawn, 0, count);
    tcase_add_test(fixtures, every_expectation_has_a_recording);
    suite_add_tcase(suite, fixtures);
    TCase *complete = tcase_create("complete");
    tcase_add_loop_test(complete, rule_has_a_catch_and_a_near_miss, 0, RULE_COUNT);
    tcase_add_loop_test(complete, rule_without_code_never_fires, 0, ROWS(rules_to_come));
    suite_add_tcase(suite, complete);
    int status = suite_run(suite);
    globfree(&recordings);
    return status;
}
