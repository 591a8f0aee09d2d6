/* check_excerpt.c - the lines that a person sees: marks, the cause above, what a narrow terminal cuts. */
#include "report/excerpt.h"

#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

/* The excerpt of a finding at a terminal of so many columns; 0: none. The caller frees it. */
static char *excerpt_of(const struct finding *finding, unsigned width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    struct report report = {.out = out, .options = {.width = width}};
    excerpt_print(&report, finding);
    fclose(out);
    return text;
}

static void set_earlier(struct earlier_line *earlier, uint64_t line, const char *raw,
                        const char *message)
{
    earlier->line = earlier->at.line = line;
    earlier->at.size = (uint16_t)strlen(raw);
    memcpy(earlier->at.raw, raw, strlen(raw));
    earlier->marked_from = 3;
    earlier->marked_to = 7;
    snprintf(earlier->message, sizeof earlier->message, "%s", message);
}

static void set_cause(struct finding *finding, const char *raw, const char *message)
{
    set_earlier(&finding->cause, 9, raw, message);
}

static void assert_excerpt(const struct finding *finding, unsigned width, const char *expected)
{
    char *found = excerpt_of(finding, width);
    ck_assert_msg(strcmp(found, expected) == 0, "expected:\n%sfound:\n%s", expected, found);
    free(found);
}

START_TEST(finding_has_a_caret)
{
    struct finding finding = {
        .line = 13, .raw = SLICE("C: MAIL FROM:<a@b>"), .marked_from = 3, .marked_to = 7};
    assert_excerpt(&finding, 0,
                   "   13 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
}
END_TEST

START_TEST(cause_is_above)
{
    struct finding finding = {
        .line = 13, .raw = SLICE("C: MAIL FROM:<a@b>"), .marked_from = 3, .marked_to = 7};
    set_cause(&finding, "C: MAIL FROM:<x@y>", "MAIL was accepted here");
    assert_excerpt(&finding, 0,
                   "    9 | C: MAIL FROM:<x@y>\n"
                   "      |    ---- MAIL was accepted here\n"
                   "      ...\n"
                   "   13 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
    finding.line = 10; /* nothing between them */
    assert_excerpt(&finding, 0,
                   "    9 | C: MAIL FROM:<x@y>\n"
                   "      |    ---- MAIL was accepted here\n"
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
    finding.cause.at.part = 1; /* of the other file */
    assert_excerpt(&finding, 0,
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
}
END_TEST

START_TEST(origin_is_above_the_cause)
{
    struct finding finding = {
        .line = 10, .raw = SLICE("C: MAIL FROM:<a@b>"), .marked_from = 3, .marked_to = 7};
    set_cause(&finding, "C: RCPT TO:<x@y>", "RCPT was refused here");
    set_earlier(&finding.origin, 4, "C: MAIL FROM:<x@y>", "MAIL began the transaction here");
    assert_excerpt(&finding, 0,
                   "    4 | C: MAIL FROM:<x@y>\n"
                   "      |    ---- MAIL began the transaction here\n"
                   "      ...\n"
                   "    9 | C: RCPT TO:<x@y>\n"
                   "      |    ---- RCPT was refused here\n"
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
    finding.origin.at.part = 1; /* of the other file */
    assert_excerpt(&finding, 0,
                   "    9 | C: RCPT TO:<x@y>\n"
                   "      |    ---- RCPT was refused here\n"
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
}
END_TEST

/* A reply is part of the words: what it holds must not reach the terminal. */
START_TEST(words_are_escaped)
{
    struct finding finding = {
        .line = 10, .raw = SLICE("C: MAIL FROM:<a@b>"), .marked_from = 3, .marked_to = 7};
    set_cause(&finding, "C: RCPT TO:<x@y>", "RCPT was refused here: 550 \033[2J");
    assert_excerpt(&finding, 0,
                   "    9 | C: RCPT TO:<x@y>\n"
                   "      |    ---- RCPT was refused here: 550 \\x1b[2J\n"
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
}
END_TEST

START_TEST(words_are_wrapped)
{
    struct finding finding = {
        .line = 10, .raw = SLICE("C: MAIL FROM:<a@b>"), .marked_from = 3, .marked_to = 7};
    set_cause(&finding, "C: RCPT TO:<x@y>",
              "RCPT was refused here (550), which does not end the transaction of line 7");
    assert_excerpt(&finding, 60,
                   "    9 | C: RCPT TO:<x@y>\n"
                   "      |    ---- RCPT was refused here (550), which does not\n"
                   "      |    end the transaction of line 7\n"
                   "   10 | C: MAIL FROM:<a@b>\n"
                   "      |    ^~~~\n");
}
END_TEST

START_TEST(wide_line_is_cut_around_its_mark)
{
    struct finding finding = {.line = 5,
                              .raw =
                                  SLICE("2026-11-29 12:00:00.000000 smtp[1234]: a long prefix of "
                                        "a log: C: MAIL FROM:<a@b> and so on, for a while"),
                              .marked_from = 66,
                              .marked_to = 70};
    char *narrow = excerpt_of(&finding, 60), *mark = strstr(narrow, "^~~~");
    ck_assert_ptr_nonnull(mark);
    const char *mail = strstr(narrow, "MAIL"), *second = strchr(narrow, '\n') + 1;
    ck_assert_msg(strstr(narrow, "    5 | ...") == narrow, "%s", narrow);
    ck_assert_msg(mail - narrow == mark - second, "the mark is not under its word:\n%s", narrow);
    for (const char *line = narrow; line && *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(strcspn(line, "\n") <= 60, "too wide:\n%s", narrow);
    free(narrow);
    char *wide = excerpt_of(&finding, 200);
    ck_assert_ptr_null(strstr(wide, "..."));
    free(wide);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("excerpt");
    TCase *lines = tcase_create("lines");
    tcase_add_test(lines, finding_has_a_caret);
    tcase_add_test(lines, cause_is_above);
    tcase_add_test(lines, origin_is_above_the_cause);
    tcase_add_test(lines, words_are_escaped);
    tcase_add_test(lines, words_are_wrapped);
    tcase_add_test(lines, wide_line_is_cut_around_its_mark);
    suite_add_tcase(suite, lines);
    return suite_run(suite);
}
