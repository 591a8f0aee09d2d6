/* play.h - what check called back with when a report was written, once more.
 */
#ifndef SMTPSEQ_MERGE_PLAY_H
#define SMTPSEQ_MERGE_PLAY_H

#include "merge/dialogue_line.h"
#include "merge/shard.h"
#include "smtpseq.h"

/* A recording that a report tells of. */
struct told_recording {
    const char *path;
    size_t number; /* in its input */
    struct smtpseq_recording recording;
    struct server_set servers;
    int fail_on; /* as in struct report_options */
};

/* The callbacks. `begin` and `file` come for every recording but those that could not be read at
 * all. */
struct play_sink {
    void *context;
    void (*begin)(void *context, const struct told_recording *told);
    void (*exchange)(void *context, const struct told_exchange *told);
    void (*finding)(void *context, const char *path, const struct finding *finding);
    void (*session)(void *context, uint64_t number, const struct session_outcome *outcome);
    void (*file)(void *context);
    void (*trouble)(void *context, const char *path, const char *text);
};

/* Reads a part again. Returns false with shard->trouble. */
bool part_play(const struct part *part, struct helps *helps, struct named_servers *servers,
               const struct play_sink *sink);

#endif
