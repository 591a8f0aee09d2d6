/* forward_list.c - a sorted list of answers, and the ways through it.
 */
#include "report/forward_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

static int compare(const struct forward *forward, const char *recipient, const char *path, int code)
{
    int order = strcasecmp(forward->recipient, recipient);
    order = order ? order : strcasecmp(forward->path, path);
    return order ? order : forward->code - code;
}

/* The place of an answer in the list, or where it belongs. */
static size_t place_of(const struct forward_list *forwards, const char *recipient, const char *path,
                       int code)
{
    size_t low = 0, high = forwards->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(&forwards->list[middle], recipient, path, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forward_free(struct forward *forward)
{
    free(forward->recipient);
    free(forward->path);
    free(forward->file);
    finding_free(forward->finding);
}

/* Adds an answer, which becomes the list's. */
static bool add(struct forward_list *forwards, struct forward *answer)
{
    size_t at = place_of(forwards, answer->recipient, answer->path, answer->code);
    answer->order = forwards->added += answer->count;
    if (at < forwards->count &&
        compare(&forwards->list[at], answer->recipient, answer->path, answer->code) == 0) {
        forwards->list[at].count += answer->count;
        forwards->list[at].order = answer->order;
        forward_free(answer);
        return true;
    }
    if (forwards->count == FORWARDS_MAX) {
        forwards->full = true;
        forward_free(answer);
        return true;
    }
    struct forward *list =
        array_with_room(forwards->list, forwards->count, &forwards->capacity, sizeof *list);
    if (!list) {
        forward_free(answer);
        return false;
    }
    forwards->list = list;
    memmove(&forwards->list[at + 1], &forwards->list[at],
            (forwards->count - at) * sizeof *forwards->list);
    forwards->list[at] = *answer;
    forwards->count++;
    return true;
}

bool forward_list_add(struct forward_list *forwards, const char *file,
                      const struct finding *finding)
{
    struct forward answer = {
        .recipient = slice_string(finding->recipient),
        .path = slice_string(finding->forward_path),
        .file = strdup(file),
        .finding = finding_copy(finding),
        .count = 1,
        .code = finding->reply.code,
    };
    if (answer.recipient && answer.path && answer.file && answer.finding)
        return add(forwards, &answer);
    forward_free(&answer);
    return false;
}

/* Earlier answers come first in the order of the list, so the last time has the highest number. */
bool forward_list_merge(struct forward_list *forwards, struct forward_list *later)
{
    bool done = true;
    uint64_t before = forwards->added;
    for (size_t i = 0; i < later->count; i++) {
        uint64_t order = later->list[i].order;
        struct forward moved = later->list[i];
        later->list[i] = (struct forward){0};
        if (!done) {
            forward_free(&moved);
            continue;
        }
        size_t at = place_of(forwards, moved.recipient, moved.path, moved.code);
        done = add(forwards, &moved);
        if (done && at < forwards->count)
            forwards->list[at].order = before + order;
    }
    forwards->added = before + later->added;
    forwards->full = forwards->full || later->full;
    forward_list_free(later);
    return done;
}

void forward_list_free(struct forward_list *forwards)
{
    for (size_t i = 0; i < forwards->count; i++)
        forward_free(&forwards->list[i]);
    free(forwards->list);
    *forwards = (struct forward_list){0};
}

/* The last answer for a recipient that has a forward-path; NULL where there is none. */
static struct forward *answer_for(struct forward_list *forwards, const char *recipient)
{
    struct forward *last = NULL;
    for (size_t i = place_of(forwards, recipient, "", 0);
         i < forwards->count && strcasecmp(forwards->list[i].recipient, recipient) == 0; i++) {
        struct forward *forward = &forwards->list[i];
        if (forward->path[0] && (!last || forward->order > last->order))
            last = forward;
    }
    return last;
}

static bool is_in(const struct forward_chain *chain, const char *address)
{
    for (size_t i = 0; i < chain->count; i++)
        if (strcasecmp(chain->addresses[i], address) == 0)
            return true;
    return false;
}

/* Follows the answers from one on. */
static void follow(struct forward_list *forwards, struct forward *forward,
                   struct forward_chain *chain)
{
    *chain = (struct forward_chain){.addresses = {forward->recipient}, .count = 1};
    while (forward && !chain->loop && chain->count < CHAIN_MAX) {
        forward->visited = true;
        chain->loop = is_in(chain, forward->path);
        chain->addresses[chain->count++] = forward->path;
        forward = answer_for(forwards, forward->path);
    }
}

/* Marks the recipients that another one has moved to: no chain begins with them. */
static void mark_targets(struct forward_list *forwards)
{
    for (size_t i = 0; i < forwards->count; i++) {
        struct forward *next =
            forwards->list[i].path[0] ? answer_for(forwards, forwards->list[i].path) : NULL;
        if (next)
            next->visited = true;
    }
}

void forward_list_chains(struct forward_list *forwards,
                         void (*chain)(void *context, const struct forward_chain *chain),
                         void *context)
{
    struct forward_chain found;
    mark_targets(forwards);
    bool *targets = calloc(forwards->count + 1, sizeof *targets);
    for (size_t i = 0; i < forwards->count && targets; i++) {
        targets[i] = forwards->list[i].visited;
        forwards->list[i].visited = false;
    }
    /* From the beginnings; then from what only loops lead to. */
    for (int round = 0; round < 2 && targets; round++)
        for (size_t i = 0; i < forwards->count; i++) {
            struct forward *forward = &forwards->list[i];
            if (forward->visited || !forward->path[0] || (round == 0 && targets[i]) ||
                answer_for(forwards, forward->recipient) != forward)
                continue;
            follow(forwards, forward, &found);
            if (found.count >= 3 || found.loop)
                chain(context, &found);
        }
    free(targets);
}
