/* check_catalogue.c - catalogues of translations, whole and damaged, and plural forms. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/made_text.h"
#include "base/plural_form.h"
#include "base/translated_format.h"
#include "base/utf8.h"
#include "suite.h"

static const struct {
    const char *expression;
    uint64_t number;
    size_t form;
} forms[] = {
    {"0;", 5, 0},
    {"n != 1;", 1, 0},
    {"n!=1;", 0, 1},
    {"(n > 1);", 2, 1},
    /* Polish */
    {"(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);", 1, 0},
    {"(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);", 22, 1},
    {"(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);", 12, 2},
    {"(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);", 5, 2},
    /* Arabic */
    {"n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5", 103, 3},
    {"n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5", 100, 5},
    {"2+3*4-1-2", 0, 11},
    {"8/2/2", 0, 2},
    {"!n", 0, 1},
    {"!!n", 7, 1},
    /* wrong ones */
    {"n %% 2", 1, 0},
    {"(n", 1, 0},
    {"n ? 1", 1, 0},
    {"1 / 0", 1, 0},
    {"5 % (n - n)", 1, 0},
    {"", 1, 0},
    {"n", UINT64_MAX, 0},
    {"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1", 1, 0},
};

START_TEST(a_number_has_its_form)
{
    ck_assert_uint_eq(plural_form(forms[_i].expression, forms[_i].number), forms[_i].form);
}
END_TEST

/* A catalogue with a head, a text, one in a context and one that counts. */
static const char *const texts[] = {"",
                                    "%s: %-s at %zu, %d, %llu, %.*s, %03d, %.1f",
                                    "at %llu in \"%s\"",
                                    "file\0files",
                                    "open",
                                    "section\004open"};
static const char *const translations[] = {
    "Language: xy\nPlural-Forms: nplurals=2; plural=n > 4;\n",
    "%%%8$.1f %7$03d %6$.*s %5$llu %4$d %3$zu %2$-s %1$s %9$s",
    "\"%2$s\" pada %1$llu",
    "berkas\0banyak berkas",
    "buka",
    "terbuka"};
static const size_t text_sizes[] = {0, 42, 15, 10, 4, 12},
                    translation_sizes[] = {53, 56, 18, 20, 4, 7};

enum { TEXTS = 6, HEAD = 28 };

static void put_number(char *to, uint32_t number, bool turned)
{
    number = turned ? __builtin_bswap32(number) : number;
    memcpy(to, &number, sizeof number);
}

static size_t build(char octets[static 512], bool turned)
{
    const uint32_t head[] = {0x950412de, 0, TEXTS, HEAD, HEAD + TEXTS * 8, 0, 0};
    size_t end = HEAD + TEXTS * 16;
    for (size_t i = 0; i < 7; i++)
        put_number(octets + i * 4, head[i], turned);
    for (size_t i = 0; i < 2 * TEXTS; i++) {
        const char *text = i < TEXTS ? texts[i] : translations[i - TEXTS];
        size_t size = i < TEXTS ? text_sizes[i] : translation_sizes[i - TEXTS];
        put_number(octets + HEAD + i * 8, (uint32_t)size, turned);
        put_number(octets + HEAD + i * 8 + 4, (uint32_t)end, turned);
        memcpy(octets + end, text, size + 1);
        end += size + 1;
    }
    return end;
}

static struct catalogue *read_octets(const char *octets, size_t size)
{
    char path[] = "/tmp/catalogue-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, octets, size), (ssize_t)size);
    close(descriptor);
    struct catalogue *catalogue = catalogue_read(path);
    unlink(path);
    return catalogue;
}

START_TEST(texts_are_found)
{
    char octets[512];
    struct catalogue *catalogue = read_octets(octets, build(octets, _i == 1));
    ck_assert_ptr_nonnull(catalogue);
    ck_assert_str_eq(translate(catalogue, "open"), "buka");
    ck_assert_str_eq(translate_in(catalogue, "section", "open"), "terbuka");
    ck_assert_str_eq(translate_in(catalogue, "field", "open"), "open");
    ck_assert_str_eq(translate(catalogue, "shut"), "shut");
    ck_assert_str_eq(translate(catalogue, ""), "");
    ck_assert_str_eq(translate_count(catalogue, "file", "files", 1), "berkas");
    ck_assert_str_eq(translate_count(catalogue, "file", "files", 5), "banyak berkas");
    ck_assert_str_eq(translate_count(catalogue, "line", "lines", 5), "lines");
    ck_assert_str_eq(catalogue_language(catalogue), "xy");
    catalogue_free(catalogue);
}
END_TEST

static const char *printed(const struct catalogue *catalogue, char *room, size_t size,
                           const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_translated(room, size, catalogue, format, values);
    va_end(values);
    return room;
}

