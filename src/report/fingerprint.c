/* fingerprint.c - hashes the parts of a finding that do not change with its line.
 */
#include "report/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct fingerprint_count {
    uint64_t print; /* 0: free */
    uint64_t times;
};

/* Spreads every bit over the whole word (the finalizer of MurmurHash3). */
static uint64_t spread(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

/* Hashes a text and a NUL, so that "ab" "c" differs from "a" "bc". */
static uint64_t add_text(uint64_t hash, struct slice text)
{
    return slice_hash(slice_hash(hash, text), SLICE("\0"));
}

struct slice fingerprint_command(const struct finding *finding)
{
    return EXCERPT_SLICE(finding->known_as);
}

const char *fingerprint_state(const struct finding *finding)
{
    return finding->has_state ? state_name(finding->state) : "";
}

uint64_t fingerprint(const struct finding *finding, const char *file)
{
    uint64_t hash = SLICE_HASH ^ spread(finding->shape);
    hash = add_text(hash, slice_of(finding->rule->code));
    hash = add_text(hash, slice_of(file));
    hash = add_text(hash, fingerprint_command(finding));
    hash = add_text(hash, slice_of(fingerprint_state(finding)));
    return spread(hash);
}

/* Returns the slot of a fingerprint, or the free one where it belongs. */
static struct fingerprint_count *slot_of(const struct fingerprint_counts *counts, uint64_t print)
{
    size_t at = (size_t)print & (counts->capacity - 1);
    while (counts->table[at].print != 0 && counts->table[at].print != print)
        at = (at + 1) & (counts->capacity - 1);
    return &counts->table[at];
}

static bool grow(struct fingerprint_counts *counts)
{
    struct fingerprint_counts larger = {.count = counts->count,
                                        .capacity = counts->capacity ? counts->capacity * 2 : 64};
    larger.table = calloc(larger.capacity, sizeof *larger.table);
    if (!larger.table)
        return false;
    for (size_t i = 0; i < counts->capacity; i++)
        if (counts->table[i].print != 0)
            *slot_of(&larger, counts->table[i].print) = counts->table[i];
    free(counts->table);
    *counts = larger;
    return true;
}

bool fingerprint_unique(struct fingerprint_counts *counts, uint64_t *print)
{
    /* What takes the place of one that was there may have been there too. */
    for (;;) {
        if (counts->count * 2 >= counts->capacity && !grow(counts))
            return false;
        uint64_t key = *print ? *print : 1;
        struct fingerprint_count *found = slot_of(counts, key);
        if (found->print == 0) {
            *found = (struct fingerprint_count){key, 1};
            counts->count++;
            return true;
        }
        *print = spread(key + ++found->times * UINT64_C(0x9e3779b97f4a7c15));
    }
}

void fingerprint_counts_free(struct fingerprint_counts *counts)
{
    free(counts->table);
    *counts = (struct fingerprint_counts){0};
}

void fingerprint_text(uint64_t print, char text[FINGERPRINT_TEXT])
{
    snprintf(text, FINGERPRINT_TEXT, "%016" PRIx64, print);
}
