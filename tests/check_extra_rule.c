/* check_extra_rule.c - a rule is one row and one function. The row in extra_rule.def and the
 * function below are all there is of a rule about a command that is in order, plain and
 * accepted; this test is built with them (SMTPSEQ_EXTRA_RULES). */
#include "recorded.h"
#include "rules/case.h"
#include "suite.h"

void check_reset_after_message(struct judgement *judgement)
{
    if (judgement->session->history[EVENT_STATE].command == COMMAND_END_OF_DATA)
        report(judgement, "RSET has nothing to reset: the message ended the transaction");
}

#define MESSAGE                      \
    "S: 220 mx\n"                    \
    "C: EHLO client.example.com\n"   \
    "S: 250 mx\n"                    \
    "C: MAIL FROM:<a@example.com>\n" \
    "S: 250 ok\n"                    \
    "C: RCPT TO:<b@example.com>\n"   \
    "S: 250 ok\n"                    \
    "C: DATA\n"                      \
    "S: 354 go on\n"                 \
    "C: Subject: hello\n"            \
    "C: .\n"                         \
    "S: 250 queued\n"
#define END     \
    "C: QUIT\n" \
    "S: 221 bye\n"

START_TEST(rule_about_a_normal_command_fires)
{
    char *found = recorded_findings(SLICE(MESSAGE "C: RSET\nS: 250 ok\n" END));
    ck_assert_ptr_nonnull(strstr(found, "reset-after-message line=13 severity=note fault=client"));
    free(found);
}
END_TEST

START_TEST(rule_sees_nothing_else)
{
    char *found = recorded_findings(SLICE(MESSAGE "C: NOOP\nS: 250 ok\n" END));
    ck_assert_str_eq(found, "clean\n");
    free(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("extra_rule");
    TCase *row = tcase_create("row");
    tcase_add_test(row, rule_about_a_normal_command_fires);
    tcase_add_test(row, rule_sees_nothing_else);
    suite_add_tcase(suite, row);
    return suite_run(suite);
}
