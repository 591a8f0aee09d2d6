/* message.h - how a message on a file begins, on standard error or on its way there.
 */
#ifndef SMTPSEQ_MESSAGE_H
#define SMTPSEQ_MESSAGE_H

#include <stdio.h>

#include "report/harmless.h"

/* "smtpseq: " and the name of the file, of which nothing acts on a terminal or a log. */
static inline void message_on(FILE *out, const char *path)
{
    fputs("smtpseq: ", out);
    print_harmless(out, slice_of(path));
}

static inline void message_out_of_memory(FILE *out, const char *path)
{
    message_on(out, path);
    fputs(": out of memory\n", out);
}

#endif
