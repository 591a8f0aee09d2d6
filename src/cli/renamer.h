/* renamer.h - the process that renames finished reports to their paths.
 *
 * It is forked before the sandbox closes, so whoever reads recordings need not be able to create,
 * rename or remove a file. It takes two orders, "rename" and "remove", about temporary files that
 * were known when it started, and nothing else. When the program ends early, for a signal too, it
 * removes what was not renamed.
 */
#ifndef SMTPSEQ_RENAMER_H
#define SMTPSEQ_RENAMER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* The reports and the baseline. */
#define RENAMES_MAX (OUTPUTS_MAX + 1)

struct renamer {
    struct {
        const char *from, *to; /* borrowed; from is NULL when it is done */
    } files[RENAMES_MAX];
    size_t count;
    int socket;   /* to the process; -1: it does not run */
    sigset_t old; /* the signals that were blocked before */
};

/* Holds signals back, so that none leaves a temporary file, until renamer_start. */
void renamer_begin(struct renamer *renamer);

/* Adds a temporary file and the path it will get; before renamer_start. Both texts must outlive the
 * renamer. Returns its number. */
size_t renamer_add(struct renamer *renamer, const char *from, const char *to);

/* Starts the process, if there is a file for it, and lets signals come again. Returns false with errno
 * when it cannot be started. */
bool renamer_start(struct renamer *renamer);

/* Renames (`keep`) or removes a temporary file. Returns false with errno. */
bool renamer_finish(struct renamer *renamer, size_t number, bool keep);

/* Ends the process, which removes what is left. */
void renamer_stop(struct renamer *renamer);

#endif
