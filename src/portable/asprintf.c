/* asprintf.c - a formatted text, owned by the caller. */
#include "portable/portable.h"

#include <stdarg.h>

int asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (!*text)
        return -1;
    va_start(arguments, format);
    vsnprintf(*text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return size;
}
