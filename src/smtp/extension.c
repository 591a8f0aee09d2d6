/* extension.c - extensions by their keywords. */
#include "smtp/extension.h"

static const char *const keywords[EXTENSION_COUNT] = {
#define X(name, keyword) [EXTENSION_##name] = keyword,
    EXTENSIONS(X)
#undef X
};

const char *extension_keyword(enum extension extension)
{
    return keywords[extension];
}

enum extension extension_of(struct slice keyword)
{
    char first = keyword.size > 0 ? ascii_upper(keyword.data[0]) : '\0';
    int extension = 0;
    while (extension < EXTENSION_COUNT &&
           (first != keywords[extension][0] ||
            !slice_equal_nocase(keyword, slice_of(keywords[extension]))))
        extension++;
    return (enum extension)extension;
}
