/* check_reply.c - parses a server's line, and checks which code may answer which command. */
#include "every_line.h"
#include "smtp/reply.h"
#include "suite.h"

/* grammar/reply.l */
enum reply_line_kind reply_scan_head(struct reply_scanner *scanner, struct slice line);

static struct reply_scanner *scanner;

static void set_up(void)
{
    scanner = reply_scanner_new();
    ck_assert_ptr_nonnull(scanner);
}

static void tear_down(void)
{
    reply_scanner_free(scanner);
}

static const struct {
    const char *name;
    struct slice line;
    enum reply_line_kind kind;
    int code;
    struct slice text;
} lines[] = {
    {"last line", OCTETS("250 2.1.0 Ok"), REPLY_LINE_LAST, 250, OCTETS("2.1.0 Ok")},
    {"more to come", OCTETS("250-mx.example.com"), REPLY_LINE_MORE, 250, OCTETS("mx.example.com")},
    {"bare code", OCTETS("250"), REPLY_LINE_LAST, 250, OCTETS("")},
    {"code and blank", OCTETS("354 "), REPLY_LINE_LAST, 354, OCTETS("")},
    {"code and tab", OCTETS("250\tOk"), REPLY_LINE_LAST, 250, OCTETS("Ok")},
    {"more, without text", OCTETS("250-"), REPLY_LINE_MORE, 250, OCTETS("")},
    {"code that is none", OCTETS("999 what"), REPLY_LINE_LAST, 999, OCTETS("what")},
    {"all zeros", OCTETS("000 what"), REPLY_LINE_LAST, 0, OCTETS("what")},
    {"blanks are text", OCTETS("250   Ok"), REPLY_LINE_LAST, 250, OCTETS("  Ok")},
    {"two digits", OCTETS("25"), REPLY_LINE_NONE, 0, OCTETS("25")},
    {"two digits and a blank", OCTETS("25 0"), REPLY_LINE_NONE, 0, OCTETS("25 0")},
    {"empty", OCTETS(""), REPLY_LINE_NONE, 0, OCTETS("")},
    {"four digits", OCTETS("2500 Ok"), REPLY_LINE_NONE, 0, OCTETS("2500 Ok")},
    {"letter after the code", OCTETS("250Ok"), REPLY_LINE_NONE, 0, OCTETS("250Ok")},
    {"underscore", OCTETS("250_Ok"), REPLY_LINE_NONE, 0, OCTETS("250_Ok")},
    {"text", OCTETS("Traceback:"), REPLY_LINE_NONE, 0, OCTETS("Traceback:")},
    {"blank before the code", OCTETS(" 250 Ok"), REPLY_LINE_NONE, 0, OCTETS(" 250 Ok")},
    {"NUL in the code", OCTETS("2\0000 Ok"), REPLY_LINE_NONE, 0, OCTETS("2\0000 Ok")},
    {"NUL after the code", OCTETS("250\0Ok"), REPLY_LINE_NONE, 0, OCTETS("250\0Ok")},
    {"NUL in the text", OCTETS("250 a\0b"), REPLY_LINE_LAST, 250, OCTETS("a\0b")},
    {"line end in the line", OCTETS("250\nOk"), REPLY_LINE_LAST, 250, OCTETS("Ok")},
    {"8 bit", OCTETS("250 \xff\xc3"), REPLY_LINE_LAST, 250, OCTETS("\xff\xc3")},
    {"digits that are not ASCII", OCTETS("\xd9\xa2\xd9\xa5 x"), REPLY_LINE_NONE, 0,
     OCTETS("\xd9\xa2\xd9\xa5 x")},
};

START_TEST(line_is_parsed)
{
    struct reply_line found = reply_scan(scanner, lines[_i].line);
    ck_assert_msg(found.kind == lines[_i].kind && found.code == lines[_i].code, "%s: %d, code %d",
                  lines[_i].name, found.kind, found.code);
    ck_assert_msg(slice_equal(found.text, lines[_i].text), "%s: text '%.*s'", lines[_i].name,
                  (int)found.text.size, found.text.data);
}
END_TEST

START_TEST(code_is_three_digits)
{
    ck_assert_int_eq(reply_code(SLICE("250 Ok")), 250);
    ck_assert_int_eq(reply_code(SLICE("999")), 999);
    ck_assert_int_eq(reply_code(SLICE("000")), 0);
    ck_assert_int_eq(reply_code(SLICE("2500")), 250);
    ck_assert_int_eq(reply_code(SLICE("25")), -1);
    ck_assert_int_eq(reply_code(SLICE("25x")), -1);
    ck_assert_int_eq(reply_code(SLICE("x50")), -1);
    ck_assert_int_eq(reply_code(SLICE("2 0")), -1);
    ck_assert_int_eq(reply_code(SLICE("")), -1);
}
END_TEST

START_TEST(scanner_forgets_the_line_before)
{
    ck_assert_int_eq(reply_scan(scanner, SLICE("250-x")).kind, REPLY_LINE_MORE);
    ck_assert_int_eq(reply_scan(scanner, SLICE("25")).kind, REPLY_LINE_NONE);
    ck_assert_int_eq(reply_scan(scanner, SLICE("")).kind, REPLY_LINE_NONE);
    ck_assert_int_eq(reply_scan(scanner, SLICE("550")).code, 550);
}
END_TEST

/* The usual heads are read without the scanner: it must say the same. */
static void assert_scanner_agrees(struct slice line)
{
    enum reply_line_kind found = reply_scan(scanner, line).kind;
    enum reply_line_kind expected = reply_scan_head(scanner, line);
    ck_assert_msg(found == expected, "'%.*s': %d, not %d", (int)line.size, line.data, (int)found,
                  (int)expected);
}

