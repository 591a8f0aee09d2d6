/* check_redaction.c - no report shows a password, whatever goes wrong near AUTH.
 *
 * The secrets are AHNlY3JldABzZWNyZXQ= and dG9wc2VjcmV0, as AUTH PLAIN and AUTH LOGIN send them.
 * Every recording is checked and replayed in every format.
 */
#include <strings.h>
#include <stdio.h>

#include "check/secrets.h"
#include "recorded.h"
#include "report/formats.h"
#include "suite.h"

#define PLAIN   "AHNlY3JldABzZWNyZXQ="
#define LOGIN   "dG9wc2VjcmV0"
#define HELLO   "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN\n"
#define NO_AUTH "S: 220 mx\nC: EHLO a\nS: 250 mx\n"

static const struct {
    const char *name, *text;
    bool recoverable; /* --show-secrets brings the secret back */
} recordings[] = {
    {"initial response", HELLO "C: AUTH PLAIN " PLAIN "\nS: 235 ok\n", true},
    {"small letters", HELLO "C: auth plain " PLAIN "\nS: 235 ok\n", true},
    {"blanks", HELLO "C: AUTH   PLAIN   " PLAIN "  \nS: 235 ok\n", true},
    {"tab after the verb", HELLO "C: AUTH\tPLAIN " PLAIN "\nS: 235 ok\n", true},
    {"tab after the mechanism", HELLO "C: AUTH PLAIN\t" PLAIN "\nS: 235 ok\n", true},
    {"tabs, out of order", NO_AUTH "C: AUTH\tPLAIN\t" PLAIN "\nS: 503 no\n", true},
    {"initial response of LOGIN", HELLO "C: AUTH LOGIN " LOGIN "\nS: 235 ok\n", true},
    {"mechanism that is not offered", HELLO "C: AUTH XOAUTH2 " PLAIN "\nS: 504 no\n", true},
    {"refused", HELLO "C: AUTH PLAIN " PLAIN "\nS: 535 no\n", true},
    {"before EHLO", "S: 220 mx\nC: AUTH PLAIN " PLAIN "\nS: 503 no\n", true},
    {"not offered", NO_AUTH "C: AUTH PLAIN " PLAIN "\nS: 503 no\n", true},
    {"inside a transaction",
     HELLO "C: MAIL FROM:<a@b>\nS: 250\nC: AUTH PLAIN " PLAIN "\nS: 503 no\n", true},
    {"twice", HELLO "C: AUTH PLAIN " PLAIN "\nS: 235\nC: AUTH PLAIN " PLAIN "\nS: 503\n", true},
    {"after QUIT", HELLO "C: QUIT\nS: 221\nC: AUTH PLAIN " PLAIN "\n", true},
    {"before the greeting", "C: AUTH PLAIN " PLAIN "\nS: 220 mx\nS: 503 no\n", true},
    {"never answered", HELLO "C: AUTH PLAIN " PLAIN "\n", true},
    {"wrong answer", HELLO "C: AUTH PLAIN " PLAIN "\nS: 354 go\nC: QUIT\nS: 221\n", true},
    {"no reply at all", HELLO "C: AUTH PLAIN " PLAIN "\nS: Traceback:\nC: QUIT\nS: 221\n", true},
    {"pipelined after EHLO", "S: 220 mx\nC: EHLO a\nC: AUTH PLAIN " PLAIN "\nS: 250 mx\nS: 503\n",
     true},
    {"after STARTTLS",
     "S: 220 mx\nC: EHLO a\nS: 250-mx\nS: 250-AUTH PLAIN\nS: 250 STARTTLS\n"
     "C: STARTTLS\nC: AUTH PLAIN " PLAIN "\nS: 220 go\nC: EHLO a\nS: 250 mx\n",
     true},
    {"answer to a challenge", HELLO "C: AUTH PLAIN\nS: 334 \nC: " PLAIN "\nS: 235\n", false},
    {"LOGIN",
     HELLO "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " LOGIN "\nS: 334 UGFzc3dvcmQ6\nC: " LOGIN
           "\nS: 535 no\n",
     false},
    {"answer without a reply", HELLO "C: AUTH LOGIN\nS: 503 no\nC: " LOGIN "\n", false},
    {"answers without a reply", HELLO "C: AUTH LOGIN\nC: " LOGIN "\nC: " LOGIN "\n", false},
    {"the server repeats an answer",
     HELLO "C: AUTH LOGIN\nS: 503 no\nC: " LOGIN "\nS: 500 unknown \"" LOGIN "\"\n", false},
    {"challenge without a reply", HELLO "C: AUTH LOGIN\nS: 334 a\nC: " LOGIN "\n", false},
    {"answer sent too early", HELLO "C: AUTH PLAIN\nC: " PLAIN "\nS: 334 \nS: 235 ok\n", false},
    {"answers sent too early",
     HELLO "C: AUTH LOGIN\nC: " LOGIN "\nC: " LOGIN "\nS: 334 a\nS: 334 b\nS: 235 ok\n", false},
    {"answer to an AUTH that was refused",
     HELLO "C: AUTH LOGIN\nS: 503 no\nC: " LOGIN "\nS: 500 what\nC: QUIT\nS: 221\n", false},
    {"answers to an AUTH that was refused",
     HELLO "C: AUTH LOGIN\nS: 503 no\nC: " LOGIN "\nS: 500 what\nC: " LOGIN "\nS: 500 what\n",
     false},
    {"answers sent with an AUTH that was refused",
     HELLO "C: AUTH LOGIN\nC: " LOGIN "\nC: " LOGIN "\nS: 503 no\nS: 500 what\nS: 500 what\n",
     false},
    {"one answer too many",
     HELLO "C: AUTH PLAIN\nS: 334 \nC: " PLAIN "\nS: 235 ok\nC: " PLAIN "\nS: 500 what\n", false},
    {"the client alone", "C: EHLO a\nC: AUTH PLAIN " PLAIN "\nC: QUIT\n", true},
    {"the client alone, LOGIN", "C: EHLO a\nC: AUTH LOGIN\nC: " LOGIN "\nC: " LOGIN "\nC: QUIT\n",
     false},
    {"script", "EHLO a\nAUTH LOGIN\n" LOGIN "\n" LOGIN "\nRCPT TO:<a@b>\n", false},
    {"script, out of order", "EHLO a\nMAIL FROM:<a@b>\nAUTH PLAIN " PLAIN "\n", true},
    {"swaks",
     "=== Trying mx:25...\n<-  220 mx\n -> EHLO a\n<-  250 mx\n -> AUTH PLAIN " PLAIN
     "\n<** 503 no\n",
     true},
    {"curl", "< 220 mx\n> EHLO a\n< 250 mx\n> AUTH PLAIN\n< 334 \n> " PLAIN "\n< 235 ok\n", false},
    {"smtplib",
     "reply: b'220 mx\\r\\n'\nsend: 'ehlo a\\r\\n'\nreply: b'250 mx\\r\\n'\n"
     "send: 'AUTH PLAIN " PLAIN "\\r\\n'\nreply: b'503 no\\r\\n'\n",
     true},
    {"the server repeats it", HELLO "C: AUTH PLAIN " PLAIN "\nS: 501 cannot decode \"" PLAIN "\"\n",
     true},
    {"the server repeats it, out of order",
     NO_AUTH "C: AUTH PLAIN " PLAIN "\nS: 500 unknown: AUTH PLAIN " PLAIN "\n", true},
};

