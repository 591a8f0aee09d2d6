/* named_servers.c - the servers that reports name.
 */
#include "merge/named_servers.h"

#include <stdio.h>
#include <stdlib.h>

struct server_table *named_server(struct named_servers *servers, const char *name, bool documented)
{
    size_t index = 0;
    while (index < servers->count && (servers->list[index]->documented != documented ||
                                      strcmp(servers->list[index]->name, name) != 0))
        index++;
    if (index < servers->count)
        return servers->list[index];
    struct server_table *table = index < SERVERS_MAX ? calloc(1, sizeof *table) : NULL;
    if (!table)
        return NULL;
    snprintf(table->name, sizeof table->name, "%s", name);
    table->documented = documented;
    return servers->list[servers->count++] = table;
}

/* Keeps a copy of what is known of a server; what was said first stands. False when out of memory. */
static bool describe(struct server_table *table, struct slice version, struct slice settings)
{
    if (table->source)
        return true;
    table->source = malloc(version.size + settings.size + 1);
    if (!table->source)
        return false;
    if (version.size > 0)
        memcpy(table->source, version.data, version.size);
    if (settings.size > 0)
        memcpy(table->source + version.size, settings.data, settings.size);
    table->version = (struct slice){table->source, version.size};
    table->settings = (struct slice){table->source + version.size, settings.size};
    return true;
}

void named_servers_read(struct named_servers *servers, struct object *summary)
{
    const json_t *list = object_array(summary, "servers");
    for (size_t i = 0; i < json_array_size(list) && !summary->wrong; i++) {
        struct object server = {.json = json_array_get(list, i)};
        if (!json_is_object(server.json)) {
            summary->wrong = "servers";
            return;
        }
        const char *name = object_string(&server, "name");
        bool documented = object_flag(&server, "documented");
        struct slice version = object_text(&server, "version");
        struct slice settings = object_text(&server, "settings");
        bool fits = !server.wrong && name[0] && strlen(name) < SERVER_NAME_MAX;
        struct server_table *table = fits ? named_server(servers, name, documented) : NULL;
        if (!table || !describe(table, version, settings))
            summary->wrong = "servers";
    }
}

bool named_servers_add(struct named_servers *servers, const struct named_servers *more)
{
    for (size_t i = 0; i < more->count; i++) {
        const struct server_table *from = more->list[i];
        struct server_table *table = named_server(servers, from->name, from->documented);
        if (!table || !describe(table, from->version, from->settings))
            return false;
    }
    return true;
}

struct server_set named_servers_set(const struct named_servers *servers)
{
    struct server_set set = {.count = servers->count};
    for (size_t i = 0; i < servers->count; i++)
        set.tables[i] = servers->list[i];
    return set;
}

void named_servers_free(struct named_servers *servers)
{
    for (size_t i = 0; i < servers->count; i++)
        server_table_free(servers->list[i]);
    *servers = (struct named_servers){0};
}
