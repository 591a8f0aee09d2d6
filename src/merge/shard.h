/* shard.h - a report of check --format=ndjson: read once to see that it is whole, and where in it each
 * recording is; then again, recording by recording.
 *
 * It may hold the output of several runs, one after the other. A report is taken as a whole or not at
 * all.
 */
#ifndef SMTPSEQ_MERGE_SHARD_H
#define SMTPSEQ_MERGE_SHARD_H

#include <stdio.h>

#include "merge/finding_object.h"
#include "merge/named_servers.h"

/* The longest line: dialogue_lines.c ends its lines at 1 MiB. */
#define SHARD_LINE_MAX ((size_t)16 << 20)

/* Octets of a message. */
#define SHARD_TROUBLE 300

enum line_type {
    TYPE_OTHER, /* statistics, and what a later version may add */
    TYPE_FINDING,
    TYPE_DIALOGUE,
    TYPE_SESSION,
    TYPE_TROUBLE,
    TYPE_FILE,
    TYPE_SUMMARY
};

struct shard {
    FILE *stream; /* can be read again; borrowed */
    char *line;   /* the line that was read last, NUL-terminated; owned */
    size_t size, capacity;
    uint64_t at;                 /* the octet where the next line begins */
    uint64_t number;             /* of the line */
    char trouble[SHARD_TROUBLE]; /* why it cannot be merged; empty: it can */
};

/* The part of a report that is about one recording, or a file that could not be read. */
struct part {
    struct shard *shard;
    uint64_t begin, end;             /* octets */
    uint64_t file_at;                /* the line about the file; UINT64_MAX: there is none */
    char *name;                      /* of the recording; owned */
    size_t group;                    /* parts of one input have the same, and so have they: */
    const char *group_name;          /* of its first part */
    uint64_t group_begin, group_end; /* octets */
};

/* What is counted at the end of the runs. */
struct shard_sums {
    uint64_t files, sessions, exchanges, allowed, known;
    bool unread;
};

struct parts {
    struct part *list;
    size_t count, capacity;
    size_t groups;
};

/* Reads a report from its beginning and adds its parts, the servers of its runs and its sums. Returns
 * false with shard->trouble; nothing is added then. */
bool shard_read(struct shard *shard, struct helps *helps, struct parts *parts,
                struct named_servers *servers, struct shard_sums *sums);

/* Reads the next line. Returns its object, a new reference; NULL at the end, or with
 * shard->trouble. */
json_t *shard_next(struct shard *shard);

/* Goes to a line. Returns false with shard->trouble. */
bool shard_seek(struct shard *shard, uint64_t at);

enum line_type line_type(const json_t *object);

/* The highest number of a session that so many octets of a report may tell of. A number in a report must
 * not decide how much memory is taken. */
static inline uint64_t session_max(uint64_t octets)
{
    return octets / 8 + 1000000;
}

/* Puts the parts into the order of a run over all files: by the names of the inputs. */
void parts_sort(struct parts *parts);
void parts_free(struct parts *parts);
void shard_free(struct shard *shard);

#endif
