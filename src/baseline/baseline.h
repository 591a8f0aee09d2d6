/* baseline.h - a file of the findings that are known already: only new ones are reported.
 *
 * A finding is recognised by its file, rule, command and state, and by the shape of its session so
 * far (finding.shape); never by its line. Equal ones are counted. The file is JSON, one entry a
 * line, sorted, so that its diffs are readable.
 */
#ifndef SMTPSEQ_BASELINE_H
#define SMTPSEQ_BASELINE_H

#include <stdio.h>

#include "rules/finding.h"

#define BASELINE_VERSION     1
/* The largest file. */
#define BASELINE_SIZE_MAX    ((size_t)64 << 20)
/* Octets of a verb that are stored. */
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

/* Adds a finding of that file; call baseline_sort afterwards. Returns false when out of memory. */
bool baseline_add(struct baseline *baseline, const char *file, const struct finding *finding);

/* Moves all entries of `more` into the baseline. Returns false when out of memory. */
bool baseline_merge(struct baseline *baseline, struct baseline *more);

/* Adds the first `count` entries of an older baseline to a sorted one: where it has the same entry, the
 * larger count is right. Returns false when out of memory. */
bool baseline_raise(struct baseline *baseline, struct baseline *older, size_t count);

/* Sorts the entries and merges equal ones. */
void baseline_sort(struct baseline *baseline);

/* Writes a sorted baseline. Write errors are in the stream. Returns false when out of memory. */
bool baseline_write(const struct baseline *baseline, FILE *out);

/* Returns true if a file's content looks like a baseline, of any version, whole or damaged. */
bool baseline_looks_like(struct slice content);

/* Reads the content of a file. On error returns false, with a message in `error` and its line in
 * *line (0: none). */
bool baseline_read(struct baseline *baseline, struct slice content, unsigned *line, char *error,
                   size_t error_size);

/* Returns how many entries a file has in a sorted baseline, and sets *first to the index of the
 * first. */
size_t baseline_file(const struct baseline *baseline, const char *file, size_t *first);

/* Returns the index of the entry that matches the finding, of `count` from `first` on; SIZE_MAX
 * if none does. */
size_t baseline_find(const struct baseline *baseline, size_t first, size_t count,
                     const struct finding *finding);

/* Returns a path as it is stored in a baseline, owned by the caller; NULL when out of memory. */
char *baseline_path(const char *path);

#endif
