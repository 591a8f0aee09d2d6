/* check_quoting.c - the escapes of loggers, decoded. */
#include <stdio.h>

#include "suite.h"
#include "transcript/formats/quoting.h"

/* Prints a decoded line: column, end of the first word, octets (unprintable ones in hex), and
 * its end: "|" LF, "~" CRLF, "." none. */
static void print_line(void *context, const struct unquoted *line)
{
    FILE *out = context;
    fprintf(out, "%zu-%zu ", line->column, line->word_end);
    for (size_t i = 0; i < line->payload.size; i++) {
        unsigned char c = (unsigned char)line->payload.data[i];
        fprintf(out, c > 0x20 && c < 0x7f ? "%c" : "{%02x}", c);
    }
    fputs(line->cr ? "~" : line->ended ? "|" : ".", out);
}

static const struct {
    enum quoting quoting;
    struct slice raw;
    const char *lines;
} quoted[] = {
    {QUOTING_NONE, OCTETS("a\\n<CRLF>&lt;"), "0-13 a\\n<CRLF>&lt;."},
    {QUOTING_NONE, OCTETS(""), "0-0 ."},
    {QUOTING_LITERAL, OCTETS("'QUIT\\r\\n'"), "1-5 QUIT~"},
    {QUOTING_LITERAL, OCTETS("\"QUIT\\n\""), "1-5 QUIT|"},
    {QUOTING_LITERAL, OCTETS("`a\\r\\nb c`"), "1-2 a~6-7 b{20}c."},
    {QUOTING_LITERAL, OCTETS("''"), "1-1 ."},
    {QUOTING_LITERAL, OCTETS("'it's'"), "1-5 it's."}, /* not escaped by the logger */
    {QUOTING_LITERAL, OCTETS("'a'9"), "1-4 a'9."},
    {QUOTING_LITERAL, OCTETS("'a', b"), "1-2 a."},
    {QUOTING_LITERAL, OCTETS("'a'_"), "1-2 a."},
    {QUOTING_LITERAL, OCTETS("'a\\"), "1-2 a."}, /* cut in the middle of an escape */
    {QUOTING_LITERAL, OCTETS("'a\\x4"), "1-5 a\\x4."},
    /* Every letter after a backslash; an unknown escape is not changed. */
    {QUOTING_ESCAPES, OCTETS("z\\t\\a\\b\\f\\v\\e"), "0-1 z{09}{07}{08}{0c}{0b}{1b}."},
    {QUOTING_ESCAPES, OCTETS("\\\\\\'\\\"\\`\\/"), "0-10 \\'\"`/."},
    {QUOTING_ESCAPES, OCTETS("\\q\\"), "0-3 \\q\\."},
    {QUOTING_ESCAPES, OCTETS("\\\0z"), "0-3 \\{00}z."},
    /* Octal: one to three digits. */
    {QUOTING_ESCAPES, OCTETS("\\0"), "0-2 {00}."},
    {QUOTING_ESCAPES, OCTETS("\\101\\60"), "0-7 A0."},
    {QUOTING_ESCAPES, OCTETS("\\1018\\78"), "0-8 A8{07}8."},
    {QUOTING_ESCAPES, OCTETS("\\303\\251"), "0-8 {c3}{a9}."},
    {QUOTING_ESCAPES, OCTETS("250 a\\015\\012b"), "0-3 250{20}a~13-14 b."},
    /* Hexadecimal: an octet. */
    {QUOTING_ESCAPES, OCTETS("\\x41\\xe9\\xFf"), "0-12 A{e9}{ff}."},
    {QUOTING_ESCAPES, OCTETS("\\x4\\xg1\\x1g"), "0-11 \\x4\\xg1\\x1g."},
    {QUOTING_ESCAPES, OCTETS("\\x4@\\x4`\\x:1"), "0-12 \\x4@\\x4`\\x:1."},
    {QUOTING_ESCAPES, OCTETS("a\\x0d\\x0ab"), "0-1 a~9-10 b."},
    /* A code point: UTF-8 of one to four octets; no more than Unicode has. */
    {QUOTING_ESCAPES, OCTETS("\\u0041\\u00e9\\u20AC"), "0-18 A{c3}{a9}{e2}{82}{ac}."},
    {QUOTING_ESCAPES, OCTETS("\\U0001f4ec"), "0-10 {f0}{9f}{93}{ac}."},
    {QUOTING_ESCAPES, OCTETS("\\U0010ffff"), "0-10 {f4}{8f}{bf}{bf}."},
    {QUOTING_ESCAPES, OCTETS("\\U00110000"), "0-10 {ef}{bf}{bd}."},
    {QUOTING_ESCAPES, OCTETS("\\u004\\U0001f4e"), "0-14 \\u004\\U0001f4e."},
    {QUOTING_CRLF, OCTETS("QUIT<CRLF>"), "0-4 QUIT|"},
    {QUOTING_CRLF, OCTETS("QUIT<CR><LF>"), "0-4 QUIT|"},
    {QUOTING_CRLF, OCTETS("QUIT<LF>"), "0-4 QUIT|"},
    {QUOTING_CRLF, OCTETS("QUIT<CR>"), "0-4 QUIT|"},
    {QUOTING_CRLF, OCTETS("250-a<CRLF>250 b<CRLF>"), "0-5 250-a|11-14 250{20}b|"},
    {QUOTING_CRLF, OCTETS("354 <CR><LF>.<CR><LF>"), "0-3 354{20}<CR><LF>.|"},
    {QUOTING_CRLF, OCTETS("MAIL FROM:<a><"), "0-4 MAIL{20}FROM:<a><."},
    {QUOTING_HTML, OCTETS("&lt;a&gt;&amp;&quot;&apos;&nbsp;"), "0-26 <a>&\"'{20}."},
    {QUOTING_HTML, OCTETS("&eacute;&copy;&szlig;"), "0-21 {c3}{a9}{c2}{a9}{c3}{9f}."},
    {QUOTING_HTML, OCTETS("&#039;&#39;&#x27;&#X3c;"), "0-23 '''<."},
    {QUOTING_HTML, OCTETS("&#8364;&#x1F4EC;"), "0-16 {e2}{82}{ac}{f0}{9f}{93}{ac}."},
    {QUOTING_HTML, OCTETS("a&#13;&#10;b"), "0-1 a~11-12 b."},
    {QUOTING_HTML, OCTETS("&#;&#x;&#x"), "0-10 &#;&#x;&#x."},
    {QUOTING_HTML, OCTETS("&#3a;&#39"), "0-9 &#3a;&#39."},
    {QUOTING_HTML, OCTETS("&#1114112;&#00000065;"), "0-21 &#1114112;&#00000065;."},
    {QUOTING_HTML, OCTETS("&unknown;&"), "0-10 &unknown;&."},
};

