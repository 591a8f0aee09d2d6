/* finding.c - what a finding owns, and the order of several.
 */
#include "rules/finding.h"

#include <stdlib.h>

#include "base/array.h"

/* A copy of `count` elements; *whole is cleared when out of memory. NULL where there are none. */
static void *copy_of(const void *elements, size_t count, size_t size, bool *whole)
{
    void *copy = count > 0 ? calloc(count, size) : NULL;
    if (copy)
        memcpy(copy, elements, count * size);
    *whole = *whole && (copy || count == 0);
    return copy;
}

bool finding_keep(struct slice *kept, struct slice text)
{
    bool whole = true;
    text = slice_head(text, FINDING_TEXT);
    const char *copy = copy_of(text.data, text.size, 1, &whole);
    if (copy)
        *kept = (struct slice){copy, text.size};
    return whole;
}

size_t finding_memory(const struct finding *finding)
{
    return sizeof *finding + finding->raw.size + finding->recipient.size +
           finding->forward_path.size + finding->follower_capacity * sizeof *finding->followers +
           finding->server_count * sizeof *finding->servers +
           (finding->words ? sizeof *finding->words : 0);
}

struct finding *finding_copy(const struct finding *finding)
{
    struct finding *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    bool whole = true;
    *copy = *finding;
    copy->raw.data = copy_of(finding->raw.data, finding->raw.size, 1, &whole);
    copy->recipient.data = copy_of(finding->recipient.data, finding->recipient.size, 1, &whole);
    copy->forward_path.data =
        copy_of(finding->forward_path.data, finding->forward_path.size, 1, &whole);
    copy->followers =
        copy_of(finding->followers, finding->follower_count, sizeof *copy->followers, &whole);
    copy->follower_capacity = copy->follower_count;
    copy->servers = copy_of(finding->servers, finding->server_count, sizeof *copy->servers, &whole);
    copy->words = copy_of(finding->words, finding->words ? 1 : 0, sizeof *copy->words, &whole);
    if (whole)
        return copy;
    finding_free(copy);
    return NULL;
}

void finding_free(struct finding *finding)
{
    if (!finding)
        return;
    free(finding->followers);
    free(finding->servers);
    free(finding->words);
    free((char *)finding->raw.data);
    free((char *)finding->recipient.data);
    free((char *)finding->forward_path.data);
    free(finding);
}

bool finding_follow(struct finding *finding, uint64_t line)
{
    finding->followed_here = finding->followed_here || finding->line == line;
    if (finding->line == line || finding->last_follower == line)
        return true;
    finding->last_follower = line;
    if (finding->follower_count == FOLLOWERS_NAMED) {
        finding->more_followers++;
        return true;
    }
    uint64_t *followers = array_with_room(finding->followers, finding->follower_count,
                                          &finding->follower_capacity, sizeof *followers);
    if (!followers)
        return false;
    finding->followers = followers;
    finding->followers[finding->follower_count++] = line;
    return true;
}

bool finding_fold(struct finding *first, struct finding *other)
{
    if (other->line < first->line) {
        struct finding swapped = *first;
        *first = *other;
        *other = swapped;
        first->more_sessions += other->more_sessions;
    }
    first->more_sessions++;
    bool done = finding_follow(first, other->line);
    for (size_t i = 0; i < other->follower_count && done; i++)
        done = finding_follow(first, other->followers[i]);
    first->more_followers += other->more_followers;
    return done;
}

int finding_compare(const void *left, const void *right)
{
    const struct finding *a = *(struct finding *const *)left;
    const struct finding *b = *(struct finding *const *)right;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}
