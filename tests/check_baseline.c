/* check_baseline.c - baselines: sorted, written, read again; and damaged files.
 */
#include "baseline/baseline.h"

#include "suite.h"

static const struct finding nested = {.rule = &smtpseq_rules[RULE_nested_mail],
                                      .known_as = {4, "MAIL"},
                                      .has_state = true,
                                      .state = STATE_MAIL,
                                      .shape = 0x0123456789abcdef};

/* The finding with another rule, command, state or shape, bit by bit. */
static struct finding other(unsigned what)
{
    struct finding finding = nested;
    if (what & 1)
        finding.rule = &smtpseq_rules[RULE_auth_twice];
    if (what & 2)
        EXCERPT_SET(finding.known_as, SLICE("A\1B"));
    if (what & 4)
        finding.has_state = false;
    if (what & 8)
        finding.shape = 1;
    return finding;
}

static char *written(const struct baseline *baseline)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert(baseline_write(baseline, out));
    fclose(out);
    return text;
}

/* Two files, 16 findings each, the second file's twice, in an order that depends on `turn`. */
static void fill(struct baseline *baseline, unsigned turn)
{
    for (unsigned i = 0; i < 48; i++) {
        struct finding finding = other((i * 7 + turn) % 16);
        ck_assert(baseline_add(baseline, i % 48 < 16 ? "a.log" : "x/b.log", &finding));
    }
    baseline_sort(baseline);
}

START_TEST(test_order)
{
    struct baseline first = {0}, second = {0};
    fill(&first, 0);
    fill(&second, 5);
    ck_assert_uint_eq(first.count, 32);
    char *text = written(&first), *again = written(&second);
    ck_assert_str_eq(text, again);
    free(text);
    free(again);
    baseline_free(&first);
    baseline_free(&second);
}
END_TEST

START_TEST(baseline_is_read_as_written)
{
    struct baseline first = {0}, second;
    char error[200];
    unsigned line;
    fill(&first, 0);
    char *text = written(&first);
    ck_assert_msg(baseline_read(&second, slice_of(text), &line, error, sizeof error), "%u: %s",
                  line, error);
    ck_assert_uint_eq(second.count, 32);
    size_t from, count = baseline_file(&second, "x/b.log", &from);
    ck_assert_uint_eq(count, 16);
    for (unsigned i = 0; i < 16; i++) {
        struct finding finding = other(i);
        size_t found = baseline_find(&second, from, count, &finding);
        ck_assert_uint_ne(found, SIZE_MAX);
        ck_assert_uint_eq(second.entries[found].count, 2);
        ck_assert_uint_eq(second.entries[found].line, found + 4);
        finding.shape++;
        ck_assert_uint_eq(baseline_find(&second, from, count, &finding), SIZE_MAX);
    }
    ck_assert_uint_eq(baseline_file(&second, "b.log", &from), 0);
    ck_assert_uint_eq(baseline_file(&second, "z", &from), 0);
    char *again = written(&second);
    ck_assert_str_eq(text, again);
    free(again);
    free(text);
    baseline_free(&first);
    baseline_free(&second);
}
END_TEST

START_TEST(test_written)
{
    struct baseline baseline = {0};
    char *text = written(&baseline);
    ck_assert_str_eq(text, "{\n  \"smtpseq-baseline\": 1,\n  \"findings\": []\n}\n");
    free(text);
    char *path = baseline_path("a\xff\"b");
    ck_assert(baseline_add(&baseline, path, &nested));
    text = written(&baseline);
    ck_assert_str_eq(
        text, "{\n  \"smtpseq-baseline\": 1,\n  \"findings\": [\n"
              "    {\"file\": \"a\xef\xbf\xbd\\\"b\", \"rule\": \"nested-mail\", \"command\": "
              "\"MAIL\", \"state\": \"mail\", \"shape\": \"0123456789abcdef\", \"count\": 1}\n"
              "  ]\n}\n");
    free(text);
    free(path);
    baseline_free(&baseline);
}
END_TEST

/* Many more findings than entries: memory is that of the entries. */
START_TEST(test_many)
{
    struct baseline baseline = {0}, all = {0};
    for (unsigned i = 0; i < 100000; i++)
        ck_assert(baseline_add(&baseline, "a.log", &nested));
    ck_assert_uint_lt(baseline.capacity, 1000);
    ck_assert(baseline_merge(&all, &baseline));
    ck_assert_uint_eq(baseline.count, 0);
    baseline_sort(&all);
    ck_assert_uint_eq(all.count, 1);
    ck_assert_uint_eq(all.entries[0].count, 100000);
    baseline_free(&baseline);
    baseline_free(&all);
}
END_TEST

#define HEAD "{\"smtpseq-baseline\": 1,\n\"findings\": ["
#define ENTRY(rule, shape, count)                                                          \
    "{\"file\": \"{[\\\"a\", \"rule\": \"" rule "\", \"command\": \"\", \"state\": \"\", " \
    "\"shape\": \"" shape "\", \"count\": " count "}"
#define GOOD ENTRY("nested-mail", "0123456789abcdef", "1")

