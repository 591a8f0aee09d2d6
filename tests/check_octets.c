/* check_octets.c - octets of a dump in hex, base64 or C escapes. */

#include "suite.h"
#include "transcript/formats/octets.h"

static const struct {
    enum encoding encoding;
    struct slice text;
    size_t left;
    unsigned half;
    struct slice octets;
    size_t at; /* octets of the text read by then */
} rows[] = {
    {ENCODING_TEXT, OCTETS("a\0\\n"), 99, 0, OCTETS("a\0\\n"), 4},
    {ENCODING_TEXT, OCTETS("abc"), 2, 0, OCTETS("ab"), 2},
    {ENCODING_TEXT, OCTETS(""), 9, 0, OCTETS(""), 0},
    {ENCODING_HEX, OCTETS("32 32 30"), 99, 0, OCTETS("220"), 8},
    {ENCODING_HEX, OCTETS("3232 30fF"), 99, 0, OCTETS("220\xff"), 9},
    {ENCODING_HEX, OCTETS(" 41"), 99, 0, OCTETS("A"), 3},
    {ENCODING_HEX, OCTETS("41  42"), 99, 0, OCTETS("A"), 2}, /* the text column */
    {ENCODING_HEX, OCTETS("41  42  43"), 99, 1, OCTETS("AB"), 6},
    {ENCODING_HEX, OCTETS("41 42"), 99, 1, OCTETS("AB"), 5},
    {ENCODING_HEX, OCTETS("41 4"), 99, 0, OCTETS("A"), 2},
    {ENCODING_HEX, OCTETS("41 g2 4:"), 99, 0, OCTETS("A"), 2},
    {ENCODING_HEX, OCTETS("4142"), 1, 0, OCTETS("A"), 2},
    {ENCODING_BASE64, OCTETS("UVVJVA0K"), 99, 0, OCTETS("QUIT\r\n"), 8},
    {ENCODING_BASE64, OCTETS("UVU="), 99, 0, OCTETS("QU"), 3},
    {ENCODING_BASE64, OCTETS("UQ=="), 99, 0, OCTETS("Q"), 2},
    {ENCODING_BASE64, OCTETS("++//"), 99, 0, OCTETS("\xfb\xef\xff"), 4},
    {ENCODING_BASE64, OCTETS("az09"), 99, 0, OCTETS("\x6b\x3d\x3d"), 4},
    {ENCODING_BASE64, OCTETS("UV[V"), 99, 0, OCTETS("Q"), 2},
    {ENCODING_BASE64, OCTETS("U"), 99, 0, OCTETS(""), 1},
    {ENCODING_BASE64, OCTETS("UQ\0="), 99, 0, OCTETS("Q"), 2},
    {ENCODING_C, OCTETS("QUIT\\r\\n"), 99, 0, OCTETS("QUIT\r\n"), 8},
    {ENCODING_C, OCTETS("\\t\\a\\b\\f\\v\\e\\\\\\\"\\q"), 99, 0, OCTETS("\t\a\b\f\v\033\\\"q"), 18},
    {ENCODING_C, OCTETS("\\0\\12\\1013\\18"), 99, 0, OCTETS("\0\nA3\0018"), 13},
    {ENCODING_C, OCTETS("\\303\\251\\400"), 99, 0, OCTETS("\303\251\0"), 12},
    {ENCODING_C, OCTETS("\\x41\\x4\\xfFf\\x"), 99, 0,
     OCTETS("A\4\xff"
            "fx"),
     14},
    {ENCODING_C, OCTETS("\\\0a"), 99, 0, OCTETS("\0a"), 3},
    {ENCODING_C, OCTETS("a\\"), 99, 0, OCTETS("a"), 2}, /* cut in an escape */
    {ENCODING_C, OCTETS("\\r\\n"), 1, 0, OCTETS("\r"), 2},
};

START_TEST(octets_are_decoded)
{
    char found[32], octet;
    size_t size = 0;
    struct decoder decoder = {.encoding = rows[_i].encoding,
                              .text = rows[_i].text,
                              .left = rows[_i].left,
                              .half = rows[_i].half};
    while (size < sizeof found && decoder_next(&decoder, &octet))
        found[size++] = octet;
    const char *text = rows[_i].text.data;
    ck_assert_msg(slice_equal((struct slice){found, size}, rows[_i].octets), "%s: %zu octets", text,
                  size);
    ck_assert_msg(decoder.at == rows[_i].at, "%s: read up to %zu", text, decoder.at);
    ck_assert_uint_eq(decoder.count, size);
    ck_assert(!decoder_next(&decoder, &octet) || rows[_i].left > size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("octets");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, octets_are_decoded, 0, ROWS(rows));
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
