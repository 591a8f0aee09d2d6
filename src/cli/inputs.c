/* inputs.c - walks folders, in the order of names, without following links.
 */
#include "cli/inputs.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool add(struct inputs *inputs, const char *path, bool is_stdin, size_t folder)
{
    if (inputs->count == inputs->capacity) {
        size_t capacity = inputs->capacity ? inputs->capacity * 2 : 64;
        struct input *larger = reallocarray(inputs->list, capacity, sizeof *larger);
        if (!larger)
            return false;
        inputs->list = larger;
        inputs->capacity = capacity;
    }
    char *copy = strdup(path);
    if (!copy)
        return false;
    inputs->list[inputs->count++] = (struct input){
        .path = copy, .is_stdin = is_stdin, .folder = folder};
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

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

static void complain(struct inputs *inputs, const char *path, int error)
{
    fprintf(stderr, "smtpseq: %s: %s\n", path, strerror(error));
    inputs->failed = true;
}

static bool walk(struct inputs *inputs, char *folder, size_t operand)
{
    char *roots[] = {folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!tree)
        return false;
    bool done = true;
    FTSENT *entry;
    while (done && (entry = fts_read(tree)) != NULL) {
        switch (entry->fts_info) {
        case FTS_D:
            if (strcmp(entry->fts_name, ".git") == 0 && entry->fts_level > 0)
                fts_set(tree, entry, FTS_SKIP);
            break;
        case FTS_F:
            if (strcmp(entry->fts_name, SETTINGS_NAME) != 0)
                done = add(inputs, entry->fts_path, false, operand + 1);
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            complain(inputs, entry->fts_path, entry->fts_errno);
            break;
        default:
            break;
        }
    }
    fts_close(tree);
    return done;
}

bool inputs_expand(struct inputs *inputs, char *const operands[], size_t count,
                   const char *stdin_name)
{
    *inputs = (struct inputs){0};
    if (count == 0)
        return add(inputs, stdin_name, true, 0);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        bool done = true;
        if (strcmp(operands[i], "-") == 0)
            done = add(inputs, stdin_name, true, 0);
        else if (stat(operands[i], &status) != 0)
            complain(inputs, operands[i], errno);
        else if (S_ISDIR(status.st_mode))
            done = walk(inputs, operands[i], i);
        else
            done = add(inputs, operands[i], false, 0);
        if (!done)
            return false;
    }
    return true;
}
