/* extension.c - extensions by their keywords. */
#include "smtp/extension.h"

static const struct slice keywords[EXTENSION_COUNT] = {
#define X(name, keyword) [EXTENSION_##name] = {keyword, sizeof(keyword) - 1},
    EXTENSIONS(X)
#undef X
};

const char *extension_keyword(enum extension extension)
{
    return keywords[extension].data;
}

enum extension extension_of(struct slice keyword)
{
    int extension = 0;
    while (extension < EXTENSION_COUNT && !slice_equal_nocase(keyword, keywords[extension]))
        extension++;
    return (enum extension)extension;
}
