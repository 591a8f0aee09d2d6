/* named_servers.h - the servers that reports name, as tables without answers.
 */
#ifndef SMTPSEQ_MERGE_NAMED_SERVERS_H
#define SMTPSEQ_MERGE_NAMED_SERVERS_H

#include "merge/object.h"
#include "session/server.h"

/* All zero at first. */
struct named_servers {
    struct server_table *list[SERVERS_MAX];
    size_t count;
};

/* Returns the table of a name, which is shorter than SERVER_NAME_MAX; NULL: there are too many, or out of
 * memory. */
struct server_table *named_server(struct named_servers *servers, const char *name, bool documented);

/* Reads how the servers of a run were measured, from its summary. What is wrong is object->wrong. */
void named_servers_read(struct named_servers *servers, struct object *summary);

/* Adds those that are not among them. False: there are too many, or out of memory. */
bool named_servers_add(struct named_servers *servers, const struct named_servers *more);

/* Returns all of them as the servers of a run. */
struct server_set named_servers_set(const struct named_servers *servers);

void named_servers_free(struct named_servers *servers);

#endif
