/* baseline.c - a sorted list of known findings.
 */
#include "baseline/baseline.h"

#include <stdlib.h>

#include "report/escape.h"
#include "report/fingerprint.h"

void baseline_free(struct baseline *baseline)
{
    for (size_t i = 0; i < baseline->count; i++)
        free(baseline->entries[i].file);
    free(baseline->entries);
    *baseline = (struct baseline){0};
}

char *baseline_path(const char *path)
{
    struct slice text = slice_of(path);
    char *room = malloc(text.size * 3 + 1);
    if (room)
        room[copy_valid_utf8(room, text)] = '\0';
    return room;
}

/* Fills the fields by which a finding is recognised, except its file. */
static void describe(struct baseline_entry *entry, const struct finding *finding)
{
    struct slice command = slice_head(fingerprint_command(finding), BASELINE_COMMAND_MAX);
    entry->rule = (enum rule_id)(finding->rule - smtpseq_rules);
    entry->shape = finding->shape;
    for (size_t i = 0; i < command.size; i++)
        entry->command[i] = command.data[i] > ' ' && command.data[i] < 0x7f ? command.data[i] : '?';
    entry->command[command.size] = '\0';
    snprintf(entry->state, sizeof entry->state, "%s", fingerprint_state(finding));
}

/* Orders the entries of a file as they are written. */
static int compare_described(const struct baseline_entry *a, const struct baseline_entry *b)
{
    if (a->rule != b->rule)
        return strcmp(smtpseq_rules[a->rule].name, smtpseq_rules[b->rule].name);
    int order = strcmp(a->command, b->command);
    if (order == 0)
        order = strcmp(a->state, b->state);
    return order != 0 ? order : a->shape < b->shape ? -1 : a->shape > b->shape;
}

static int compare(const void *left, const void *right)
{
    const struct baseline_entry *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    return order != 0 ? order : compare_described(a, b);
}

void baseline_sort(struct baseline *baseline)
{
    size_t kept = 0;
    if (baseline->count == 0)
        return;
    qsort(baseline->entries, baseline->count, sizeof *baseline->entries, compare);
    for (size_t i = 1; i < baseline->count; i++) {
        struct baseline_entry *last = &baseline->entries[kept], *entry = &baseline->entries[i];
        if (compare(last, entry) == 0) {
            last->count += entry->count;
            free(entry->file);
        } else {
            baseline->entries[++kept] = *entry;
        }
    }
    baseline->count = kept + 1;
}

/* Makes room for `more` entries; equal ones are merged first. */
static bool make_room(struct baseline *baseline, size_t more)
{
    if (baseline->count + more <= baseline->capacity)
        return true;
    baseline_sort(baseline);
    if ((baseline->count + more) * 2 <= baseline->capacity)
        return true;
    size_t capacity = (baseline->count + more) * 2 + 64;
    struct baseline_entry *larger = reallocarray(baseline->entries, capacity, sizeof *larger);
    if (!larger)
        return false;
    baseline->entries = larger;
    baseline->capacity = capacity;
    return true;
}

bool baseline_add(struct baseline *baseline, const char *file, const struct finding *finding)
{
    if (!make_room(baseline, 1))
        return false;
    struct baseline_entry *entry = &baseline->entries[baseline->count];
    *entry = (struct baseline_entry){.count = 1};
    entry->file = strdup(file);
    if (!entry->file)
        return false;
    describe(entry, finding);
    baseline->count++;
    return true;
}

bool baseline_merge(struct baseline *baseline, struct baseline *more)
{
    if (!make_room(baseline, more->count))
        return false;
    if (more->count > 0)
        memcpy(baseline->entries + baseline->count, more->entries,
               more->count * sizeof *more->entries);
    baseline->count += more->count;
    more->count = 0;
    return true;
}

bool baseline_raise(struct baseline *baseline, struct baseline *older, size_t count)
{
    size_t newer = baseline->count;
    for (size_t i = 0; i < count; i++) {
        struct baseline_entry *entry = &older->entries[i];
        struct baseline_entry *same =
            newer > 0 ? bsearch(entry, baseline->entries, newer, sizeof *entry, compare) : NULL;
        if (same) {
            same->count = entry->count > same->count ? entry->count : same->count;
            continue;
        }
        if (!make_room(baseline, 1))
            return false;
        baseline->entries[baseline->count] = *entry;
        if (!(baseline->entries[baseline->count].file = strdup(entry->file)))
            return false;
        baseline->count++;
    }
    baseline_sort(baseline);
    return true;
}

size_t baseline_file(const struct baseline *baseline, const char *file, size_t *first)
{
    size_t low = 0, high = baseline->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(baseline->entries[middle].file, file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < baseline->count && strcmp(baseline->entries[high].file, file) == 0)
        high++;
    return high - low;
}

size_t baseline_find(const struct baseline *baseline, size_t first, size_t count,
                     const struct finding *finding)
{
    struct baseline_entry wanted = {0};
    describe(&wanted, finding);
    size_t low = first, high = first + count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_described(&baseline->entries[middle], &wanted);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}
