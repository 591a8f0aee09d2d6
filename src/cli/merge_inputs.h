/* merge_inputs.h - the reports that merge reads.
 */
#ifndef SMTPSEQ_CLI_MERGE_INPUTS_H
#define SMTPSEQ_CLI_MERGE_INPUTS_H

#include <stdio.h>

#include "cli/options.h"

/* One of them. */
struct merge_input {
    char *path;       /* owned */
    FILE *stream;     /* can be read again */
    bool is_coverage; /* of smtpseq coverage, as far as its beginning shows */
};

struct merge_inputs {
    struct merge_input *list; /* by path */
    size_t count;
    bool failed; /* one could not be opened: a message is on standard error */
};

/* Opens the operands (none: standard input), folders file by file. Returns false when nothing may be
 * written: a message is on standard error. */
bool merge_inputs_open(struct merge_inputs *inputs, const struct options *options,
                       char *const operands[], size_t count);
void merge_inputs_close(struct merge_inputs *inputs);

#endif
