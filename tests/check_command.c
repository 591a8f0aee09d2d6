/* check_command.c - parses a client's line. */
#include <stdio.h>

#include "every_line.h"
#include "smtp/command.h"
#include "suite.h"

/* grammar/command.l */
enum command command_scan_verb(struct command_scanner *scanner, struct slice line, size_t *length);

static struct command_scanner *scanner;

static void set_up(void)
{
    scanner = command_scanner_new();
    ck_assert_ptr_nonnull(scanner);
}

static void tear_down(void)
{
    command_scanner_free(scanner);
}

static void assert_slice(const char *row, const char *what, struct slice found,
                         struct slice expected)
{
    ck_assert_msg(slice_equal(found, expected), "%s: %s is '%.*s', not '%.*s'", row, what,
                  (int)found.size, found.data, (int)expected.size, expected.data);
}

/* Every command that has a verb, in capitals, small letters and a mixture. */
START_TEST(verb_is_known_in_any_case)
{
    enum command command = (enum command)(_i / 3);
    char line[32];
    if (command == COMMAND_CONNECT || command == COMMAND_UNKNOWN || command == COMMAND_END_OF_DATA)
        return;
    snprintf(line, sizeof line, "%s", command_name(command));
    for (size_t i = 0; line[i]; i++)
        if (_i % 3 == 1 || (_i % 3 == 2 && i % 2 == 1))
            line[i] = line[i] >= 'A' && line[i] <= 'Z' ? (char)(line[i] - 'A' + 'a') : line[i];
    struct command_line found = command_scan(scanner, slice_of(line));
    ck_assert_msg(found.command == command, "'%s' is %s", line, command_name(found.command));
    assert_slice(line, "verb", found.verb, slice_head(slice_of(line), found.verb.size));
}
END_TEST

#define LONG_WORD "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"

static const struct {
    const char *name;
    struct slice line;
    enum command command;
    struct slice verb, argument;
} lines[] = {
    {"argument", OCTETS("MAIL FROM:<a@b> SIZE=1"), COMMAND_MAIL, OCTETS("MAIL"),
     OCTETS("FROM:<a@b> SIZE=1")},
    {"blanks around", OCTETS("MAIL \t FROM:<a@b> \t"), COMMAND_MAIL, OCTETS("MAIL"),
     OCTETS("FROM:<a@b>")},
    {"tab after the verb", OCTETS("rcpt\tTO:<a@b>"), COMMAND_RCPT, OCTETS("rcpt"),
     OCTETS("TO:<a@b>")},
    {"carriage return ends a verb", OCTETS("DATA\r"), COMMAND_DATA, OCTETS("DATA"), OCTETS("\r")},
    {"a longer word", OCTETS("MAILBOX x"), COMMAND_UNKNOWN, OCTETS("MAILBOX"), OCTETS("x")},
    {"a header field", OCTETS("Data: x"), COMMAND_UNKNOWN, OCTETS("Data:"), OCTETS("x")},
    {"no blank after the verb", OCTETS("QUIT."), COMMAND_UNKNOWN, OCTETS("QUIT."), OCTETS("")},
    {"tab after an unknown word", OCTETS("MAI\tx"), COMMAND_UNKNOWN, OCTETS("MAI"), OCTETS("x")},
    {"a shorter word", OCTETS("MAI FROM:<a@b>"), COMMAND_UNKNOWN, OCTETS("MAI"),
     OCTETS("FROM:<a@b>")},
    {"verb after a blank", OCTETS(" MAIL FROM:<a@b>"), COMMAND_UNKNOWN, OCTETS(""),
     OCTETS("MAIL FROM:<a@b>")},
    {"empty", OCTETS(""), COMMAND_UNKNOWN, OCTETS(""), OCTETS("")},
    {"blanks only", OCTETS(" \t "), COMMAND_UNKNOWN, OCTETS(""), OCTETS("")},
    {"dot", OCTETS("."), COMMAND_END_OF_DATA, OCTETS("."), OCTETS("")},
    {"two dots", OCTETS(".."), COMMAND_UNKNOWN, OCTETS(".."), OCTETS("")},
    {"dot and blank", OCTETS(". "), COMMAND_UNKNOWN, OCTETS("."), OCTETS("")},
    {"NUL in the verb", OCTETS("MA\0IL x"), COMMAND_UNKNOWN, OCTETS("MA\0IL"), OCTETS("x")},
    {"NUL after the verb", OCTETS("QUIT\0"), COMMAND_UNKNOWN, OCTETS("QUIT\0"), OCTETS("")},
    {"NUL only", OCTETS("\0"), COMMAND_UNKNOWN, OCTETS("\0"), OCTETS("")},
    {"8 bit", OCTETS("M\xc3\xa4IL x"), COMMAND_UNKNOWN, OCTETS("M\xc3\xa4IL"), OCTETS("x")},
    {"octet 255", OCTETS("\xff"), COMMAND_UNKNOWN, OCTETS("\xff"), OCTETS("")},
    {"8 bit in the argument", OCTETS("VRFY \xff\xfe"), COMMAND_VRFY, OCTETS("VRFY"),
     OCTETS("\xff\xfe")},
    {"verb longer than the scanner's window", OCTETS(LONG_WORD " y"), COMMAND_UNKNOWN,
     OCTETS(LONG_WORD), OCTETS("y")},
    {"argument longer than the scanner's window", OCTETS("MAIL " LONG_WORD LONG_WORD), COMMAND_MAIL,
     OCTETS("MAIL"), OCTETS(LONG_WORD LONG_WORD)},
    {"escape sequence", OCTETS("\033[31mQUIT"), COMMAND_UNKNOWN, OCTETS("\033[31mQUIT"),
     OCTETS("")},
    {"STARTTLS is not START", OCTETS("START TLS"), COMMAND_UNKNOWN, OCTETS("START"), OCTETS("TLS")},
    {"XCLIENT", OCTETS("XCLIENT ADDR=192.0.2.1"), COMMAND_XCLIENT, OCTETS("XCLIENT"),
     OCTETS("ADDR=192.0.2.1")},
};

