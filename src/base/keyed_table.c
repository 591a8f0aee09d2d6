/* keyed_table.c - open addressing with linear probing. */
#include "base/keyed_table.h"

#include <stdlib.h>

/* Returns the slot where a key is, or would be. */
static size_t slot_of(const struct keyed_table *table, uint64_t key)
{
    size_t mask = table->capacity - 1;
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (table->slots[slot] && table->slots[slot]->key != key)
        slot = (slot + 1) & mask;
    return slot;
}

static bool grow(struct keyed_table *table)
{
    struct keyed_table larger = {.capacity = table->capacity ? table->capacity * 2 : 16};
    larger.slots = calloc(larger.capacity, sizeof(struct keyed *));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i])
            larger.slots[slot_of(&larger, table->slots[i]->key)] = table->slots[i];
    free(table->slots);
    table->slots = larger.slots;
    table->capacity = larger.capacity;
    return true;
}

struct keyed *keyed_table_find(struct keyed_table *table, uint64_t key)
{
    if (table->last && table->last->key == key)
        return table->last;
    struct keyed *found = table->capacity > 0 ? table->slots[slot_of(table, key)] : NULL;
    if (found)
        table->last = found;
    return found;
}

bool keyed_table_add(struct keyed_table *table, struct keyed *member)
{
    if (table->count * 2 >= table->capacity && !grow(table))
        return false;
    table->slots[slot_of(table, member->key)] = table->last = member;
    table->count++;
    return true;
}

void keyed_table_remove(struct keyed_table *table, const struct keyed *member)
{
    size_t mask = table->capacity - 1;
    size_t hole = slot_of(table, member->key);
    table->slots[hole] = NULL;
    table->count--;
    table->last = NULL;
    /* Members after it may be where they are because of it: they move up. */
    for (size_t slot = (hole + 1) & mask; table->slots[slot]; slot = (slot + 1) & mask) {
        struct keyed *moved = table->slots[slot];
        table->slots[slot] = NULL;
        table->slots[slot_of(table, moved->key)] = moved;
    }
}

static int by_touch(const void *left, const void *right)
{
    const struct keyed *a = *(struct keyed *const *)left, *b = *(struct keyed *const *)right;
    if (a->touched != b->touched)
        return a->touched < b->touched ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

struct keyed **keyed_table_by_age(const struct keyed_table *table)
{
    struct keyed **list = calloc(table->count + 1, sizeof(struct keyed *));
    if (!list)
        return NULL;
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i])
            list[count++] = table->slots[i];
    qsort(list, count, sizeof(struct keyed *), by_touch);
    return list;
}

void keyed_table_clear(struct keyed_table *table)
{
    free(table->slots);
    *table = (struct keyed_table){0};
}
