/* recording.h - one recording of a file is read, checked and reported.
 */
#ifndef SMTPSEQ_CLI_RECORDING_H
#define SMTPSEQ_CLI_RECORDING_H

#include "cli/follow.h"
#include "cli/result.h"

/* A recording and where it is. All of it stays the caller's. */
struct recording {
    const char *path;      /* as it is shown */
    const char *member;    /* its name in the archive that the input is; empty: the input itself */
    struct source *source; /* NULL: it is in two files */
    int client, server;    /* the descriptors of these */
    const char *server_path; /* the file of the server's lines, where they have one of their own */
    struct follow *follow;   /* it is being written, or comes through a pipe; or NULL */
    bool may_be_none;        /* nothing is said of it when it has no session */
};

/* Checks a recording of the input; what comes of it is added to the result and to its reports. */
void recording_check(struct result *result, const struct input *input, const struct setup *setup,
                     const struct recording *recording);

/* Returns the path of an archive's member as it is shown: archive.zip!session.txt. To be freed by the
 * caller; NULL when out of memory. */
char *member_path(const char *path, const char *name);

#endif