START_TEST(line_is_parsed)
{
    struct command_line found = command_scan(scanner, lines[_i].line);
    ck_assert_msg(found.command == lines[_i].command, "%s: %s", lines[_i].name,
                  command_name(found.command));
    assert_slice(lines[_i].name, "verb", found.verb, lines[_i].verb);
    assert_slice(lines[_i].name, "argument", found.argument, lines[_i].argument);
}
END_TEST

static const struct {
    struct slice line;
    enum command command;
    uint64_t octets;
} chunks[] = {
    {OCTETS("BDAT 7"), COMMAND_BDAT, 7},
    {OCTETS("bdat 86 last"), COMMAND_BDAT_LAST, 86},
    {OCTETS("BDAT 0 LAST"), COMMAND_BDAT_LAST, 0},
    {OCTETS("BDAT 0"), COMMAND_BDAT, 0},
    {OCTETS("BDAT 5  \t Last  "), COMMAND_BDAT_LAST, 5},
    {OCTETS("BDAT 5 LASTING"), COMMAND_BDAT, 0},
    {OCTETS("BDAT 5 NOTLAST"), COMMAND_BDAT, 0},
    {OCTETS("BDAT 5LAST"), COMMAND_BDAT, 0},
    {OCTETS("BDAT LAST"), COMMAND_BDAT_LAST, 0},
    {OCTETS("BDAT"), COMMAND_BDAT, 0},
    {OCTETS("BDAT -1 LAST"), COMMAND_BDAT_LAST, 0},
    {OCTETS("BDAT 1000000000000 LAST"), COMMAND_BDAT_LAST, UINT64_C(1000000000000)},
    {OCTETS("BDAT 18446744073709551615"), COMMAND_BDAT, UINT64_MAX},
    {OCTETS("BURL imap://a@b/x LAST"), COMMAND_BURL_LAST, 0},
    {OCTETS("BURL imap://a@b/LAST"), COMMAND_BURL, 0},
    {OCTETS("BURL 7"), COMMAND_BURL, 0}, /* the server fetches it: no octets follow */
};

START_TEST(chunk_has_its_size)
{
    struct command_line found = command_scan(scanner, chunks[_i].line);
    const char *line = chunks[_i].line.data;
    ck_assert_msg(found.command == chunks[_i].command, "'%s': %s", line,
                  command_name(found.command));
    ck_assert_msg(found.octets == chunks[_i].octets, "'%s': %llu octets", line,
                  (unsigned long long)found.octets);
}
END_TEST

/* A size that does not fit is very large; it does not wrap around to a small one. */
START_TEST(size_that_overflows_stays_large)
{
    static const char *const sizes[] = {
        "BDAT 18446744073709551616",
        "BDAT 18446744073709551617 LAST",
        "BDAT 99999999999999999999999999999999999999999",
        "BDAT 184467440737095516150",
    };
    for (int i = 0; i < ROWS(sizes); i++) {
        struct command_line found = command_scan(scanner, slice_of(sizes[i]));
        ck_assert_msg(found.octets > UINT64_C(1) << 60, "%s: %llu", sizes[i],
                      (unsigned long long)found.octets);
    }
}
END_TEST

