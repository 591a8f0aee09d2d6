/* message.c - what goes to standard error.
 */
#include "cli/message.h"

#include <stdarg.h>

#include "base/nearest_name.h"

/* The longest message; what is longer is cut. */
#define MESSAGE_MAX 2000

void message(const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fputs("smtpseq: ", stderr);
    print_escaped(stderr, slice_of(text));
    putc('\n', stderr);
}

bool message_unknown(const char *what, const char *name, const char *const names[], const char *see)
{
    const char *similar = similar_name(name, names);
    fprintf(stderr, "smtpseq: %s '", what);
    print_escaped(stderr, slice_of(name));
    fputs("' is not known", stderr);
    if (similar)
        fprintf(stderr, "; did you mean '%s'?", similar);
    if (see) {
        fprintf(stderr, "%s %s", similar ? " See" : "; see", see);
    } else {
        fputs(similar ? " Known are" : "; known are", stderr);
        for (size_t i = 0; names[i]; i++)
            fprintf(stderr, "%s %s", i > 0 ? "," : "", names[i]);
    }
    putc('\n', stderr);
    return false;
}
