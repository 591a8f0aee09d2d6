/* check_score.c - a dialogue that holds scores above one that does not. */
#include "suite.h"
#include "transcript/recognise/score.h"

/* Lines, "C" or "S" and a digit for the session's key before each. */
static long points_of(const char *const lines[])
{
    struct score score = {0};
    for (size_t i = 0; lines[i]; i++) {
        struct line line = {
            .side = lines[i][0] == 'C' ? SIDE_CLIENT : SIDE_SERVER,
            .session = (uint64_t)(lines[i][1] - '0'),
            .number = i + 1,
            .payload = slice_of(lines[i] + 2),
        };
        score_line(&score, &line, 1);
    }
    return score_finish(&score);
}

#define LINES_MAX 16

static const struct {
    const char *better[LINES_MAX], *worse[LINES_MAX];
} readings[] = {
    /* The sides the right way round. */
    {{"S1220 mx", "C1EHLO a", "S1250 mx", "C1QUIT", "S1221 bye"},
     {"C1220 mx", "S1EHLO a", "C1250 mx", "S1QUIT", "C1221 bye"}},
    /* Interleaved sessions, apart and as one. */
    {{"S1220 mx", "S2220 mx", "C1EHLO a", "C2EHLO b", "S1250 mx", "S2250 mx", "C1MAIL FROM:<a>",
      "C2MAIL FROM:<b>", "S1250 ok", "S2250 ok"},
     {"S1220 mx", "S1220 mx", "C1EHLO a", "C1EHLO b", "S1250 mx", "S1250 mx", "C1MAIL FROM:<a>",
      "C1MAIL FROM:<b>", "S1250 ok", "S1250 ok"}},
    /* A 354 and its message, shown or not, against a reply to nothing. */
    {{"C1DATA", "S1354 go", "C1Subject: a", "C1.", "S1250 ok"},
     {"C1DATA", "S1354 go", "C1Subject: a", "C1.", "S1250 ok", "S1250 ok"}},
    {{"C1DATA", "S1354 go", "S1250 ok"}, {"S1354 go", "S1250 ok"}},
    /* LMTP has a reply to the message for each recipient, SMTP has one. */
    {{"C1LHLO a", "S1250 mx", "C1MAIL FROM:<a>", "S1250 ok", "C1RCPT TO:<b>", "S1250 ok",
      "C1RCPT TO:<c>", "S1250 ok", "C1DATA", "S1354 go", "C1.", "S1250 <b>", "S1452 <c>"},
     {"C1EHLO a", "S1250 mx", "C1MAIL FROM:<a>", "S1250 ok", "C1RCPT TO:<b>", "S1250 ok",
      "C1RCPT TO:<c>", "S1250 ok", "C1DATA", "S1354 go", "C1.", "S1250 <b>", "S1452 <c>"}},
    /* After ATRN the server sends the commands. */
    {{"C1ATRN a", "S1250 ok", "S1EHLO a", "C1250 mx", "S1MAIL FROM:<a>", "C1250 ok"},
     {"C1NOOP", "S1250 ok", "S1EHLO a", "C1250 mx", "S1MAIL FROM:<a>", "C1250 ok"}},
    /* A hidden AUTH costs less than a reply to nothing. */
    {{"C1EHLO a", "S1250 mx", "S1235 ok"}, {"C1EHLO a", "S1250 mx", "S1250 ok"}},
    /* Commands that nobody answers. */
    {{"C1EHLO a", "S1250 mx", "C1QUIT", "S1221 bye"}, {"C1EHLO a", "C1QUIT"}},
    /* Text that is no command. */
    {{"C1EHLO a", "S1250 mx"}, {"C1EHLO a", "C1connecting to mx", "S1250 mx"}},
    /* What cannot be: MAIL taken in a transaction. */
    {{"C1MAIL FROM:<a>", "S1250 ok", "C1RCPT TO:<b>", "S1250 ok"},
     {"C1MAIL FROM:<a>", "S1250 ok", "C1MAIL FROM:<a>", "S1250 ok"}},
    /* The log begins inside a message, even with what reads like DATA in it; without its dot it does not. */
    {{"C1MAIL me", "C1to town", "C1QUIT", "C1.", "S1250 ok"},
     {"C1MAIL me", "C1to town", "C1QUIT", "C1..", "S1250 ok"}},
    {{"C1DATA", "C1354 go", "C1to town", "C1.", "S1250 ok"},
     {"C1DATA", "C1go", "C1to town", "C1.", "S1250 ok"}},
    /* What reads like commands and replies in a chunk is its content. */
    {{"C1BDAT 19 LAST", "C1221 bye", "C1MAIL me", "S1250 ok"},
     {"C1BDAT 19 LAST", "S1221 bye", "C1MAIL me", "S1250 ok"}},
    {{"C1BDAT 30", "C1BDAT 20 LAST", "S1250 ok", "S1250 ok"},
     {"C1BDAT 30", "S1250 ok", "S1250 ok"}},
};

START_TEST(what_holds_scores_higher)
{
    ck_assert_int_gt(points_of(readings[_i].better), points_of(readings[_i].worse));
}
END_TEST

START_TEST(many_keys_are_bounded)
{
    struct score score = {0};
    for (unsigned i = 0; i < SCORE_SESSIONS_MAX * 3; i++) {
        struct line line = {.side = SIDE_SERVER, .session = i + 1, .payload = SLICE("220 mx")};
        score_line(&score, &line, 1);
    }
    ck_assert_uint_eq(score.session_count, SCORE_SESSIONS_MAX);
    ck_assert_int_lt(score_finish(&score), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("score");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, what_holds_scores_higher, 0, ROWS(readings));
    tcase_add_test(table, many_keys_are_bounded);
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
