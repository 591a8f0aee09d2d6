/* check_graphviz.c - a stand-in for dot that reads and writes more than a pipe holds. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/graphviz.h"
#include "suite.h"

#define SOURCE_SIZE ((size_t)4 << 20)

static const struct {
    const char *name, *script;
    enum graphviz_status status;
    size_t least; /* octets of the picture */
    const char *trouble;
} stand_ins[] = {
    {"says what it hears", "echo '<svg>'; cat; echo '</svg>'", GRAPHVIZ_DONE, SOURCE_SIZE, ""},
    {"speaks before it listens",
     "echo '<svg>'; head -c 4000000 /dev/zero | tr '\\0' x; cat >/dev/null; echo '</svg>'",
     GRAPHVIZ_DONE, 4000000, ""},
    {"stops listening", "head -c 10 >/dev/null; exec <&-; echo '<svg></svg>'", GRAPHVIZ_DONE, 11,
     ""},
    {"is gone at once", "exit 0", GRAPHVIZ_FAILED, 0, "what dot gave is no picture"},
    {"hears all of it", "[ $(wc -c) = 4194304 ] && echo '<svg></svg>'", GRAPHVIZ_DONE, 11, ""},
};

START_TEST(picture_is_returned)
{
    char folder[] = "/tmp/check_graphviz.XXXXXX", path[64], trouble[GRAPHVIZ_TROUBLE] = "";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/dot", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", stand_ins[_i].script);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0755), 0);
    ck_assert_int_eq(setenv("PATH", folder, 1), 0);

    char *source = malloc(SOURCE_SIZE), *svg = NULL;
    ck_assert_ptr_nonnull(source);
    memset(source, 'a', SOURCE_SIZE);
    enum graphviz_status status = graphviz_svg(source, SOURCE_SIZE, &svg, trouble);
    ck_assert_msg(status == stand_ins[_i].status, "%s: %s", stand_ins[_i].name, trouble);
    ck_assert(status == GRAPHVIZ_DONE ? strlen(svg) >= stand_ins[_i].least : svg == NULL);
    ck_assert_ptr_nonnull(strstr(trouble, stand_ins[_i].trouble));
    free(svg);
    free(source);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(missing_program_differs_from_a_broken_one)
{
    char trouble[GRAPHVIZ_TROUBLE] = "", *svg = NULL;
    ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
    ck_assert_int_eq(graphviz_svg("digraph {}", 10, &svg, trouble), GRAPHVIZ_ABSENT);
    ck_assert_ptr_null(svg);
    ck_assert_ptr_nonnull(strstr(trouble, "apt install graphviz"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graphviz");
    TCase *talk = tcase_create("talk");
    tcase_add_loop_test(talk, picture_is_returned, 0, ROWS(stand_ins));
    tcase_add_test(talk, missing_program_differs_from_a_broken_one);
    suite_add_tcase(suite, talk);
    return suite_run(suite);
}
