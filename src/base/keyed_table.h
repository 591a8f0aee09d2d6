/* keyed_table.h - things that are found by a number, and the one that was used longest ago.
 *
 * The table holds pointers; what they point to stays the caller's. A struct is kept in it by a
 * struct keyed as its first member.
 */
#ifndef SMTPSEQ_BASE_KEYED_TABLE_H
#define SMTPSEQ_BASE_KEYED_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyed {
    uint64_t key;
    uint64_t touched; /* when it was used last, in the caller's count */
};

/* All zero at first. */
struct keyed_table {
    struct keyed **slots; /* open addressing; `capacity` of them, a power of two or 0 */
    size_t count, capacity;
    struct keyed *last; /* that was found or added, mostly the next one as well */
};

/* Returns the member with that key, NULL if there is none. */
struct keyed *keyed_table_find(struct keyed_table *table, uint64_t key);

/* Adds a member, whose key is not in the table. Returns false when out of memory. */
bool keyed_table_add(struct keyed_table *table, struct keyed *member);

/* Takes a member out; it must be in the table. */
void keyed_table_remove(struct keyed_table *table, const struct keyed *member);

/* Returns all members, those touched longest ago first, ties by key: `table->count` of them. To be
 * freed by the caller; NULL when out of memory. */
struct keyed **keyed_table_by_age(const struct keyed_table *table);

/* Forgets all members. */
void keyed_table_clear(struct keyed_table *table);

#endif