START_TEST(values_take_the_places_of_the_translation)
{
    char octets[512], room[80];
    struct catalogue *catalogue = read_octets(octets, build(octets, false));
    const char *format = "%s: %-s at %zu, %d, %llu, %.*s, %03d, %.1f";
    ck_assert_str_eq(printed(catalogue, room, sizeof room, format, "open", "open", (size_t)7, -1,
                             9ULL, 2, "abc", 5, 1.25),
                     "%1.2 005 ab 9 -1 7 buka open ");
    ck_assert_str_eq(
        printed(catalogue, room, 6, format, "open", "open", (size_t)7, -1, 9ULL, 2, "abc", 5, 1.25),
        "%1.2 ");
    ck_assert_str_eq(printed(catalogue, room, sizeof room, "%s, %-s %% %x", "open", "open"),
                     "open, buka % %x");
    ck_assert_str_eq(printed(NULL, room, 3, "%s", "a\xc3\xa9"), "a");
    ck_assert_str_eq(printed(NULL, room, 4, "%s", "a\xc3\xa9"), "a\xc3\xa9");
    ck_assert_str_eq(printed(NULL, room, sizeof room, "%.3s, %g %%", "abcdef", 99.5),
                     "abc, 99.5 %");
    catalogue_free(catalogue);
}
END_TEST

/* Texts made in English, and what people read. */
static const struct {
    const char *english, *made;
} made_texts[] = {
    {"open", "buka"},
    {"shut", "shut"},
    {"at 12 in \"a 3 'b\"", "\"a 3 'b\" pada 12"},
    {"at 12 in \"a", "at 12 in \"a"},
    {"at x in \"a\"", "at x in \"a\""},
    {"line 3: open", "line 3: buka"},
    {"a: b: at 0 in \"\"", "a: b: \"\" pada 0"},
    {"a: b: c: open", "a: b: c: open"},
    {"the client's: open", "the client's: buka"},
    {"100 % open", "100 % open"},
    {"", ""},
};

START_TEST(made_texts_are_translated)
{
    char octets[512], room[80], small[9];
    struct catalogue *catalogue = read_octets(octets, build(octets, false));
    translate_made(room, sizeof room, catalogue, made_texts[_i].english);
    ck_assert_str_eq(room, made_texts[_i].made);
    translate_made(small, sizeof small, catalogue, made_texts[_i].english);
    ck_assert_uint_lt(strlen(small), sizeof small);
    ck_assert_int_eq(strncmp(small, made_texts[_i].made, strlen(small)), 0);
    translate_made(room, sizeof room, NULL, made_texts[_i].english);
    ck_assert_str_eq(room, made_texts[_i].english);
    catalogue_free(catalogue);
}
END_TEST

START_TEST(english_needs_no_catalogue)
{
    ck_assert_str_eq(translate(NULL, "open"), "open");
    ck_assert_str_eq(translate_in(NULL, "section", "open"), "open");
    ck_assert_str_eq(translate_count(NULL, "file", "files", 1), "file");
    ck_assert_str_eq(translate_count(NULL, "file", "files", 0), "files");
    ck_assert_str_eq(catalogue_language(NULL), "en");
    ck_assert_ptr_null(catalogue_read("/nonexistent"));
}
END_TEST

/* Every octet of the head and the tables changed, and every length: nothing is read past the end. */
START_TEST(damaged_catalogues_are_safe)
{
    char octets[512], damaged[512];
    const size_t size = build(octets, false);
    for (size_t i = 0; i < size; i++) {
        memcpy(damaged, octets, size);
        damaged[i] = (char)(damaged[i] ^ (_i == 0 ? 0xff : _i));
        struct catalogue *catalogue = read_octets(damaged, size);
        translate(catalogue, "open");
        translate_in(catalogue, "section", "open");
        translate_count(catalogue, "file", "files", 5);
        catalogue_free(catalogue);
        catalogue = read_octets(octets, i);
        ck_assert_ptr_null(catalogue);
    }
}
END_TEST

START_TEST(columns_are_characters)
{
    ck_assert_uint_eq(utf8_columns(slice_of("a\xc3\xa9\xe2\x82\xac")), 3);
    ck_assert_uint_eq(utf8_fitting(slice_of("a\xc3\xa9\xe2\x82\xac"), 2).size, 3);
    ck_assert_uint_eq(utf8_fitting(slice_of("ab"), 9).size, 2);
    ck_assert_uint_eq(utf8_fitting(slice_of(""), 0).size, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalogue");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, a_number_has_its_form, 0, ROWS(forms));
    tcase_add_loop_test(table, texts_are_found, 0, 2);
    tcase_add_test(table, values_take_the_places_of_the_translation);
    tcase_add_loop_test(table, made_texts_are_translated, 0, ROWS(made_texts));
    tcase_add_test(table, english_needs_no_catalogue);
    tcase_add_loop_test(table, damaged_catalogues_are_safe, 0, 3);
    tcase_add_test(table, columns_are_characters);
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
