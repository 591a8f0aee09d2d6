/* columns.c - splits lines at commas, tabs or blanks.
 */
#include "transcript/formats/columns.h"

void columns_cut(struct columns *columns, struct slice line, char separator)
{
    columns->count = 0;
    while (columns->count < COLUMNS_MAX) {
        bool quoted = line.size > 0 && line.data[0] == '"';
        size_t size = 0, next;
        if (quoted) {
            line = slice_after(line, 1);
            while (size < line.size &&
                   (line.data[size] != '"' || (size + 1 < line.size && line.data[size + 1] == '"')))
                size += line.data[size] == '"' ? 2 : 1;
            if (size > line.size)
                size = line.size;
            next = size + slice_find(slice_after(line, size), separator);
        } else {
            next = size = slice_find(line, separator);
        }
        columns->at[columns->count++] = slice_head(line, size);
        if (next >= line.size)
            return;
        line = slice_after(line, next + 1);
    }
}

size_t columns_find(const struct columns *names, struct slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (slice_equal_nocase(slice_trim(names->at[i]), name))
            return i;
    return COLUMNS_MAX;
}