static const struct {
    const char *line;
    bool real;
} looks[] = {
    {"MAIL FROM:<a@b>", true},
    {"mail from: a@b", true},
    {"MAIL will be delivered", false},
    {"RCPT TO:<a@b>", true},
    {"RCPT a@b", false},
    {"DATA", true},
    {"data is what we need", false},
    {"QUIT", true},
    {"quit smoking", false},
    {"EHLO client.example.com", true},
    {"EHLO", false},
    {"HELO [192.0.2.1]", true},
    {"Helo there my friend", false},
    {"BDAT 7 LAST", true},
    {"BDAT LAST", false},
    {"AUTH PLAIN", true},
    {"AUTH", false},
    {"RSET", true},
    {"rset it", false},
    {"NOOP", true},
    {".", true},
    {"hello", false},
    {"", false},
    {"SEND FROM:<a@b>", true},
    {"Send more money", false},
};

START_TEST(text_is_not_a_command)
{
    struct command_line found = command_scan(scanner, slice_of(looks[_i].line));
    ck_assert_msg(command_looks_real(&found) == looks[_i].real, "'%s'", looks[_i].line);
}
END_TEST

START_TEST(verb_of_a_last_chunk_has_no_last)
{
    ck_assert_str_eq(command_name(COMMAND_BDAT_LAST), "BDAT LAST");
    ck_assert_str_eq(command_verb(COMMAND_BDAT_LAST), "BDAT");
    ck_assert_str_eq(command_verb(COMMAND_BURL_LAST), "BURL");
    ck_assert_str_eq(command_verb(COMMAND_MAIL), "MAIL");
}
END_TEST

/* One scanner reads line after line: nothing of an earlier one may remain. */
START_TEST(scanner_forgets_the_line_before)
{
    ck_assert_int_eq(command_scan(scanner, SLICE("STARTTLS")).command, COMMAND_STARTTLS);
    ck_assert_int_eq(command_scan(scanner, SLICE("")).command, COMMAND_UNKNOWN);
    ck_assert_uint_eq(command_scan(scanner, SLICE("")).verb.size, 0);
    ck_assert_int_eq(command_scan(scanner, SLICE("MAI")).command, COMMAND_UNKNOWN);
    ck_assert_int_eq(command_scan(scanner, SLICE("MAIL")).command, COMMAND_MAIL);
}
END_TEST

/* The usual verbs are found without the scanner, which must agree. */
static void assert_scanner_agrees(struct slice line)
{
    struct command_line found = command_scan(scanner, line);
    size_t length;
    enum command expected = command_scan_verb(scanner, line, &length);
    if (found.command == COMMAND_BDAT_LAST)
        found.command = COMMAND_BDAT;
    else if (found.command == COMMAND_BURL_LAST)
        found.command = COMMAND_BURL;
    else if (found.command == COMMAND_END_OF_DATA)
        return;
    ck_assert_msg(found.command == expected, "'%.*s' is %s, not %s", (int)line.size, line.data,
                  command_name(found.command), command_name(expected));
    if (expected != COMMAND_UNKNOWN)
        ck_assert_uint_eq(found.verb.size, length);
}

START_TEST(scanner_agrees_after_every_octet)
{
    char line[32];
    for (int command = 0; command < COMMAND_COUNT; command++)
        for (int c = 0; c < 256; c++) {
            int size = snprintf(line, sizeof line, "%s", command_name((enum command)command));
            line[size] = (char)c;
            line[size + 1] = 'x';
            for (size_t shown = 0; shown <= (size_t)size + 2; shown++)
                assert_scanner_agrees((struct slice){line, shown});
            line[c % size] = (char)(line[c % size] ^ 1 << c % 8);
            assert_scanner_agrees((struct slice){line, (size_t)size});
        }
}
END_TEST

START_TEST(scanner_agrees_on_every_line_of_the_fixtures)
{
    ck_assert_uint_gt(every_line(FIXTURES, assert_scanner_agrees), 100000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("command");
    TCase *scan = tcase_create("scan");
    tcase_add_checked_fixture(scan, set_up, tear_down);
    tcase_add_loop_test(scan, verb_is_known_in_any_case, 0, 3 * COMMAND_COUNT);
    tcase_add_loop_test(scan, line_is_parsed, 0, ROWS(lines));
    tcase_add_loop_test(scan, chunk_has_its_size, 0, ROWS(chunks));
    tcase_add_test(scan, size_that_overflows_stays_large);
    tcase_add_loop_test(scan, text_is_not_a_command, 0, ROWS(looks));
    tcase_add_test(scan, verb_of_a_last_chunk_has_no_last);
    tcase_add_test(scan, scanner_forgets_the_line_before);
    tcase_add_test(scan, scanner_agrees_after_every_octet);
    tcase_add_test(scan, scanner_agrees_on_every_line_of_the_fixtures);
    suite_add_tcase(suite, scan);
    return suite_run(suite);
}
