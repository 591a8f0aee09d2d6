/* message.c - what goes to standard error.
 */
#include "cli/message.h"

#include <stdarg.h>

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
