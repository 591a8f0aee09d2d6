/* check_disk_array.c - an array on disk against a plain one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk_array.h"
#include "suite.h"

#define ELEMENTS 100000 /* more than are in memory */

struct element {
    uint64_t value[3];
};

/* Places as sessions take them: mostly the next one, now and then one that is far away. */
static uint64_t place(uint64_t step)
{
    return step % 7 == 3 ? step * 7919 % ELEMENTS : step % ELEMENTS;
}

START_TEST(holds_what_is_written)
{
    static uint64_t expected[ELEMENTS];
    FILE *file = tmpfile();
    struct disk_array *array = disk_array_new(fileno(file), sizeof(struct element));
    ck_assert_ptr_nonnull(array);
    for (uint64_t step = 0; step < UINT64_C(2) * ELEMENTS; step++) {
        struct element *element = disk_array_at(array, place(step));
        ck_assert_ptr_nonnull(element);
        ck_assert_uint_eq(element->value[2], expected[place(step)]);
        element->value[2] = expected[place(step)] = step;
    }
    for (uint64_t i = 0; i < ELEMENTS; i++) {
        const struct element *element = disk_array_at(array, i);
        ck_assert_ptr_nonnull(element);
        ck_assert_uint_eq(element->value[0], 0);
        ck_assert_uint_eq(element->value[2], expected[i]);
    }
    disk_array_free(array);
    fclose(file);
}
END_TEST

START_TEST(is_zero_where_nothing_was)
{
    FILE *file = tmpfile();
    struct disk_array *array = disk_array_new(fileno(file), sizeof(struct element));
    const struct element *element = disk_array_at(array, UINT64_C(1) << 32);
    ck_assert_ptr_nonnull(element);
    ck_assert_uint_eq(element->value[0], 0);
    disk_array_free(array);
    fclose(file);
}
END_TEST

/* A file that takes nothing: the page that is left is not lost in silence. */
START_TEST(says_what_failed)
{
    int descriptor = open("/dev/full", O_RDWR);
    if (descriptor < 0)
        return;
    struct disk_array *array = disk_array_new(descriptor, sizeof(struct element));
    uint64_t index = 0;
    while (index < ELEMENTS && disk_array_at(array, index))
        index++;
    ck_assert_uint_lt(index, ELEMENTS);
    ck_assert_int_eq(errno, ENOSPC);
    disk_array_free(array);
    close(descriptor);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("disk_array");
    TCase *array = tcase_create("array");
    tcase_add_test(array, holds_what_is_written);
    tcase_add_test(array, is_zero_where_nothing_was);
    tcase_add_test(array, says_what_failed);
    suite_add_tcase(suite, array);
    return suite_run(suite);
}
