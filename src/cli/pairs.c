/* pairs.c - finds the two files of a session among the inputs (tcpflow), by their names.
 */
#include "cli/inputs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtp/look.h"
#include "transcript/dumps/tcpflow_pair.h"

/* The name of a file in its folder. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The path of the other file of a pair, owned by the caller; NULL where the name is not of that kind,
 * or out of memory. */
static char *other_path(const char *path)
{
    const char *name = name_of(path);
    char *other = strdup(path);
    if (!other || tcpflow_other_name(slice_of(name), other + (name - path)))
        return other;
    free(other);
    return NULL;
}

/* Returns true if a file begins with a reply: it holds the server's side. */
static bool is_server(const char *path)
{
    char head[4];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    ssize_t size = read(descriptor, head, sizeof head);
    close(descriptor);
    return size == (ssize_t)sizeof head && looks_like_reply((struct slice){head, sizeof head});
}

static int by_path(const void *left, const void *right)
{
    const struct input *a = *(struct input *const *)left, *b = *(struct input *const *)right;
    return strcmp(a->path, b->path);
}

static struct input *find(struct input **list, size_t count, char *path)
{
    struct input key = {.path = path}, *wanted = &key;
    struct input **found = bsearch(&wanted, list, count, sizeof(struct input *), by_path);
    return found ? *found : NULL;
}

/* Makes one input of two that belong together; the server's loses its path. */
static void join(struct input *one, struct input *other)
{
    if (!one->path || !other->path || one->server || other->server)
        return; /* named twice */
    bool first = is_server(one->path), second = is_server(other->path);
    if (first == second)
        return;
    struct input *client = first ? other : one, *server = first ? one : other;
    client->server = server->path;
    server->path = NULL;
}

/* The inputs whose name may be one of a pair, in the order of their paths. */
static size_t list_candidates(struct inputs *inputs, struct input **list)
{
    size_t count = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        char *other = inputs->list[i].is_stdin ? NULL : other_path(inputs->list[i].path);
        if (other)
            list[count++] = &inputs->list[i];
        free(other);
    }
    qsort(list, count, sizeof(struct input *), by_path);
    return count;
}

bool inputs_pair(struct inputs *inputs)
{
    struct input **list = calloc(inputs->count + 1, sizeof(struct input *));
    struct input **others = calloc(inputs->count + 1, sizeof(struct input *));
    bool done = list && others;
    size_t count = done ? list_candidates(inputs, list) : 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        char *other = other_path(list[i]->path);
        if (other && strcmp(list[i]->path, other) < 0)
            others[i] = find(list, count, other);
        free(other);
    }
    for (size_t i = 0; i < count; i++)
        if (others[i])
            join(list[i], others[i]);
    for (size_t i = 0; done && i < inputs->count; i++)
        if (inputs->list[i].path)
            inputs->list[kept++] = inputs->list[i];
        else
            input_free(&inputs->list[i]);
    inputs->count = done ? kept : inputs->count;
    free(list);
    free(others);
    return done;
}
