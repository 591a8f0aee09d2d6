/* baseline.h - the findings of an old log that are known, kept in a file: only what is new is reported.
 *
 * A finding is known again by its file, rule, command and state, and by the shape of its session up to
 * it (finding.shape); never by its line. How many are alike is counted. The file is JSON, one entry a
 * line, sorted, so that its changes read well.
 */
#ifndef SMTPSEQ_BASELINE_H
#define SMTPSEQ_BASELINE_H

#include <stdio.h>

#include "rules/finding.h"

#define BASELINE_VERSION     1
/* The largest file. */
#define BASELINE_SIZE_MAX    ((size_t)64 << 20)
/* Of the verb of a command so many octets are kept. */
#define BASELINE_COMMAND_MAX 32

struct baseline_entry {
    char *file; /* relative to the folder of the baseline; valid UTF-8; owned */
    enum rule_id rule;
    char command[BASELINE_COMMAND_MAX + 1]; /* printable; empty: none */
    char state[16];                         /* empty: none */
    uint64_t shape;
    uint64_t count;
    unsigned line; /* of the file it was read from */
};

struct baseline {
    struct baseline_entry *entries;
    size_t count, capacity;
};

void baseline_free(struct baseline *baseline);

/* Adds a finding of that file. Not in order: baseline_sort. False when out of memory. */
bool baseline_add(struct baseline *baseline, const char *file, const struct finding *finding);

/* Adds all of `more`, whose entries become the baseline's. False when out of memory. */
bool baseline_merge(struct baseline *baseline, struct baseline *more);

/* Adds the first `count` entries of an older baseline to a sorted one: where it has the same entry, the
 * larger count is right. False when out of memory. */
bool baseline_raise(struct baseline *baseline, struct baseline *older, size_t count);

/* Puts the entries in order and adds up those that are alike. */
void baseline_sort(struct baseline *baseline);

/* Writes a sorted baseline. Errors are the stream's. False when out of memory. */
bool baseline_write(const struct baseline *baseline, FILE *out);

/* Returns true if a file's content looks like a baseline, of any version, whole or damaged. */
bool baseline_looks_like(struct slice content);

/* Reads a file's content. False with a message in `error` and its line in *line (0: none). */
bool baseline_read(struct baseline *baseline, struct slice content, unsigned *line, char *error,
                   size_t error_size);

/* The entries of a file in a sorted baseline: the index of the first, and how many. */
size_t baseline_file(const struct baseline *baseline, const char *file, size_t *first);

/* Which of the entries from `first` on is the finding's; SIZE_MAX: none. */
size_t baseline_find(const struct baseline *baseline, size_t first, size_t count,
                     const struct finding *finding);

/* A path as it stands in a baseline, owned by the caller; NULL when out of memory. */
char *baseline_path(const char *path);

#endif
