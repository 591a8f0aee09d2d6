/* result.h - one file is read: what came of it and of the recordings in it.
 */
#ifndef SMTPSEQ_RESULT_H
#define SMTPSEQ_RESULT_H

#include "cli/inputs.h"
#include "cli/options.h"
#include "smtpseq.h"

/* What came of one recording. */
struct reading {
    char *path; /* as it is shown */
    enum smtpseq_status status;
    int error; /* errno of a read error */
    struct smtpseq_recording recording;
    char *remarks; /* lines of their own, or NULL */
};

/* What came of one file. With several workers its reports wait in memory for their turn. */
struct result {
    bool done;
    bool no_memory;
    struct reading *readings; /* of an archive: of the members that have sessions or trouble */
    size_t count, capacity;
    uint64_t passed_over; /* members without a session */
    uint64_t findings[SEVERITY_COUNT];
    char *text[OUTPUTS_MOST];
    size_t text_size[OUTPUTS_MOST];
};

/* Reads a file; the reports go to the streams, one for each output of the options. */
void result_read(struct result *result, const struct input *input, const struct options *options,
                 FILE *const streams[]);
void result_free(struct result *result);

/* Prints what there is to say of a recording beside its findings, to standard error. Gives false when
 * the job was not done. */
bool reading_remark(const struct result *result, const struct reading *reading,
                    const struct options *options);

/* The letter behind a word that is counted. */
static inline const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

/* "smtpseq: PATH: WHAT" to standard error. */
void complain(const char *path, const char *what);

#endif