static int format_count(void)
{
    int count = 0;
    while (report_format_at((size_t)count))
        count++;
    return count;
}

static bool holds_nocase(const char *text, const char *part)
{
    while (*text && strncasecmp(text, part, strlen(part)) != 0)
        text++;
    return *text != '\0';
}

/* Rows by formats; a failure shows what leaked. */
START_TEST(secret_is_not_shown)
{
    const struct report_format *format = report_format_at((size_t)(_i % format_count()));
    int row = _i / format_count();
    char *report = recorded_report(slice_of(recordings[row].text), format, false);
    ck_assert_msg(!strstr(report, PLAIN) && !strstr(report, LOGIN), "%s, %s:\n%s",
                  recordings[row].name, format->name, report);
    /* Nor half of it, because of a wrong column; nor as a verb in capitals. */
    ck_assert_msg(!holds_nocase(report, "NyZXQ=") && !holds_nocase(report, "VjcmV0"), "%s, %s:\n%s",
                  recordings[row].name, format->name, report);
    free(report);
}
END_TEST

START_TEST(show_secrets_shows_them)
{
    if (!recordings[_i].recoverable)
        return;
    char *report =
        recorded_report(slice_of(recordings[_i].text), report_format_by_name("text"), true);
    ck_assert_msg(strstr(report, PLAIN) || strstr(report, LOGIN), "%s:\n%s", recordings[_i].name,
                  report);
    ck_assert_msg(!strstr(report, REDACTED), "%s:\n%s", recordings[_i].name, report);
    free(report);
}
END_TEST

/* The mechanism is not a secret, and is needed to see what went wrong. */
START_TEST(mechanism_is_shown)
{
    const struct report_format *format;
    for (size_t i = 0; (format = report_format_at(i)); i++) {
        if (!format->exchange)
            continue;
        char *report = recorded_report(slice_of(recordings[0].text), format, false);
        const char *mechanism = strstr(report, "PLAIN ");
        /* Some formats write the brackets as something else. */
        ck_assert_msg(mechanism && strstr(mechanism, "redacted"), "%s", report);
        free(report);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redaction");
    TCase *reports = tcase_create("reports");
    tcase_add_loop_test(reports, secret_is_not_shown, 0, format_count() * ROWS(recordings));
    tcase_add_loop_test(reports, show_secrets_shows_them, 0, ROWS(recordings));
    tcase_add_test(reports, mechanism_is_shown);
    suite_add_tcase(suite, reports);
    return suite_run(suite);
}
