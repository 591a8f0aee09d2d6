/* every_line.c - walks a folder and splits its files into lines. */
#include "every_line.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

/* The longest mark or log prefix. */
#define MARK_MAX 24

/* nftw passes on no argument. */
static void (*taker)(struct slice line);
static size_t taken;

static int take_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (type != FTW_F)
        return 0;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&text, &capacity, file)) > 0) {
        struct slice line = {text, (size_t)size};
        if (text[size - 1] == '\n')
            line.size--;
        for (size_t cut = 0; cut <= line.size && cut <= MARK_MAX; cut++, taken++)
            taker(slice_after(line, cut));
    }
    free(text);
    fclose(file);
    return 0;
}

size_t every_line(const char *folder, void (*take)(struct slice line))
{
    taker = take;
    taken = 0;
    ck_assert_int_eq(nftw(folder, take_file, 16, FTW_PHYS), 0);
    return taken;
}
