/* runner_log.c - breaks the workflow commands that a recording or the name of a file may hold.
 *
 * actions/runner, ActionCommand.cs: TryParseV2 takes a line that begins with "::" once white space is
 * trimmed, TryParse "##[" at any place.
 */
#include "cli/runner_log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "portable/stream.h"

struct runner_log {
    FILE *out;
    bool in_line;    /* something but white space has been printed in this line */
    bool colon;      /* a colon at the beginning of the line is held back */
    unsigned hashes; /* that the text ends with */
};

/* Octets above ASCII may be white space too (U+00A0); the runner trims it. */
static bool may_be_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c >= 0x80;
}

static void pass(struct runner_log *log, char c)
{
    if (!log->in_line && c == ':' && !log->colon) {
        log->colon = true;
        return;
    }
    if (log->colon)
        fputs(c == ':' ? "\\x3a" : ":", log->out);
    log->in_line = c != '\n' && (log->in_line || log->colon || !may_be_space(c));
    log->colon = false;
    if (c == '[' && log->hashes >= 2)
        fputs("\\x5b", log->out);
    else
        putc(c, log->out);
    log->hashes = c == '#' ? log->hashes + 1 : 0;
}

static ssize_t write_log(void *cookie, const char *text, size_t size)
{
    struct runner_log *log = cookie;
    for (size_t i = 0; i < size; i++)
        pass(log, text[i]);
    return ferror(log->out) ? 0 : (ssize_t)size;
}

static int close_log(void *cookie)
{
    struct runner_log *log = cookie;
    if (log->colon)
        putc(':', log->out);
    int failed = ferror(log->out) ? EOF : 0;
    free(log);
    return failed;
}

FILE *runner_log_open(FILE *out)
{
    struct runner_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->out = out;
    FILE *stream =
        stream_open(log, &(struct stream_functions){.write = write_log, .close = close_log});
    if (!stream)
        free(log);
    return stream;
}

FILE *runner_log_stdout(void)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions && *actions ? runner_log_open(stdout) : stdout;
}
