/* check_octet_buffer.c - a buffer against a plain array that is large enough. */
#include "base/octet_buffer.h"
#include "suite.h"

#define PARTS 300

START_TEST(what_is_appended_is_there)
{
    static char expected[PARTS * PARTS];
    char part[PARTS];
    size_t size = 0;
    struct octet_buffer buffer = {0};
    for (size_t i = 0; i < PARTS; i++) {
        memset(part, (int)i, sizeof part);
        struct slice text = {part, (i * 7) % PARTS};
        ck_assert(octet_buffer_append(&buffer, text));
        memcpy(expected + size, part, text.size);
        size += text.size;
    }
    ck_assert(slice_equal(octet_buffer_text(&buffer), (struct slice){expected, size}));
    ck_assert_uint_le(buffer.capacity, 2 * size);
    octet_buffer_free(&buffer);
    ck_assert_uint_eq(octet_buffer_text(&buffer).size, 0);
}
END_TEST

START_TEST(nothing_takes_no_memory)
{
    struct octet_buffer buffer = {0};
    ck_assert(octet_buffer_append(&buffer, (struct slice){NULL, 0}));
    ck_assert_ptr_null(buffer.octets);
}
END_TEST

/* A size that no memory has: the buffer stays as it was. */
START_TEST(too_much_is_refused)
{
    struct octet_buffer buffer = {0};
    ck_assert(octet_buffer_append(&buffer, SLICE("220")));
    ck_assert(!octet_buffer_append(&buffer, (struct slice){"", SIZE_MAX / 2}));
    ck_assert(slice_equal(octet_buffer_text(&buffer), SLICE("220")));
    octet_buffer_free(&buffer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("octet_buffer");
    TCase *buffer = tcase_create("buffer");
    tcase_add_test(buffer, what_is_appended_is_there);
    tcase_add_test(buffer, nothing_takes_no_memory);
    tcase_add_test(buffer, too_much_is_refused);
    suite_add_tcase(suite, buffer);
    return suite_run(suite);
}
