/* same_file.h - refuses to write over a file that the run reads, or to write one file twice.
 */
#ifndef SMTPSEQ_SAME_FILE_H
#define SMTPSEQ_SAME_FILE_H

#include "cli/settings.h"

/* Compares every path that is written with every path that is read or written: by file, not by name, so
 * that links, hard links and "./" count. To be called before anything is opened for writing. False: two
 * are the same file, and a message is on standard error.
 *
 * Inputs that were found in a folder are treated differently, since a report is often written into the
 * folder it is about. The baseline, standard output and what the run before reported are taken off the
 * list. Any other file that would be overwritten gets its `report`, which must not replace it when it
 * turns out to be a recording. */
bool outputs_are_apart(const struct options *options, struct inputs *inputs,
                       const struct settings_files *settings);

/* The same for a command that writes to standard output only: for each file that it reads. `purpose`: "a
 * recording". */
bool streams_are_apart(const char *path, const char *purpose);

#endif
