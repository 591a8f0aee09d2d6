/* check_fingerprint.c - the fingerprint of a finding does not change when the log around it
 * changes, and no other finding has the same.
 */
#include <unistd.h>

#include "recorded.h"
#include "report/fingerprint.h"
#include "suite.h"

#define HELLO  "S: 220 mx\nC: EHLO a\nS: 250 mx\n"
#define BEGUN  HELLO "C: MAIL FROM:<a@b>\nS: 250 ok\n"
#define NESTED "C: MAIL FROM:<c@d>\nS: 503 no\n"

/* Stores the fingerprint of the first finding of a transcript. */
static void keep_first(void *context, const struct finding *finding)
{
    uint64_t *print = context;
    if (*print == 0)
        *print = fingerprint(finding, "a.log");
}

static uint64_t print_of(const char *text)
{
    uint64_t print = 0;
    struct smtpseq_callbacks callbacks = {.context = &print, .finding = keep_first};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, NULL);
    struct smtpseq_recording recording;
    int descriptor = recorded_descriptor(slice_of(text));
    struct source *source = source_open(descriptor);
    ck_assert_int_eq(smtpseq_check(checker, source, NULL, &recording), SMTPSEQ_OK);
    source_close(source);
    close(descriptor);
    smtpseq_checker_free(checker);
    ck_assert_uint_ne(print, 0);
    return print;
}

/* All beside BEGUN NESTED: the same fault, or another. */
static const struct {
    const char *name, *text;
    bool same;
} rows[] = {
    {"again", BEGUN NESTED, true},
    {"a comment above", "# of Monday\n\n" BEGUN NESTED, true},
    {"a session above", HELLO "C: QUIT\nS: 221 bye\n" BEGUN NESTED, true},
    {"something after it", BEGUN NESTED "C: QUIT\nS: 221 bye\n", true},
    {"other arguments",
     "S: 220 other\nC: EHLO z\nS: 250 other\nC: MAIL FROM:<x@y>\nS: 250 fine\n" NESTED, true},
    {"another text of the reply", BEGUN "C: MAIL FROM:<c@d>\nS: 503 nested MAIL\n", true},
    {"taken", BEGUN "C: MAIL FROM:<c@d>\nS: 250 ok\n", true},
    {"NOOP before it", BEGUN "C: NOOP\nS: 250 ok\n" NESTED, false},
    {"a recipient before it", BEGUN "C: RCPT TO:<e@f>\nS: 250 ok\n" NESTED, false},
    {"another rule", HELLO "C: DATA\nS: 503 no\n", false},
    {"another greeting", "S: 220 mx\nC: HELO a\nS: 250 mx\nC: MAIL FROM:<a@b>\nS: 250 ok\n" NESTED,
     false},
};

START_TEST(test_around)
{
    uint64_t first = print_of(BEGUN NESTED), other = print_of(rows[_i].text);
    ck_assert_msg((first == other) == rows[_i].same, "%s", rows[_i].name);
}
END_TEST

START_TEST(test_runs)
{
#define RCPT(code) "C: RCPT TO:<e@f>\nS: " code " x\n"
    uint64_t one = print_of(BEGUN RCPT("250") NESTED);
    ck_assert_uint_eq(one, print_of(BEGUN RCPT("250") RCPT("250") NESTED));
    ck_assert_uint_ne(one, print_of(BEGUN RCPT("250") RCPT("550") NESTED));
    ck_assert_uint_ne(one, print_of(BEGUN RCPT("550") NESTED));
}
END_TEST

START_TEST(test_file)
{
    struct finding finding = {.rule = &smtpseq_rules[RULE_nested_mail]};
    ck_assert_uint_eq(fingerprint(&finding, "a.log"), fingerprint(&finding, "a.log"));
    ck_assert_uint_ne(fingerprint(&finding, "a.log"), fingerprint(&finding, "b.log"));
}
END_TEST

/* AUTH material is not part of a fingerprint, because baselines are committed. */
START_TEST(test_secret)
{
    struct finding finding = {.rule = &smtpseq_rules[RULE_unknown_command]};
    EXCERPT_SET(finding.command, SLICE("c2VjcmV0"));
    EXCERPT_SET(finding.known_as, SLICE("AUTH"));
    uint64_t print = fingerprint(&finding, "a.log");
    EXCERPT_SET(finding.command, SLICE("b3RoZXI="));
    ck_assert_uint_eq(print, fingerprint(&finding, "a.log"));
    ck_assert(slice_equal(fingerprint_command(&finding), SLICE("AUTH")));
}
END_TEST

START_TEST(test_unique)
{
    struct fingerprint_counts counts = {0};
    uint64_t seen[600];
    /* Three of each, in turns, enough of them for the table to grow; then what came out. */
    for (size_t i = 0; i < 600; i++) {
        seen[i] = i < 300 ? 1000 + i % 100 : seen[i - 300];
        ck_assert(fingerprint_unique(&counts, &seen[i]));
        ck_assert(i >= 100 || seen[i] == 1000 + i);
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(seen[i], seen[k]);
    }
    fingerprint_counts_free(&counts);
}
END_TEST

START_TEST(test_text)
{
    char text[FINGERPRINT_TEXT];
    fingerprint_text(UINT64_C(0x00ab), text);
    ck_assert_str_eq(text, "00000000000000ab");
}
END_TEST

/* Baselines are used for years: these fingerprints must never change. */
START_TEST(fingerprints_never_change)
{
    char text[FINGERPRINT_TEXT];
    fingerprint_text(print_of(BEGUN NESTED), text);
    ck_assert_str_eq(text, "0cef94ff4a93dc43");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_around, 0, ROWS(rows));
    tcase_add_test(all, test_runs);
    tcase_add_test(all, test_file);
    tcase_add_test(all, test_secret);
    tcase_add_test(all, test_unique);
    tcase_add_test(all, test_text);
    tcase_add_test(all, fingerprints_never_change);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
