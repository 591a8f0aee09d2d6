/* message.h - messages on standard error. Nothing in them acts on a terminal or a log, whatever names and
 * files they quote.
 */
#ifndef SMTPSEQ_MESSAGE_H
#define SMTPSEQ_MESSAGE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "report/escape.h"

/* Prints "smtpseq: ", the text and a newline. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that a name is not known: of all `names` (at least one, NULL-terminated) it offers one that is
 * similar, and lists them, or `see` instead: the command that does. Returns false. */
bool message_unknown(const char *what, const char *name, const char *const names[],
                     const char *see);

/* "smtpseq: " and the name of the file, escaped. */
static inline void message_on(FILE *out, const char *path)
{
    fputs("smtpseq: ", out);
    print_escaped(out, slice_of(path));
}

/* A whole message on a line of the file (0: on the file); it may hold any octets. */
static inline void message_at(FILE *out, const char *path, uint64_t line, const char *message)
{
    message_on(out, path);
    putc(':', out);
    if (line > 0)
        fprintf(out, "%" PRIu64 ":", line);
    putc(' ', out);
    print_escaped(out, slice_of(message));
    putc('\n', out);
}

static inline void message_out_of_memory(FILE *out, const char *path)
{
    message_on(out, path);
    fputs(": out of memory\n", out);
}

#endif
