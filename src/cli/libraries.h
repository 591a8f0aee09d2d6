/* libraries.h - loads the libraries that the inputs want, while files can still be opened.
 */
#ifndef SMTPSEQ_LIBRARIES_H
#define SMTPSEQ_LIBRARIES_H

#include <stddef.h>

/* Looks how the files of a command line begin (none: standard input), and loads libarchive and libpcap if
 * one is packed or a capture, or cannot be looked at: a folder, a pipe. One that is not on this machine is
 * missed when it is used. */
void libraries_load(char *const operands[], size_t count);

#endif
