/* runner_log.h - standard output in a job of GitHub Actions, whose runner carries out what it reads.
 */
#ifndef SMTPSEQ_RUNNER_LOG_H
#define SMTPSEQ_RUNNER_LOG_H

#include <stdio.h>

#include "portable/stream.h"

/* Opens a stream that passes text on to `out`, with workflow commands broken: a line that begins with
 * "::" (blanks before it do not count) and "##[" anywhere. Closing it leaves `out` open. Returns NULL
 * with errno. */
FILE *runner_log_open(FILE *out);

/* Returns standard output; in a job of GitHub Actions a stream that breaks workflow commands in it, to be
 * closed. NULL with errno. */
FILE *runner_log_stdout(void);

#endif
