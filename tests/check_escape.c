/* check_escape.c - no text of a recording acts on the terminal, the log or the page. */
#include "report/escape.h"
#include "suite.h"

static const struct {
    const char *name;
    struct slice text;
    const char *shown;
    size_t columns;
} texts[] = {
    {"plain", OCTETS("250 Ok ~"), "250 Ok ~", 8},
    {"empty", OCTETS(""), "", 0},
    {"tab", OCTETS("a\tb"), "a b", 3},
    {"escape sequence", OCTETS("\033[31mred\033[0m"), "\\x1b[31mred\\x1b[0m", 18},
    {"title of the window", OCTETS("\033]0;x\007"), "\\x1b]0;x\\x07", 12},
    {"NUL", OCTETS("a\0b"), "a\\x00b", 6},
    {"bell, backspace, delete", OCTETS("\a\b\x7f"), "\\x07\\x08\\x7f", 12},
    {"line ends", OCTETS("a\r\nb"), "a\\x0d\\x0ab", 10},
    {"UTF-8", OCTETS("Gr\xc3\xbc\xc3\x9f"), "Gr\xc3\xbc\xc3\x9f", 4},
    {"emoji", OCTETS("\xf0\x9f\x93\xa7"), "\xf0\x9f\x93\xa7", 1},
    {"C1 control",
     OCTETS("\xc2\x9b"
            "31m"),
     "\\u{9b}31m", 9},
    {"C1 as a single octet",
     OCTETS("\x9b"
            "31m"),
     "\\x9b31m", 7},
    {"right to left override",
     OCTETS("\xe2\x80\xae"
            "gpj"),
     "\\u{202e}gpj", 11},
    {"left to right mark", OCTETS("\xe2\x80\x8e"), "\\u{200e}", 8},
    {"arabic letter mark", OCTETS("\xd8\x9c"), "\\u{61c}", 7},
    {"isolate", OCTETS("\xe2\x81\xa6"), "\\u{2066}", 8},
    {"zero width blank", OCTETS("\xe2\x80\x8b"), "\\u{200b}", 8},
    {"line separator", OCTETS("\xe2\x80\xa8"), "\\u{2028}", 8},
    {"byte order mark", OCTETS("\xef\xbb\xbf"), "\\u{feff}", 8},
    {"tag character", OCTETS("\xf3\xa0\x80\x81"), "\\u{e0001}", 9},
    {"overlong slash", OCTETS("\xc0\xaf"), "\\xc0\\xaf", 8},
    {"overlong of three", OCTETS("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", 12},
    {"surrogate", OCTETS("\xed\xa0\x80"), "\\xed\\xa0\\x80", 12},
    {"beyond the last character", OCTETS("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", 16},
    {"cut", OCTETS("a\xe2\x82"), "a\\xe2\\x82", 9},
    {"lone continuation",
     OCTETS("\x80"
            "a"),
     "\\x80a", 5},
    {"Latin-1", OCTETS("caf\xe9 au lait"), "caf\\xe9 au lait", 15},
    {"octet 255", OCTETS("\xff"), "\\xff", 4},
};

START_TEST(terminal_gets_no_control_character)
{
    char *shown = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&shown, &size);
    size_t columns = print_escaped(out, texts[_i].text);
    fclose(out);
    ck_assert_msg(strcmp(shown, texts[_i].shown) == 0, "%s: '%s'", texts[_i].name, shown);
    ck_assert_msg(columns == texts[_i].columns, "%s: %zu columns", texts[_i].name, columns);
    free(shown);
}
END_TEST

/* Every character that a terminal or a page would act on: what is printed is ASCII. */
START_TEST(no_active_character_is_printed)
{
    static const uint32_t acting[][2] = {{0, 0x1f},          {0x7f, 0x9f},       {0x200b, 0x200f},
                                         {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},
                                         {0xfff9, 0xfffb},   {0xfdd0, 0xfdef},   {0xfffe, 0xffff},
                                         {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff}};
    for (int i = 0; i < ROWS(acting); i++)
        for (uint32_t c = acting[i][0]; c <= acting[i][1]; c += c >= 0x20000 ? 4093 : 1) {
            char octets[4], *shown = NULL;
            size_t size = 0, length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            for (size_t j = length; j > 1; j--)
                octets[j - 1] = (char)(0x80 | (c >> (6 * (length - j)) & 0x3f));
            octets[0] = (char)(length == 1 ? c : (0xf00u >> length & 0xff) | c >> 6 * (length - 1));
            FILE *out = open_memstream(&shown, &size);
            print_escaped(out, (struct slice){octets, length});
            fclose(out);
            for (size_t j = 0; j < size; j++)
                ck_assert_msg(shown[j] >= ' ' && shown[j] <= '~', "U+%04X gives octet %d", c,
                              (unsigned char)shown[j]);
            free(shown);
        }
}
END_TEST

static const struct {
    const char *name;
    struct slice text;
    const char *valid;
} utf8[] = {
    {"plain", OCTETS("250 Ok"), "250 Ok"},
    {"UTF-8", OCTETS("\xc3\xbc"), "\xc3\xbc"},
    {"control characters stay", OCTETS("\033[1m\t"), "\033[1m\t"},
    {"Latin-1", OCTETS("caf\xe9!"), "caf\xef\xbf\xbd!"},
    {"each octet by itself", OCTETS("\xff\xfe"), "\xef\xbf\xbd\xef\xbf\xbd"},
    {"cut", OCTETS("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd"},
    {"surrogate", OCTETS("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

START_TEST(json_gets_valid_utf8)
{
    char room[64];
    size_t size = copy_valid_utf8(room, utf8[_i].text);
    ck_assert_msg(slice_equal((struct slice){room, size}, slice_of(utf8[_i].valid)), "%s: '%.*s'",
                  utf8[_i].name, (int)size, room);
    ck_assert_uint_le(size, 3 * utf8[_i].text.size);
}
END_TEST

static const struct {
    const char *name;
    struct slice text;
    const char *shown;
} looked_at[] = {
    {"plain", OCTETS("250 <Ok> &"), "250 <Ok> &"},
    {"UTF-8", OCTETS("\xc3\xbc"), "\xc3\xbc"},
    {"tab", OCTETS("a\tb"), "a b"},
    {"controls, NUL and line ends", OCTETS("\033[1m\0\r\n"),
     "\xef\xbf\xbd[1m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"C1 control", OCTETS("\xc2\x9b"), "\xef\xbf\xbd"},
    {"Latin-1", OCTETS("caf\xe9!"), "caf\xef\xbf\xbd!"},
    {"surrogate", OCTETS("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"no characters", OCTETS("\xef\xbf\xbe\xef\xb7\x90"), "\xef\xbf\xbd\xef\xbf\xbd"},
    {"right to left override", OCTETS("\xe2\x80\xaegpj"), "\\u{202e}gpj"},
    {"the one that grows most", OCTETS("\xd8\x9c\xd8\x9c"), "\\u{61c}\\u{61c}"},
    {"last of all", OCTETS("\xf4\x8f\xbf\xbd"), "\\u{10fffd}"},
};

START_TEST(page_gets_printable_characters)
{
    char room[64];
    size_t size = copy_shown(room, looked_at[_i].text);
    ck_assert_msg(slice_equal((struct slice){room, size}, slice_of(looked_at[_i].shown)),
                  "%s: '%.*s'", looked_at[_i].name, (int)size, room);
    ck_assert_uint_le(size, SHOWN_GROWTH * looked_at[_i].text.size);
}
END_TEST

/* The first and the last character of each length, and their neighbours. */
static const struct {
    struct slice octets;
    size_t length;
    uint32_t character;
} edges[] = {
    {OCTETS("\0"), 1, 0},
    {OCTETS("\x7f"), 1, 0x7f},
    {OCTETS("\xc2\x80"), 2, 0x80},
    {OCTETS("\xdf\xbf"), 2, 0x7ff},
    {OCTETS("\xe0\xa0\x80"), 3, 0x800},
    {OCTETS("\xef\xbf\xbf"), 3, 0xffff},
    {OCTETS("\xed\x9f\xbf"), 3, 0xd7ff},
    {OCTETS("\xee\x80\x80"), 3, 0xe000},
    {OCTETS("\xf0\x90\x80\x80"), 4, 0x10000},
    {OCTETS("\xf4\x8f\xbf\xbf"), 4, 0x10ffff},
    {OCTETS("\xc1\xbf"), 0, 0},
    {OCTETS("\xe0\x9f\xbf"), 0, 0},
    {OCTETS("\xf0\x8f\xbf\xbf"), 0, 0},
    {OCTETS("\xed\xbf\xbf"), 0, 0},
    {OCTETS("\xf5\x80\x80\x80"), 0, 0},
    {OCTETS("\xc2"), 0, 0},
    {OCTETS("\xc2"
            "a"),
     0, 0},
};

START_TEST(utf8_is_decoded_strictly)
{
    uint32_t character = 0;
    ck_assert_uint_eq(utf8_decode(edges[_i].octets, &character), edges[_i].length);
    if (edges[_i].length > 0)
        ck_assert_uint_eq(character, edges[_i].character);
}
END_TEST

START_TEST(text_is_cut_between_characters)
{
    static const struct {
        const char *text;
        size_t max, size;
    } cut[] = {{"abc", 3, 3},
               {"abc", 2, 2},
               {"abc", 0, 0},
               {"a\xc3\xa9", 2, 1},
               {"\xf0\x9f\x93\xa7z", 4, 4},
               {"\xf0\x9f\x93\xa7z", 3, 0},
               {"\x80\x80\x80\x80\x80\x80\x80", 6, 3}};
    for (int i = 0; i < ROWS(cut); i++)
        ck_assert_uint_eq(utf8_head(slice_of(cut[i].text), cut[i].max).size, cut[i].size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("harmless");
    TCase *text = tcase_create("text");
    tcase_add_loop_test(text, terminal_gets_no_control_character, 0, ROWS(texts));
    tcase_add_test(text, no_active_character_is_printed);
    tcase_add_loop_test(text, json_gets_valid_utf8, 0, ROWS(utf8));
    tcase_add_loop_test(text, page_gets_printable_characters, 0, ROWS(looked_at));
    tcase_add_loop_test(text, utf8_is_decoded_strictly, 0, ROWS(edges));
    tcase_add_test(text, text_is_cut_between_characters);
    suite_add_tcase(suite, text);
    return suite_run(suite);
}
