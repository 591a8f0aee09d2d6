/* check_location.c - regions are never empty and count characters; paths become URIs. */
#include "report/location.h"
#include "suite.h"

static const struct {
    const char *name;
    struct slice raw;
    uint64_t line;
    uint32_t column, end_column; /* in octets */
    struct region region;
} regions[] = {
    {"plain", OCTETS("C: MAIL FROM:<a>"), 7, 4, 8, {7, 4, 8}},
    {"two octets before", OCTETS("\xc3\xbc: MAIL"), 1, 5, 9, {1, 4, 8}},
    {"two octets within", OCTETS("C: \xc3\xbc"), 1, 4, 6, {1, 4, 5}},
    {"beyond the basic plane", OCTETS("\xf0\x9f\x93\xa7: \xf0\x9f\x93\xa7!"), 1, 7, 12, {1, 5, 8}},
    {"no UTF-8", OCTETS("\xff\xe2\x82 MAIL"), 1, 5, 9, {1, 5, 9}},
    {"NUL", OCTETS("C: \0MAIL"), 1, 5, 9, {1, 5, 9}},
    {"empty", OCTETS("C: "), 3, 4, 4, {3, 4, 5}},
    {"an end before its beginning", OCTETS("C: MAIL"), 3, 4, 1, {3, 4, 5}},
    {"nowhere", OCTETS(""), 0, 0, 0, {1, 1, 2}},
    {"after the excerpt", OCTETS("\xc3\xbc"), 1, 600, 604, {1, 599, 603}},
};

START_TEST(regions_count_characters)
{
    struct finding finding = {
        .line = regions[_i].line,
        .column = regions[_i].column,
        .end_column = regions[_i].end_column,
        .raw = slice_head(regions[_i].raw, FINDING_TEXT),
    };
    struct region found = location_region(&finding), expected = regions[_i].region;
    ck_assert_msg(found.line == expected.line && found.column == expected.column &&
                      found.end_column == expected.end_column,
                  "%s: %u to %u", regions[_i].name, found.column, found.end_column);
}
END_TEST

static const struct {
    const char *path, *uri;
} uris[] = {
    {"logs/a.txt", "logs/a.txt"},
    {"a b", "a%20b"},
    {"a:b", "a%3Ab"}, /* no scheme */
    {"100%", "100%25"},
    {"a.zip!b.txt", "a.zip!b.txt"},
    {"?#[]\"\\\n", "%3F%23%5B%5D%22%5C%0A"},
    {"\xc3\xbc\xff", "%C3%BC%FF"},
    {"/var/log/a b", "file:///var/log/a%20b"},
    {"", ""},
};

START_TEST(paths_become_uris)
{
    char *uri = location_uri(uris[_i].path);
    ck_assert_str_eq(uri, uris[_i].uri);
    free(uri);
}
END_TEST

/* Whatever the working folder is. */
static const struct {
    const char *file, *path;
} paths[] = {
    {"a", "a"},
    {"./a", "a"},
    {".//a/./b/../c/", "a/c"},
    {"a/../b", "b"},
    {"-", "-"},
    {"..a/.b", "..a/.b"},
    {"/no-such-folder/./a", "/no-such-folder/a"},
    {"/../a", "/a"},
    {"//no-such-folder//x/..//a", "/no-such-folder/a"},
    {"a.zip!b.txt", "a.zip!b.txt"},
    {"./x/../a.zip!b//./c.txt", "a.zip!b/c.txt"},
    {"a.tar!../../src/main.c", "a.tar!src/main.c"},
    {"a.tar!b/../../../c", "a.tar!c"},
    {"a.tar!/etc/passwd", "a.tar!etc/passwd"},
    {"/no-such-folder/a.tar!../b", "/no-such-folder/a.tar!b"},
    {"a.zip!b.tar!../../c", "a.zip!c"},
    {"a.tar!..", "a.tar!"},
};

START_TEST(paths_are_normalised)
{
    char *path = location_path(paths[_i].file);
    ck_assert_str_eq(path, paths[_i].path);
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("location");
    TCase *places = tcase_create("places");
    tcase_add_loop_test(places, regions_count_characters, 0, ROWS(regions));
    tcase_add_loop_test(places, paths_become_uris, 0, ROWS(uris));
    tcase_add_loop_test(places, paths_are_normalised, 0, ROWS(paths));
    suite_add_tcase(suite, places);
    return suite_run(suite);
}
