/* inputs.c - walks folders, in the order of names, without following links.
 */
#include "cli/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/message.h"
#include "cli/options.h"

struct file_id file_id(const struct stat *status)
{
    bool stays = S_ISCHR(status->st_mode) || S_ISSOCK(status->st_mode);
    return (struct file_id){!stays, status->st_dev, status->st_ino};
}

/* `status`: of the file; NULL: it is standard input. */
static bool add(struct inputs *inputs, const char *path, const struct stat *status, size_t folder)
{
    struct stat input;
    struct file_id id = {0};
    if (status)
        id = file_id(status);
    else if (fstat(STDIN_FILENO, &input) == 0)
        id = file_id(&input);
    struct input *list =
        array_with_room(inputs->list, inputs->count, &inputs->capacity, sizeof *list);
    if (!list)
        return false;
    inputs->list = list;
    char *copy = strdup(path);
    if (!copy)
        return false;
    inputs->list[inputs->count++] =
        (struct input){.path = copy, .id = id, .is_stdin = !status, .folder = folder};
    return true;
}

void input_free(struct input *input)
{
    free(input->path);
    free(input->server);
    free(input->full);
    free(input->relative);
    *input = (struct input){0};
}

void inputs_free(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        input_free(&inputs->list[i]);
    free(inputs->list);
    *inputs = (struct inputs){0};
}

static void complain(struct inputs *inputs, const char *path, int error)
{
    message_at(stderr, path, 0, error_text(error));
    inputs->failed = true;
}

/* The names still to be visited, the next one last. */
struct pending {
    char **paths; /* owned */
    size_t count, capacity;
};

static bool push(struct pending *pending, char *path)
{
    char **paths =
        array_with_room(pending->paths, pending->count, &pending->capacity, sizeof *paths);
    if (!paths)
        return false;
    pending->paths = paths;
    pending->paths[pending->count++] = path;
    return true;
}

static void pending_free(struct pending *pending)
{
    while (pending->count > 0)
        free(pending->paths[--pending->count]);
    free(pending->paths);
}

/* Backwards: the first name comes to lie last. The paths of a folder have all but the name in
 * common. */
static int by_name_backwards(const void *left, const void *right)
{
    return strcmp(*(char *const *)right, *(char *const *)left);
}

static char *path_below(const char *folder, const char *name)
{
    char *path = NULL;
    size_t size = strlen(folder);
    const char *slash = size > 0 && folder[size - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* Puts what is in a folder on top. False when out of memory. */
static bool read_folder(struct inputs *inputs, struct pending *pending, const char *folder)
{
    DIR *stream = opendir(folder);
    if (!stream) {
        bool short_of_memory = errno == ENOMEM;
        complain(inputs, folder, errno);
        return !short_of_memory;
    }
    size_t first = pending->count;
    bool done = true;
    while (done) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            break;
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0)
            continue;
        char *path = path_below(folder, name);
        done = path && push(pending, path);
        if (!done)
            free(path);
    }
    if (done && errno != 0)
        complain(inputs, folder, errno);
    closedir(stream);
    if (pending->count - first > 1)
        qsort(pending->paths + first, pending->count - first, sizeof *pending->paths,
              by_name_backwards);
    return done;
}

/* Adds the files below a folder. Links are not followed, so there is an end to it. */
static bool walk(struct inputs *inputs, const char *folder, size_t operand)
{
    struct pending pending = {0};
    bool done = read_folder(inputs, &pending, folder);
    while (done && pending.count > 0) {
        char *path = pending.paths[--pending.count];
        struct stat status;
        if (lstat(path, &status) != 0)
            complain(inputs, path, errno);
        else if (S_ISDIR(status.st_mode))
            done = read_folder(inputs, &pending, path);
        else if (S_ISREG(status.st_mode) && strcmp(strrchr(path, '/') + 1, SETTINGS_NAME) != 0)
            done = add(inputs, path, &status, operand + 1);
        free(path);
    }
    pending_free(&pending);
    return done;
}

bool inputs_expand(struct inputs *inputs, char *const operands[], size_t count,
                   const char *stdin_name)
{
    *inputs = (struct inputs){0};
    if (count == 0)
        return add(inputs, stdin_name, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        bool done = true;
        if (strcmp(operands[i], "-") == 0)
            done = add(inputs, stdin_name, NULL, 0);
        else if (stat(operands[i], &status) != 0)
            complain(inputs, operands[i], errno);
        else if (S_ISDIR(status.st_mode))
            done = walk(inputs, operands[i], i);
        else
            done = add(inputs, operands[i], &status, 0);
        if (!done)
            return false;
    }
    return true;
}

/* How many workers have descriptors for their files: two each, for a recording in two files. */
static size_t workers_max(void)
{
    struct rlimit limit;
    int first_free = dup(STDERR_FILENO);
    if (first_free < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1;
    close(first_free);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > INT_MAX)
        return SIZE_MAX;
    size_t left = limit.rlim_cur > (rlim_t)first_free ? limit.rlim_cur - (rlim_t)first_free : 0;
    return left >= 2 ? left / 2 : 1;
}

size_t inputs_at_once(const struct inputs *inputs, const struct options *options, unsigned *each)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs =
        options->jobs > 0 ? (size_t)options->jobs : (size_t)(processors > 0 ? processors : 1);
    size_t most = workers_max();
    *each = inputs->count > 0 ? (unsigned)(jobs / inputs->count) : 1;
    if (jobs > inputs->count)
        jobs = inputs->count;
    if (jobs > most) {
        if (!options->quiet)
            message("few files can be open at once (ulimit -n): checking %zu at a time", most);
        jobs = most;
    }
    return jobs;
}
