/* output.h - the files that reports are written to.
 *
 * A report is written beside its file and takes the file's name when it is whole: nobody ever reads
 * half of one under that name. What is no regular file (a FIFO, /dev/stderr) is written to directly.
 */
#ifndef SMTPSEQ_OUTPUT_H
#define SMTPSEQ_OUTPUT_H

#include "cli/options.h"
#include "cli/renamer.h"

struct output_file {
    const char *path; /* as given; "-": standard output */
    const struct report_format *format;
    FILE *stream;
    bool is_stdout; /* the stream is standard output, or passes on to it */
    char *target;   /* the file, links resolved; NULL: written to directly */
    char *beside;   /* the temporary file that is renamed to it */
    size_t number;  /* of that, for the renamer */
    struct report_section sections[REPORT_SECTIONS_MAX];
};

/* Opens a report's file and the sections of its format; before renamer_start. False: a message is on
 * standard error and no file is left. */
bool output_open(struct output_file *file, const struct output *output, struct renamer *renamer);

/* Closes it; `whole`: and renames it to its path, else what was written is removed. False when
 * something was not written: a message is on standard error. Standard output itself is left to main. */
bool output_close(struct output_file *file, struct renamer *renamer, bool whole);

#endif
