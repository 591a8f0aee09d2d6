/* check_paths.c - paths from the root and from folders.
 */
#include "cli/paths.h"

#include <stdio.h>
#include <unistd.h>

#include "suite.h"

static const struct {
    const char *path, *folder, *relative;
} rows[] = {
    {"/a/b.log", "/a", "b.log"},
    {"/a/x/b.log", "/a", "x/b.log"},
    {"/a/b.log", "/", "a/b.log"},
    {"/b.log", "/", "b.log"},
    {"/b.log", "/a", "../b.log"},
    {"/a/b.log", "/a/x", "../b.log"},
    {"/a/b.log", "/a/x/y", "../../b.log"},
    {"/a/b.log", "/ab", "../a/b.log"},
    {"/ab/b.log", "/a", "../ab/b.log"},
    {"/a/y/b.log", "/a/x", "../y/b.log"},
    {"/a", "/a", "../a"},
};

START_TEST(test_relative)
{
    char *relative = path_relative(rows[_i].path, rows[_i].folder);
    ck_assert_str_eq(relative, rows[_i].relative);
    free(relative);
}
END_TEST

START_TEST(test_from_root)
{
    const char *temporary = getenv("TMPDIR");
    char made[512], shown[600];
    snprintf(made, sizeof made, "%.400s/smtpseq-paths-XXXXXX", temporary ? temporary : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(made));
    char *folder = realpath(made, NULL);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(symlink(".", "link"), 0);
    static const struct {
        const char *path, *after; /* the part after the folder */
    } paths[] = {
        {"a.log", "/a.log"},           {"./a.log", "/a.log"},
        {"link/link/a.log", "/a.log"}, {"link/link", "/link"}, /* the name itself is not followed */
        {"none/a.log", "/none/a.log"},
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char *path = path_from_root(paths[i].path);
        snprintf(shown, sizeof shown, "%s%s", folder, paths[i].after);
        ck_assert_str_eq(path, shown);
        char *again = path_from_root(path);
        ck_assert_str_eq(again, path);
        free(again);
        again = path_shown(path);
        ck_assert_str_eq(again, paths[i].after + 1);
        free(again);
        free(path);
    }
    unlink("link");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(folder);
    free(folder);
}
END_TEST

START_TEST(test_shown)
{
    static const char *const shown[][2] = {
        {"/usr/bin/a", "a"}, {"/usr/a", "../a"}, {"/a", "../../a"}, {"/usr/lib/a", "/usr/lib/a"}};
    ck_assert_int_eq(chdir("/usr/bin"), 0);
    char *path = path_shown(shown[_i][0]);
    ck_assert_str_eq(path, shown[_i][1]);
    free(path);
}
END_TEST

START_TEST(test_folder)
{
    static const char *const folders[][2] = {
        {"/a/b.log", "/a"}, {"/b.log", "/"}, {"/a/x/b", "/a/x"}};
    char *folder = path_folder(folders[_i][0]);
    ck_assert_str_eq(folder, folders[_i][1]);
    free(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paths");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_relative, 0, ROWS(rows));
    tcase_add_test(all, test_from_root);
    tcase_add_loop_test(all, test_shown, 0, 4);
    tcase_add_loop_test(all, test_folder, 0, 3);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
