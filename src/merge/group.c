/* group.c - the order of the parts. */
#include <stdlib.h>

#include "base/path_order.h"
#include "merge/shard.h"

/* Returns the size of the input's name in that of a recording: "a.zip" of "a.zip!session.txt". */
static size_t input_size(const char *name)
{
    return strcspn(name, "!");
}

/* Compares what two inputs of the same name say, so that the order of the reports makes no difference. */
static int compare_text(const struct part *a, const struct part *b)
{
    uint64_t size_a = a->group_end - a->group_begin, size_b = b->group_end - b->group_begin;
    if (size_a != size_b)
        return size_a < size_b ? -1 : 1;
    if (fseeko(a->shard->stream, (off_t)a->group_begin, SEEK_SET) != 0)
        return 0;
    for (uint64_t i = 0; i < size_a && a->shard->stream != b->shard->stream; i++) {
        int of_a = getc_unlocked(a->shard->stream);
        if (i == 0 && fseeko(b->shard->stream, (off_t)b->group_begin, SEEK_SET) != 0)
            return 0;
        int of_b = getc_unlocked(b->shard->stream);
        if (of_a != of_b)
            return of_a < of_b ? -1 : 1;
    }
    return 0;
}

/* Parts of one archive stay as they are. */
static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left, *b = right;
    int order = path_order(a->name, input_size(a->name), b->name, input_size(b->name));
    if (order != 0)
        return order;
    if (a->group == b->group)
        return a->begin < b->begin ? -1 : a->begin > b->begin;
    order = strcmp(a->group_name, b->group_name);
    if (order == 0 && a->shard != b->shard)
        order = compare_text(a, b);
    return order != 0 ? order : a->group < b->group ? -1 : 1;
}

/* Returns true if a part follows another one of the same archive. */
static bool is_same_input(const struct part *before, const struct part *part)
{
    size_t size = input_size(part->name);
    return before->shard == part->shard && before->begin < before->end &&
           size == input_size(before->name) && memcmp(before->name, part->name, size) == 0 &&
           (part->name[size] || before->name[size]);
}

static void find_groups(struct parts *parts)
{
    struct part *list = parts->list;
    for (size_t i = 0, end; i < parts->count; i = end) {
        parts->groups++;
        for (end = i + 1; end < parts->count && is_same_input(&list[end - 1], &list[end]);)
            end++;
        for (size_t k = i; k < end; k++) {
            list[k].group = parts->groups;
            list[k].group_name = list[i].name;
            list[k].group_begin = list[i].begin;
            list[k].group_end = list[end - 1].end;
        }
    }
}

void parts_sort(struct parts *parts)
{
    find_groups(parts);
    if (parts->count > 1)
        qsort(parts->list, parts->count, sizeof *parts->list, compare_parts);
}

void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        free(parts->list[i].name);
    free(parts->list);
    *parts = (struct parts){0};
}