static const struct {
    const char *name, *text;
    unsigned line;
    const char *error;
} wrong[] = {
    {"empty", "", 1, "this is no baseline: '[' or '{' expected near end of file"},
    {"cut", HEAD GOOD, 2, "this is no baseline: ']' expected near end of file"},
    {"a conflict", HEAD "\n" GOOD "\n<<<<<<< HEAD\n]}", 4,
     "this is no baseline: ']' expected near '<'"},
    {"something else", "{\"findings\": []}", 1,
     "this is no baseline: it has no \"smtpseq-baseline\""},
    {"a list", "[]", 1, "this is no baseline: it has no \"smtpseq-baseline\""},
    {"another version", "{\"smtpseq-baseline\": 2, \"findings\": 0}", 1,
     "this baseline was written by another version of smtpseq; write it anew with "
     "--write-baseline"},
    {"no findings", "{\"smtpseq-baseline\": 1}", 1,
     "a baseline has \"smtpseq-baseline\" and a list \"findings\", and nothing else"},
    {"something more", "{\"smtpseq-baseline\": 1, \"findings\": [], \"x\": 1}", 1,
     "a baseline has \"smtpseq-baseline\" and a list \"findings\", and nothing else"},
    {"an entry that is none", HEAD "\n" GOOD ",\n{}]}", 4,
     "an entry has file, rule, command, state, shape and count, and nothing else"},
    {"an unknown rule", HEAD "\n" GOOD ",\n" GOOD ",\n\n" ENTRY("x", "0123456789abcdef", "1") "]}",
     6, "its rule is not known to this smtpseq"},
    {"a short shape", HEAD ENTRY("nested-mail", "012345", "1") "]}", 2,
     "its shape is not 16 hexadecimal digits in small letters"},
    {"a shape of letters", HEAD ENTRY("nested-mail", "0123456789abcdeg", "1") "]}", 2,
     "its shape is not 16 hexadecimal digits in small letters"},
    {"a count of none", HEAD ENTRY("nested-mail", "0123456789abcdef", "0") "]}", 2,
     "its count is less than 1"},
    {"a negative count", HEAD ENTRY("nested-mail", "0123456789abcdef", "-5") "]}", 2,
     "its count is less than 1"},
};

START_TEST(test_wrong)
{
    struct baseline baseline;
    unsigned line;
    char error[200];
    ck_assert(!baseline_read(&baseline, slice_of(wrong[_i].text), &line, error, sizeof error));
    ck_assert_str_eq(error, wrong[_i].error);
    ck_assert_uint_eq(line, wrong[_i].line);
    ck_assert_ptr_null(baseline.entries);
}
END_TEST

/* A baseline that is cut anywhere is never accepted. */
START_TEST(test_cut)
{
    struct slice text = SLICE(HEAD GOOD "]}");
    for (size_t size = 0; size <= text.size; size++) {
        struct baseline baseline;
        unsigned line;
        char error[200];
        ck_assert(baseline_read(&baseline, slice_head(text, size), &line, error, sizeof error) ==
                  (size == text.size));
        baseline_free(&baseline);
    }
}
END_TEST

/* Where an older baseline has the same entry, the larger count is right; what only one has
 * stays. */
START_TEST(test_raise)
{
    static const char newer[] = HEAD ENTRY("nested-mail", "0123456789abcdef", "2") ",\n" ENTRY(
        "rcpt-before-mail", "0123456789abcdef", "1") "]}";
    static const char older[] = HEAD ENTRY("nested-mail", "0123456789abcdef", "5") ",\n" ENTRY(
        "data-before-mail", "0123456789abcdef", "3") ",\n" ENTRY("mail-before-hello",
                                                                 "0123456789abcdef", "9") "]}";
    struct baseline baseline, more;
    unsigned line;
    char error[200];
    ck_assert(baseline_read(&baseline, slice_of(newer), &line, error, sizeof error));
    ck_assert(baseline_read(&more, slice_of(older), &line, error, sizeof error));
    ck_assert_uint_eq(more.count, 3); /* by the name of the rule: data, mail, nested */
    struct baseline_entry last = more.entries[2];
    more.entries[2] = more.entries[1];
    more.entries[1] = last;
    ck_assert(baseline_raise(&baseline, &more, 2));
    ck_assert_uint_eq(baseline.count, 3);
    ck_assert_uint_eq(baseline.entries[0].rule, RULE_data_before_mail);
    ck_assert_uint_eq(baseline.entries[0].count, 3);
    ck_assert_uint_eq(baseline.entries[1].rule, RULE_nested_mail);
    ck_assert_uint_eq(baseline.entries[1].count, 5);
    ck_assert_uint_eq(baseline.entries[2].rule, RULE_rcpt_before_mail);
    ck_assert_uint_eq(baseline.entries[2].count, 1);
    baseline_free(&baseline);
    baseline_free(&more);
}
END_TEST

static const struct {
    const char *text;
    bool is_baseline;
} looks[] = {
    {HEAD "]}", true},
    {" \n{\"findings\": [], \"smtpseq-baseline\": 7}", true},
    {HEAD "\n<<<<<<< HEAD\n", true},
    {"{}", false},
    {"", false},
    {"C: NOOP \"smtpseq-baseline\"", false},
    {"{\"level\": 20, \"msg\": \"C: EHLO smtpseq-baseline\"}", false},
};

START_TEST(test_looks_like)
{
    ck_assert(baseline_looks_like(slice_of(looks[_i].text)) == looks[_i].is_baseline);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline");
    TCase *all = tcase_create("all");
    tcase_add_test(all, test_order);
    tcase_add_test(all, baseline_is_read_as_written);
    tcase_add_test(all, test_written);
    tcase_add_test(all, test_many);
    tcase_add_loop_test(all, test_wrong, 0, ROWS(wrong));
    tcase_add_test(all, test_cut);
    tcase_add_test(all, test_raise);
    tcase_add_loop_test(all, test_looks_like, 0, ROWS(looks));
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
