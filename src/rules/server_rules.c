/* server_rules.c - what the RFCs allow and a named server refuses all the same.
 */
#include "rules/case.h"

#include <stdio.h>

/* The names of the servers that refuse the command for its order, joined by commas. */
static size_t refusing_servers(const struct judgement *judgement, char *names, size_t size,
                               unsigned *set)
{
    const struct server_set *servers = judgement->judge->servers;
    const struct prediction *predictions = judgement->verdict->servers;
    size_t count = 0, used = 0;
    *set = 0;
    for (size_t i = 0; i < servers->count; i++) {
        if (!predictions[i].for_order)
            continue;
        *set |= 1u << i;
        int written = snprintf(names + used, size - used, "%s%s (%d)", count > 0 ? ", " : "",
                               servers->tables[i]->name, predictions[i].code);
        if (written > 0 && (size_t)written < size - used)
            used += (size_t)written;
        count++;
    }
    return count;
}

void server_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    char names[256] = "";
    unsigned set;
    if (!judgement->verdict->servers || !judgement->verdict->legal || judgement->client_at_fault ||
        exchange->command == COMMAND_CONNECT || exchange->command == COMMAND_UNKNOWN)
        return;
    if (refusing_servers(judgement, names, sizeof names, &set) == 0)
        return;
    /* The same servers refusing the same command again say nothing new. */
    struct cause cause = {.number = SIZE_MAX - 1 - (size_t)exchange->command, .detail = set};
    struct finding *finding = fold_or_make(judgement, RULE_refused_by_server, &cause);
    say(finding, "%s is in order here, but %s would refuse it", command_verb(exchange->command),
        names);
}