START_TEST(scanner_agrees_after_every_octet)
{
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 5; at++) {
            char line[] = "250 Ok";
            line[at] = (char)c;
            for (size_t size = 0; size < sizeof line; size++)
                assert_scanner_agrees((struct slice){line, size});
        }
}
END_TEST

START_TEST(scanner_agrees_on_every_line_of_the_fixtures)
{
    ck_assert_uint_gt(every_line(FIXTURES, assert_scanner_agrees), 100000);
}
END_TEST

/* RFC 5321 4.2.1, for every number of three digits and those beside them. */
START_TEST(valid_codes_are_those_of_the_grammar)
{
    for (int code = -1; code <= 1000; code++) {
        int first = code / 100, second = code / 10 % 10;
        bool valid = code >= 0 && first >= 2 && first <= 5 && second <= 5;
        ck_assert_msg(reply_code_valid(code) == valid, "%d", code);
    }
}
END_TEST

static const struct {
    enum command command;
    int code;
    bool fits;
} pairs[] = {
    {COMMAND_CONNECT, 220, true},     {COMMAND_CONNECT, 250, false},
    {COMMAND_CONNECT, 554, true},     {COMMAND_CONNECT, 421, true},
    {COMMAND_EHLO, 250, true},        {COMMAND_EHLO, 220, false},
    {COMMAND_EHLO, 502, true},        {COMMAND_MAIL, 250, true},
    {COMMAND_MAIL, 251, false},       {COMMAND_MAIL, 354, false},
    {COMMAND_MAIL, 552, true},        {COMMAND_RCPT, 250, true},
    {COMMAND_RCPT, 251, true},        {COMMAND_RCPT, 252, true},
    {COMMAND_RCPT, 551, true},        {COMMAND_RCPT, 221, false},
    {COMMAND_DATA, 354, true},        {COMMAND_DATA, 250, false},
    {COMMAND_DATA, 503, true},        {COMMAND_DATA, 554, true},
    {COMMAND_END_OF_DATA, 250, true}, {COMMAND_END_OF_DATA, 354, false},
    {COMMAND_END_OF_DATA, 451, true}, {COMMAND_BDAT, 250, true},
    {COMMAND_BDAT, 354, false},       {COMMAND_BDAT_LAST, 250, true},
    {COMMAND_RSET, 250, true},        {COMMAND_RSET, 550, false},
    {COMMAND_RSET, 503, true},        {COMMAND_RSET, 421, true},
    {COMMAND_NOOP, 250, true},        {COMMAND_NOOP, 551, false},
    {COMMAND_QUIT, 221, true},        {COMMAND_QUIT, 250, false},
    {COMMAND_QUIT, 550, false},       {COMMAND_QUIT, 500, true},
    {COMMAND_AUTH, 235, true},        {COMMAND_AUTH, 334, true},
    {COMMAND_AUTH, 535, true},        {COMMAND_AUTH, 250, false},
    {COMMAND_STARTTLS, 220, true},    {COMMAND_STARTTLS, 250, false},
    {COMMAND_STARTTLS, 454, true},    {COMMAND_VRFY, 252, true},
    {COMMAND_VRFY, 551, true},        {COMMAND_EXPN, 250, true},
    {COMMAND_HELP, 214, true},        {COMMAND_HELP, 211, true},
    {COMMAND_HELP, 250, false},       {COMMAND_ETRN, 253, true},
    {COMMAND_XCLIENT, 220, true},     {COMMAND_UNKNOWN, 250, true},
    {COMMAND_UNKNOWN, 334, true},     {COMMAND_UNKNOWN, 999, false},
    {COMMAND_MAIL, 199, false},       {COMMAND_MAIL, 0, false},
    {COMMAND_MAIL, 560, false},
};

START_TEST(code_fits_the_command)
{
    ck_assert_msg(reply_code_fits(pairs[_i].command, pairs[_i].code) == pairs[_i].fits, "%d to %s",
                  pairs[_i].code, command_name(pairs[_i].command));
}
END_TEST

/* RFC 5321 3.8 and 4.2.4: 421 at any time, 500 and 502 where a server lacks the command. */
START_TEST(some_refusals_fit_every_command)
{
    static const int refusals[] = {421, 500, 501, 502, 503};
    for (int i = 0; i < ROWS(refusals); i++)
        ck_assert_msg(reply_code_fits((enum command)_i, refusals[i]), "%d to %s", refusals[i],
                      command_name((enum command)_i));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *scan = tcase_create("scan");
    tcase_add_checked_fixture(scan, set_up, tear_down);
    tcase_add_loop_test(scan, line_is_parsed, 0, ROWS(lines));
    tcase_add_test(scan, code_is_three_digits);
    tcase_add_test(scan, scanner_forgets_the_line_before);
    tcase_add_test(scan, scanner_agrees_after_every_octet);
    tcase_add_test(scan, scanner_agrees_on_every_line_of_the_fixtures);
    suite_add_tcase(suite, scan);
    TCase *codes = tcase_create("codes");
    tcase_add_test(codes, valid_codes_are_those_of_the_grammar);
    tcase_add_loop_test(codes, code_fits_the_command, 0, ROWS(pairs));
    tcase_add_loop_test(codes, some_refusals_fit_every_command, 0, COMMAND_COUNT);
    suite_add_tcase(suite, codes);
    return suite_run(suite);
}
