/* read_file.h - reads a file of the run: itself, the members of the archive that it is, or it and the file
 * of the server's lines beside it.
 */
#ifndef SMTPSEQ_CLI_READ_FILE_H
#define SMTPSEQ_CLI_READ_FILE_H

#include "cli/result.h"

/* Reads a file into the sections of the reports. What cannot be read or reported is said in the result. */
void read_file(struct result *result, const struct input *input, const struct setup *setup);

/* Returns true if the file is a pipe of which a report shows what is found while it is silent: nothing else may be on
 * the screen then. */
bool read_file_shows(const struct input *input, const struct options *options);

#endif
