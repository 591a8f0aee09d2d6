/* check_glob.c - patterns for files, against paths relative to their folder.
 */
#include "config/glob.h"
#include "suite.h"

static const struct {
    const char *pattern, *path;
    bool matches;
} rows[] = {
    {"a.log", "a.log", true},
    {"a.log", "b.log", false},
    {"a.log", "a.logs", false},
    {"a.log", "aXlog", false},
    {"a.log", "x/y/a.log", true}, /* a name, in whatever folder */
    {"a.log", "xa.log", false},
    {"/a.log", "a.log", true}, /* of this folder only */
    {"/a.log", "x/a.log", false},
    {"./a.log", "a.log", true},
    {"./x/a.log", "x/a.log", true},
    {"x/a.log", "x/a.log", true},
    {"x/a.log", "y/x/a.log", false},
    {"*.log", "a.log", true},
    {"*.log", ".log", true},
    {"*.log", "x/a.log", true},
    {"*.log", "a.log.gz", false},
    {"x/*.log", "x/a.log", true},
    {"x/*.log", "x/y/a.log", false},
    {"x/*/a.log", "x/y/a.log", true},
    {"x/*/a.log", "x/a.log", false},
    {"pool-*.log", "tests/pool-1.log", true},
    {"pool-*-*.log", "pool-1-2-3.log", true},
    {"*a*b*c*", "xaxbxcx", true},
    {"*a*b*c*", "xaxcxbx", false},
    {"?.log", "a.log", true},
    {"?.log", ".log", false},
    {"?.log", "\303\244.log", true}, /* a character, not an octet */
    {"?.log", "\344.log", true},
    {"?.log", "aa.log", false},
    {"x?y", "x/y", false},
    {"[ab].log", "b.log", true},
    {"[ab].log", "c.log", false},
    {"[a-c]1", "c1", true},
    {"[a-c]1", "d1", false},
    {"[!a-c]1", "d1", true},
    {"[^a-c]1", "a1", false},
    {"[]x]1", "]1", true},
    {"[a-]1", "-1", true},
    {"x[!a]y/z", "x/y/z", false},
    {"\\*.log", "*.log", true},
    {"\\*.log", "a.log", false},
    {"a\\[1].log", "a[1].log", true},
    {"**/a.log", "a.log", true},
    {"**/a.log", "x/a.log", true},
    {"**/a.log", "x/y/a.log", true},
    {"**/a.log", "x/ya.log", false},
    {"x/**", "x/a", true},
    {"x/**", "x/y/z/a", true},
    {"x/**", "y/a", false},
    {"x/**", "x", false},
    {"x/**/a", "x/a", true},
    {"x/**/a", "x/y/z/a", true},
    {"x/**/a", "x/ya", false},
    {"x/**/y/**/a", "x/1/y/2/3/a", true},
    {"x/**/y/**/a", "x/1/2/3/a", false},
    {"**/**/a", "a", true},
    {"x**z", "x/y/z", true},
    {"x***z", "x/y/z", true},
    {"**", "x/y/z", true},
    {"x/", "x/a", true},
    {"x/", "y/x/z/a", true},
    {"x/", "x", false},
    {"/x/", "y/x/a", false},
    {"x/y/", "x/y/z/a", true},
    {"*/", "a", false},
    {"old.zip", "old.zip", true},
    {"../*.log", "../a.log", true},
    {"a b.log", "a b.log", true},
};

START_TEST(test_row)
{
    const char *error;
    struct glob *glob = glob_new(slice_of(rows[_i].pattern), &error);
    ck_assert_msg(glob != NULL, "%s: %s", rows[_i].pattern, error);
    ck_assert_msg(glob_matches(glob, slice_of(rows[_i].path)) == rows[_i].matches, "%s %s %s",
                  rows[_i].pattern, rows[_i].matches ? "against" : "must not match", rows[_i].path);
    glob_free(glob);
}
END_TEST

static const char *const wrong[] = {"", "[a", "a[", "[]", "[!]", "[a-", "a\\"};

START_TEST(test_wrong)
{
    const char *error = NULL;
    ck_assert_ptr_null(glob_new(slice_of(wrong[_i]), &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

/* A pattern for which a matcher that backtracks takes years. */
START_TEST(test_patient)
{
    char pattern[1024], path[4096];
    const char *error;
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[sizeof pattern - 1] = 'b';
    memset(path, 'a', sizeof path);
    struct glob *glob = glob_new((struct slice){pattern, sizeof pattern}, &error);
    ck_assert_ptr_nonnull(glob);
    ck_assert(!glob_matches(glob, (struct slice){path, sizeof path}));
    path[sizeof path - 1] = 'b';
    ck_assert(glob_matches(glob, (struct slice){path, sizeof path}));
    glob_free(glob);
    ck_assert_ptr_null(glob_new((struct slice){path, sizeof path}, &error));
    ck_assert_str_eq(error, "it is too long");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("glob");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_row, 0, ROWS(rows));
    tcase_add_loop_test(all, test_wrong, 0, ROWS(wrong));
    tcase_add_test(all, test_patient);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