START_TEST(text_is_unquoted)
{
    char *found = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&found, &size);
    struct unquote_room room = {0};
    struct slice raw = quoted[_i].raw;
    ck_assert(unquote(&room, quoted[_i].quoting, raw, 0, raw.size, print_line, out));
    unquote_room_free(&room);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_msg(strcmp(found, quoted[_i].lines) == 0, "%.*s\n   expected: %s\n   found:    %s",
                  (int)raw.size, raw.data, quoted[_i].lines, found);
    free(found);
}
END_TEST

/* Only the part between two offsets is read; columns count from the head of the line. */
START_TEST(part_of_a_line_is_unquoted)
{
    char *found = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&found, &size);
    struct unquote_room room = {0};
    struct slice raw = SLICE("send: 'a\\r\\n' # 'b'");
    ck_assert(unquote(&room, QUOTING_LITERAL, raw, 6, 13, print_line, out));
    ck_assert(unquote(&room, QUOTING_ESCAPES, raw, 7, 9, print_line, out));
    unquote_room_free(&room);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_str_eq(found, "7-8 a~7-9 a\\.");
    free(found);
}
END_TEST

static const struct {
    struct slice text;
    bool begins;
    size_t quote;
} literals[] = {
    {OCTETS("'a'"), true, 0},     {OCTETS("\"a\""), true, 0},   {OCTETS("`a`"), true, 0},
    {OCTETS("b'a'"), true, 1},    {OCTETS("Rb\"a\""), true, 2}, {OCTETS("u'a'"), true, 1},
    {OCTETS("bru'a'"), false, 2}, {OCTETS("x'a'"), false, 0},   {OCTETS("b"), false, 1},
    {OCTETS(""), false, 0},       {OCTETS("\0'a'"), false, 0},  {OCTETS("br"), false, 2},
};

START_TEST(literal_is_found)
{
    size_t quote = 99;
    ck_assert_msg(literal_begins(literals[_i].text, &quote) == literals[_i].begins, "%s",
                  literals[_i].text.data);
    ck_assert_uint_eq(quote, literals[_i].quote);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quoting");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, text_is_unquoted, 0, ROWS(quoted));
    tcase_add_test(table, part_of_a_line_is_unquoted);
    tcase_add_loop_test(table, literal_is_found, 0, ROWS(literals));
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
