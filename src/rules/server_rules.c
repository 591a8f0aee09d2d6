/* server_rules.c - what the RFCs allow and a named server refuses all the same.
 */
#include "rules/case.h"

#include <stdio.h>

/* The names of the servers that refuse the command for its order, joined by commas. */
static size_t refusing_servers(const struct judgement *judgement, char *names, size_t size,
                               uint64_t *set)
{
    const struct server_set *servers = judgement->judge->servers;
    const struct prediction *predictions = judgement->verdict->servers;
    size_t count = 0, used = 0;
    *set = 0;
    for (size_t i = 0; i < servers->count; i++) {
        if (!predictions[i].for_order)
            continue;
        *set |= UINT64_C(1) << i;
        int written = snprintf(names + used, size - used, "%s%s (%d%s)", count > 0 ? ", " : "",
                               servers->tables[i]->name, predictions[i].code,
                               servers->tables[i]->documented ? ", documented" : "");
        if (written > 0 && (size_t)written < size - used)
            used += (size_t)written;
        count++;
    }
    return count;
}

void check_refused_by_server(struct judgement *judgement)
{
    enum command command = judgement->exchange->command;
    char names[256] = "";
    uint64_t set;
    if (refusing_servers(judgement, names, sizeof names, &set) == 0)
        return;
    /* The same servers refusing the same command again is nothing new. */
    judgement->cause = (struct cause){.number = SIZE_MAX - 1 - (size_t)command, .detail = set};
    report(judgement, "%s is in order here, but %s would refuse it", command_verb(command), names);
}
