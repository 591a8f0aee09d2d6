/* location.c - paths and columns for CI systems.
 */
#include "report/location.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/escape.h"

/* Removes empty parts, "." and ".." from a path that begins with "/", in place. Links are not followed. */
static void make_plain(char *path)
{
    char *end = path; /* of the result so far; each part has its slash before it */
    for (const char *part = path; *part;) {
        part += strspn(part, "/");
        size_t size = strcspn(part, "/");
        if (size == 2 && memcmp(part, "..", 2) == 0) {
            while (end > path && *--end != '/')
                ;
        } else if (size > 0 && !(size == 1 && *part == '.')) {
            *end++ = '/';
            memmove(end, part, size);
            end += size;
        }
        part += size;
    }
    *end = '\0';
}

/* The path of a file, which is no member of an archive: its first `size` octets. */
static char *plain_path(const char *file, size_t size)
{
    char *folder = getcwd(NULL, 0), *path = NULL;
    if (!folder)
        return strndup(file, size); /* the folder is gone or unreadable: the path stays as it is */
    if (asprintf(&path, "%s/%.*s", *file == '/' ? "" : folder, (int)size, file) < 0)
        path = NULL;
    if (path) {
        make_plain(path);
        size_t inside = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
        if (strncmp(path, folder, inside) == 0 && path[inside] == '/' && path[inside + 1])
            memmove(path, path + inside + 1, strlen(path + inside));
    }
    free(folder);
    return path;
}

char *location_member(const char *archive, const char *member)
{
    char *below = NULL, *path = NULL;
    if (asprintf(&below, "/%s", member) < 0)
        return NULL;
    make_plain(below);
    if (asprintf(&path, "%s!%s", archive, below + (*below == '/')) < 0)
        path = NULL;
    free(below);
    return path;
}

char *location_path(const char *file)
{
    size_t size = strcspn(file, "!");
    char *archive = plain_path(file, size), *path = NULL;
    if (!archive || file[size] == '\0')
        return archive;
    path = location_member(archive, file + size + 1);
    free(archive);
    return path;
}

char *location_uri(const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!";
    char *uri = malloc(sizeof "file://" + 3 * strlen(path));
    if (!uri)
        return NULL;
    char *end = stpcpy(uri, *path == '/' ? "file://" : "");
    for (; *path; path++)
        end += strchr(plain, *path) ? sprintf(end, "%c", *path)
                                    : sprintf(end, "%%%02X", (unsigned)(unsigned char)*path);
    *end = '\0';
    return uri;
}

/* Converts a column from octets to UTF-16 code units. */
static uint32_t units(struct slice line, uint32_t column)
{
    uint32_t octets = 1, count = 1;
    while (line.size > 0 && octets < column) {
        uint32_t character = 0;
        size_t size = utf8_decode(line, &character);
        count += character > 0xffff ? 2 : 1;
        size = size > 0 ? size : 1;
        octets += (uint32_t)size;
        line = slice_after(line, size);
    }
    return octets < column ? count + (column - octets) : count; /* beyond the excerpt of the line */
}

/* The column where the mark stands at that offset in what is left of a line. The octets of a secret count
 * one each. */
static uint32_t column_at(struct slice left, size_t mark, uint32_t column)
{
    return (uint32_t)(units(left, (uint32_t)mark + 1) + column - 1 - mark);
}

struct region location_region(const struct finding *finding)
{
    struct region region = {
        .line = finding->line > 0 ? finding->line : 1,
        .column = units(finding->raw, finding->column),
        .end_column = units(finding->raw, finding->end_column),
    };
    if (finding->blanked) {
        region.column = column_at(finding->raw, finding->marked_from, finding->column);
        region.end_column = column_at(finding->raw, finding->marked_to, finding->end_column);
    }
    if (region.end_column <= region.column)
        region.end_column = region.column + 1;
    return region;
}

struct region location_earlier(const struct earlier_line *earlier)
{
    const struct line_copy *at = &earlier->at;
    struct slice left = {at->raw, at->size};
    struct region region = {earlier->line, 1, 1};
    if (at->column > 0) {
        region.column = column_at(left, earlier->marked_from, at->column);
        region.end_column = column_at(left, earlier->marked_to, at->end_column);
    }
    if (region.end_column <= region.column)
        region.end_column = region.column + 1;
    return region;
}
