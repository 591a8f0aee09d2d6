/* paths.c - paths from the root, and from a folder.
 */
#include "cli/paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "portable/portable.h"

/* folder/name */
static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    const char *slash = folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

char *path_from_root(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder = slash ? strndup(path, (size_t)(name - path)) : strdup(".");
    if (!folder)
        return NULL;
    char *real = realpath(folder, NULL), *here = NULL, *full = NULL;
    if (real)
        full = join(real, name);
    else if (path[0] == '/')
        full = strdup(path);
    else if ((here = getcwd(NULL, 0)))
        full = join(here, path);
    free(folder);
    free(real);
    free(here);
    return full;
}

char *path_folder(const char *from_root)
{
    const char *slash = strrchr(from_root, '/');
    size_t size = slash ? (size_t)(slash - from_root) : 0;
    return size > 0 ? strndup(from_root, size) : strdup("/");
}

/* Returns the size of the folders that both have in common, the slash after them included. */
static size_t common_size(const char *path, const char *folder)
{
    size_t common = 0, i = 0;
    while (folder[i] && path[i] == folder[i]) {
        i++;
        if (folder[i - 1] == '/' || (folder[i] == '\0' && path[i] == '/'))
            common = i;
    }
    return common;
}

char *path_relative(const char *from_root, const char *folder)
{
    size_t common = common_size(from_root, folder);
    const char *above = folder + common, *below = from_root + common;
    above += *above == '/';
    below += *below == '/';
    size_t ups = *above != '\0';
    for (const char *c = above; *c; c++)
        ups += *c == '/';
    char *path = malloc(ups * 3 + strlen(below) + 1);
    if (!path)
        return NULL;
    for (size_t i = 0; i < ups; i++)
        memcpy(path + i * 3, "../", 3);
    strcpy(path + ups * 3, below);
    return path;
}

char *path_shown(const char *from_root)
{
    char *here = getcwd(NULL, 0), *folder = path_folder(from_root), *shown = NULL;
    if (here && folder) {
        size_t size = strlen(folder);
        bool above = strncmp(here, folder, size) == 0 &&
                     (here[size] == '/' || here[size] == '\0' || folder[size - 1] == '/');
        char *relative = path_relative(from_root, here);
        if (relative && !above && strncmp(relative, "../", 3) == 0) {
            free(relative);
            relative = strdup(from_root);
        }
        shown = relative;
    }
    free(here);
    free(folder);
    return shown ? shown : strdup(from_root);
}
