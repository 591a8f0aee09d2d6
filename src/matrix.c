/* matrix.c - puts the examples of the registry to the servers.
 */
#include "matrix.h"

#include "conversation.h"

struct player {
    const struct rule *rule;
    bool found;
    bool derailed[SERVERS_MOST]; /* does not have what the example uses before the fault */
    struct prediction *cells;
    size_t count;
};

static uint64_t on_begin(void *context)
{
    (void)context;
    return 1;
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct player *player = context;
    (void)session;
    for (size_t i = 0; i < player->count && !player->found; i++)
        if (verdict->legal && exchange->command != COMMAND_CONNECT &&
            verdict->servers[i].code >= 400 && exchange->replies[0].code < 400)
            player->derailed[i] = true;
}

static void on_finding(void *context, struct finding *finding)
{
    struct player *player = context;
    if (finding->rule == player->rule && !player->found) {
        player->found = true;
        for (size_t i = 0; i < player->count; i++)
            player->cells[i] =
                player->derailed[i] ? (struct prediction){0} : finding->servers[i];
    }
    finding_free(finding);
}

bool matrix_row(const struct rule *rule, const struct server_set *servers,
                struct prediction cells[SERVERS_MOST])
{
    struct player player = {.rule = rule, .cells = cells, .count = servers->count};
    struct conversations conversations = {
        .sink = {&player, on_begin, on_exchange, on_finding},
        .servers = servers,
    };
    struct slice rest = slice_of(rule->before);
    /* Rules about the greeting and the end of a session are not a matter of servers. */
    const uint32_t outside = UINT32_C(1) << STATE_CONNECT | UINT32_C(1) << STATE_REJECTED |
                             UINT32_C(1) << STATE_QUIT | UINT32_C(1) << STATE_SHUT;
    bool done = rule->commands != 0 && !(rule->states & outside);
    for (uint64_t number = 1; done && rest.size > 0; number++) {
        size_t size = slice_find(rest, '\n');
        struct slice raw = slice_head(rest, size);
        rest = slice_after(rest, size + 1);
        struct line line = {
            .side = slice_starts(raw, SLICE("C:")) ? SIDE_CLIENT : SIDE_SERVER,
            .payload = slice_after(raw, 3),
            .raw = raw,
            .number = number,
            .column = 4,
        };
        done = conversations_line(&conversations, &line);
    }
    done = conversations_finish(&conversations) && done;
    conversations_free(&conversations);
    return done && player.found;
}
