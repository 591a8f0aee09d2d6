/* follow.h - reads a log that is being written, until a signal ends that; or a pipe that may fall silent.
 *
 * A file may be renamed and a new one take its name, or be cut to nothing, as log rotation does: its lines go on,
 * and so do their numbers. A pipe is read until it ends.
 */
#ifndef SMTPSEQ_CLI_FOLLOW_H
#define SMTPSEQ_CLI_FOLLOW_H

#include "cli/inputs.h"
#include "transcript/source/source.h"

struct follow {
    int descriptor; /* what is read */
    int folder;     /* of the file; -1: it is no file that could be rotated */
    char *name;     /* in the folder; owned */
    uint64_t position;
    char last;       /* octet that was read; 0: none */
    bool ends;       /* follow_pipe */
    bool silent;     /* follow_pipe: nothing has come for a while */
    bool rotated;    /* there is another file of that name */
    bool told;       /* nothing has come since `idle` was called last */
    int64_t told_at; /* milliseconds */
    /* Called when nothing is there to be read, and of a log now and then where there always is something. */
    void (*idle)(void *context);
    void *context;
};

/* Opens an input. Returns false with errno. */
bool follow_open(struct follow *follow, const struct input *input);
void follow_close(struct follow *follow);

/* The same of a pipe that is read as a whole, also as an archive: `idle` is called where it falls silent after a
 * line. The descriptor stays the caller's. Returns false if it is a file. */
bool follow_pipe(struct follow *follow, int descriptor);

/* Where the octets come from. */
struct origin follow_origin(struct follow *follow);

/* From here on SIGINT and SIGTERM end the log, once. */
void follow_catch_signals(void);

/* Returns the folder whose files must be readable, in place of the input. To be freed by the caller; NULL when out
 * of memory. */
char *follow_folder(const char *path);

#endif
