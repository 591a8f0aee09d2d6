/* suppress.h - findings that are not reported: allowed with a reason, or in the baseline.
 */
#ifndef SMTPSEQ_SUPPRESS_H
#define SMTPSEQ_SUPPRESS_H

#include <pthread.h>

#include "baseline/baseline.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "config/allow_comment.h"

/* How an entry of the baseline was used in this run. */
struct baseline_use {
    bool reached; /* its file was read, and its rule was on */
    uint64_t found;
};

/* The baselines of a run, shared by the workers. */
struct known {
    const struct options *options;
    struct baseline read;      /* --baseline */
    struct baseline_use *uses; /* of its entries */
    char *read_folder, *write_folder;
    struct baseline written; /* --write-baseline */
    struct baseline old;     /* what its file held before */
    bool *stays;             /* its entries that stay, since not all of their file could be read */
    struct output_file file; /* that of --write-baseline */
    bool opened;
    pthread_mutex_t lock;
};

/* Reads the baseline, and the one that --write-baseline will replace, if there are any. A file that is
 * no baseline is not replaced. False: a message is on standard error. */
bool known_open(struct known *known, const struct options *options);
void known_close(struct known *known);

/* Returns true if a baseline is read or written. */
bool known_wanted(const struct options *options);

/* Says what is in the baseline and no longer found. */
void known_remark(const struct known *known);

/* Opens the file for --write-baseline, if it is there. Returns false after a message on standard error. */
bool known_create(struct known *known, struct renamer *renamer);

/* Not all of an input could be read: what the old baseline has of it stays. False when out of memory. */
bool known_keep(struct known *known, const struct input *input);

/* Writes --write-baseline, if it is open. `whole`: every input could be found and read at least in part;
 * else the old file stays, and a message says so. False: a message is on standard error. */
bool known_write(struct known *known, struct renamer *renamer, bool whole);

/* One recording. */
struct suppress {
    const struct settings *settings;
    struct known *known;
    bool *reached; /* the entries of [allow] whose pattern matches it */
    struct allow_comments comments;
    char *read_as, *write_as; /* its name in both baselines */
    size_t first, count;      /* its entries in the one that is read */
    uint64_t *found;          /* of each of these */
    struct baseline written;
};

/* Begins a recording: in the input, the member of that name (empty: the input itself). `recorded`: what
 * it is to the patterns of the settings. What is passed in must outlive it. False when out of memory;
 * suppress_free all the same. */
bool suppress_begin(struct suppress *suppress, const struct settings *settings,
                    const struct recorded *recorded, const struct input *input, const char *member,
                    struct known *known);
void suppress_free(struct suppress *suppress);

/* Gives the recording another name in both baselines, before its first finding: `rename` returns it,
 * owned by the caller, or NULL when out of memory. Returns false when out of memory. */
bool suppress_rename(struct suppress *suppress, char *(*rename)(void *context, const char *name),
                     void *context);

enum suppressed { SUPPRESSED_NOT, SUPPRESSED_ALLOWED, SUPPRESSED_KNOWN, SUPPRESSED_NO_MEMORY };

/* Says if the finding must be reported. *reason: if the file of settings allows it, its
 * entry.
 */
enum suppressed suppress_finding(struct suppress *suppress, const struct finding *finding,
                                 const struct config_allow **reason);

/* The recording has been read; `whole`: to its end, so that what was not used can be known. False when
 * out of memory. */
bool suppress_end(struct suppress *suppress, bool whole);

/* The path of a recording as it is in a baseline in that folder, owned by the caller; NULL when out of
 * memory. */
char *baseline_name(const char *folder, const struct input *input, const char *member);

/* Says which entries of [allow] allowed nothing. */
void allow_remark(const struct settings_files *files);

#endif
