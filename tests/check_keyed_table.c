/* check_keyed_table.c - the table against a plain array that does the same. */
#include "base/keyed_table.h"
#include "suite.h"

#define KEYS 200

static struct keyed members[KEYS];
static bool inside[KEYS];

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void assert_same(struct keyed_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < KEYS; i++) {
        struct keyed *found = keyed_table_find(table, members[i].key);
        ck_assert_ptr_eq(found, inside[i] ? &members[i] : NULL);
        count += inside[i];
    }
    ck_assert_uint_eq(table->count, count);
}

static void assert_ordered(const struct keyed_table *table)
{
    struct keyed **list = keyed_table_by_age(table);
    ck_assert_ptr_nonnull(list);
    for (size_t i = 1; i < table->count; i++)
        ck_assert(list[i - 1]->touched < list[i]->touched ||
                  (list[i - 1]->touched == list[i]->touched && list[i - 1]->key < list[i]->key));
    free(list);
}

/* Keys that share their low bits, and those of a hash. */
START_TEST(members_are_found_until_they_are_removed)
{
    uint64_t state = (uint64_t)_i + 1;
    struct keyed_table table = {0};
    for (size_t i = 0; i < KEYS; i++) {
        members[i] = (struct keyed){.key = _i % 2 ? i << 40 : next_random(&state) << 20 | i};
        inside[i] = false;
    }
    for (int step = 0; step < 2000; step++) {
        size_t i = (size_t)next_random(&state) % KEYS;
        members[i].touched = next_random(&state) % 50;
        if (inside[i])
            keyed_table_remove(&table, &members[i]);
        else
            ck_assert(keyed_table_add(&table, &members[i]));
        inside[i] = !inside[i];
        if (step % 50 == 0) {
            assert_same(&table);
            assert_ordered(&table);
        }
    }
    keyed_table_clear(&table);
    ck_assert_ptr_null(keyed_table_find(&table, members[0].key));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyed_table");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, members_are_found_until_they_are_removed, 0, 10);
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
