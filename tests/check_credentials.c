/* check_credentials.c - passwords, and the placeholders that logs show instead. */
#include "rules/credentials.h"
#include "suite.h"

static const struct {
    const char *name, *argument, *text;
    bool password; /* LOGIN: it was asked for */
    bool held;
} materials[] = {
    {"PLAIN", "PLAIN", "AGFsaWNlAGV4YW1wbGU=", false, true},
    {"authzid", "plain", "YWxpY2UAYWxpY2UAZXhhbXBsZQ==", false, true},
    {"no password", "PLAIN", "AGFsaWNlAA==", false, false},
    {"one NUL", "PLAIN", "YWxpY2UAZXhhbXBsZQ==", false, false},
    {"stars", "PLAIN", "AGFsaWNlACoqKioqKioq", false, false},
    {"nodemailer", "PLAIN", "AGFsaWNlAC8qIHNlY3JldCAqLw==", false, false},
    {"swaks", "PLAIN", "AGFsaWNlAFBST1ZJREVEX0JVVF9SRU1PVkVE", false, false},
    {"in brackets", "PLAIN", "AGFsaWNlADxwYXNzd29yZD4=", false, false},
    {"redacted", "PLAIN", "[redacted]", false, false},
    {"crosses", "PLAIN", "xxxxxxxx", false, false},
    {"nothing", "PLAIN", "", false, false},
    {"empty response", "PLAIN", "=", false, false},
    {"base64 in blanks", "PLAIN", " AGFsaWNlAGV4YW1wbGU= ", false, true},
    {"cut", "PLAIN", "AGFsaWNlAGV4YW1wb", false, false},
    {"name of LOGIN", "LOGIN", "YWxpY2U=", false, false},
    {"password of LOGIN", "LOGIN", "ZXhhbXBsZQ==", true, true},
    {"UTF-8", "LOGIN", "cMOkc3N3w7ZyZA==", true, true},
    {"no base64", "LOGIN", "example", true, false},
    {"word that looks like base64", "LOGIN", "REDACTED", true, false},
    {"another", "LOGIN", "password", true, false},
    {"cancelled", "LOGIN", "*", true, false},
    {"hidden", "LOGIN", "W2hpZGRlbl0=", true, false},
    {"XOAUTH2", "XOAUTH2", "dXNlcj1hQGIBYXV0aD1CZWFyZXIgeWEyOS54AQE=", false, true},
    {"XOAUTH2 without token", "XOAUTH2", "dXNlcj1hQGIBYXV0aD1CZWFyZXIgKioqKgEB", false, false},
    {"OAUTHBEARER", "OAUTHBEARER", "bixhPWFAYiwBaG9zdD1iAWF1dGg9QmVhcmVyIHlhMjkueAEB", false, true},
    {"answer to an error", "OAUTHBEARER", "AQ==", false, false},
    {"CRAM-MD5", "CRAM-MD5", "YWxpY2UgYjkxM2E2MDJjN2VkYTdhNDk1YjRlNmU3MzM0ZDM4OTA=", true, false},
    {"SCRAM", "SCRAM-SHA-256", "biwsbj1hbGljZSxyPXJPcHJOR2Z3RWJlUldnYk5Fa3FP", true, false},
    {"hidden mechanism", "", "AGFsaWNlAGV4YW1wbGU=", true, false},
};

START_TEST(password_is_told_from_its_placeholder)
{
    bool held = holds_credentials(mechanism_in(slice_of(materials[_i].argument)),
                                  slice_of(materials[_i].text), materials[_i].password);
    ck_assert_msg(held == materials[_i].held, "%s: %s", materials[_i].name,
                  held ? "taken for one" : "not found");
}
END_TEST

/* A token may be longer than the part that is examined. */
START_TEST(long_token_is_found)
{
    static char text[40000];
    memcpy(text, "n,,\001auth=Bearer ", 16);
    memset(text + 16, 'x', 100);
    memset(text + 116, 'y', sizeof text - 117);
    ck_assert(holds_credentials(MECHANISM_BEARER, slice_of(text), false));
    memset(text, 'A', sizeof text - 4); /* base64 of NUL */
    text[sizeof text - 4] = '\0';
    ck_assert(!holds_credentials(MECHANISM_BEARER, slice_of(text), false));
    ck_assert(!holds_credentials(MECHANISM_LOGIN, slice_of(text), true));
}
END_TEST

static const struct {
    const char *challenge;
    int asks;
} challenges[] = {
    {"VXNlcm5hbWU6", 0},                                             /* Username: */
    {"UGFzc3dvcmQ6", 1},                                             /* Password: */
    {"VXNlciBOYW1lAA==", 0},                                         /* User Name NUL */
    {"UGFzc3dvcmQA", 1},                                             /* Password NUL */
    {"Password:", 1},        {"", -1}, {"bXguZXhhbXBsZS5jb20=", -1}, /* mx.example.com */
};

START_TEST(challenge_tells_what_is_asked_for)
{
    ck_assert_int_eq(asks_for_password(slice_of(challenges[_i].challenge)), challenges[_i].asks);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("credentials");
    TCase *cases = tcase_create("material");
    tcase_add_loop_test(cases, password_is_told_from_its_placeholder, 0, ROWS(materials));
    tcase_add_test(cases, long_token_is_found);
    tcase_add_loop_test(cases, challenge_tells_what_is_asked_for, 0, ROWS(challenges));
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
