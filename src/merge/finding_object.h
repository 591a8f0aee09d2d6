/* finding_object.h - a finding of a report (report/objects.c) as a struct finding again. */
#ifndef SMTPSEQ_MERGE_FINDING_OBJECT_H
#define SMTPSEQ_MERGE_FINDING_OBJECT_H

#include "merge/object.h"
#include "rules/finding.h"

/* Different texts of advice that are kept: those of the rules are far fewer. */
#define HELPS_MAX 256

/* Advice that is not the rule's own, kept for as long as findings are. All zero at first. */
struct helps {
    char *list[HELPS_MAX];
    size_t count;
};
void helps_free(struct helps *helps);

/* A finding and what it owns elsewhere. */
struct read_finding {
    struct finding finding; /* its slices are the object's */
    struct prediction servers[SERVERS_MAX];
    uint64_t followers[FOLLOWERS_NAMED];
};

/* Reads a finding. `servers`: those of its recording; `session_max`: the highest number of a session.
 * Sets object->wrong where something is wrong. */
void finding_read(struct object *object, const struct server_set *servers, uint64_t session_max,
                  struct helps *helps, struct read_finding *read);

/* Reads what the log calls a session. */
void read_label(struct object *object, struct session_label *label);

/* The severity of a key; the command of a name. */
enum severity read_severity(struct object *object, const char *key);
enum command read_command(struct object *object, const char *name);

#endif
