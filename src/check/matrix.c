/* matrix.c - puts the examples of the registry to the servers.
 */
#include "check/matrix.h"

#include "check/conversation.h"

struct player {
    const struct rule *rule;
    bool found;
    bool derailed[SERVERS_MAX]; /* does not have what the example uses before the fault */
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
        if (verdict->legal && exchange->command != COMMAND_CONNECT && exchange->reply_count > 0 &&
            verdict->servers[i].code >= 400 && exchange->replies[0].code < 400)
            player->derailed[i] = true;
}

static void on_finding(void *context, struct finding *finding)
{
    struct player *player = context;
    if (finding->rule == player->rule && !player->found) {
        player->found = true;
        for (size_t i = 0; i < finding->server_count; i++)
            player->cells[i] = player->derailed[i] ? (struct prediction){0} : finding->servers[i];
    }
    finding_free(finding);
}

/* Plays the lines of a text, numbered on from `number`. */
static bool play_lines(struct conversations *conversations, struct slice text, uint64_t *number)
{
    while (text.size > 0) {
        size_t size = slice_find(text, '\n');
        struct slice raw = slice_head(text, size);
        text = slice_after(text, size + 1);
        struct line line = {
            .side = slice_starts(raw, SLICE("C:")) ? SIDE_CLIENT : SIDE_SERVER,
            .payload = slice_after(raw, 3),
            .raw = raw,
            .number = ++*number,
            .column = 4,
        };
        if (!conversations_line(conversations, &line))
            return false;
    }
    return true;
}

/* Where the reply to the first EHLO ends: the place for a STARTTLS. The size of the text where there
 * is none. */
static size_t after_hello(struct slice text)
{
    size_t at = 0;
    bool greeted = false;
    while (at < text.size) {
        struct slice line = slice_after(text, at);
        size_t next = at + slice_find(line, '\n') + 1;
        greeted = greeted || slice_starts(line, SLICE("C: EHLO"));
        if (greeted && slice_starts(line, SLICE("S: 250 ")))
            return next < text.size ? next : text.size;
        at = next;
    }
    return text.size;
}

/* Plays a rule's example, in the clear or with TLS from the first EHLO on. MATRIX_ROW: it was judged as
 * the rule says. */
static enum matrix_answer play_example(const struct rule *rule, const struct server_set *servers,
                                       bool with_tls, struct prediction cells[SERVERS_MAX])
{
    static const char tls[] = "C: STARTTLS\nS: 220 go\nC: EHLO client.example.com\n"
                              "S: 250-mx.example.com\nS: 250-AUTH PLAIN EXTERNAL\n"
                              "S: 250 CHUNKING\n";
    struct player player = {.rule = rule, .cells = cells, .count = servers->count};
    struct secrets secrets = {
        0}; /* nothing of it is shown, but what looks for secrets needs a place */
    struct conversations conversations = {
        .secrets = &secrets,
        .sink = {.context = &player,
                 .begin = on_begin,
                 .exchange = on_exchange,
                 .finding = on_finding},
        .servers = servers,
    };
    struct slice example = slice_of(rule->before);
    size_t hello = with_tls ? after_hello(example) : example.size;
    uint64_t number = 0;
    if (with_tls && hello == example.size)
        return MATRIX_NOTHING;
    bool done = play_lines(&conversations, slice_head(example, hello), &number) &&
                (!with_tls || (play_lines(&conversations, SLICE(tls), &number) &&
                               play_lines(&conversations, slice_after(example, hello), &number)));
    done = conversations_finish(&conversations) && done && !secrets.no_memory;
    conversations_free(&conversations);
    secrets_free(&secrets);
    return !done ? MATRIX_NO_MEMORY : player.found ? MATRIX_ROW : MATRIX_NOTHING;
}

/* A server that wants TLS first, or did not come as far as the fault. */
static bool wants_tls(const struct prediction *cell)
{
    return cell->code <= 0 || cell->code == 523 || cell->code == 538;
}

enum matrix_answer matrix_row(const struct rule *rule, const struct server_set *servers,
                              struct prediction cells[SERVERS_MAX])
{
    /* Rules about the greeting and the end of a session are not a matter of servers. */
    const uint32_t outside = UINT32_C(1) << STATE_CONNECT | UINT32_C(1) << STATE_REJECTED |
                             UINT32_C(1) << STATE_QUIT | UINT32_C(1) << STATE_SHUT;
    if (rule->commands == 0 || (rule->states & outside))
        return MATRIX_NOTHING;
    enum matrix_answer played = play_example(rule, servers, false, cells);
    if (played != MATRIX_ROW)
        return played;
    struct prediction inside[SERVERS_MAX];
    played = play_example(rule, servers, true, inside);
    if (played == MATRIX_NO_MEMORY)
        return MATRIX_NO_MEMORY;
    if (played == MATRIX_ROW)
        for (size_t i = 0; i < servers->count; i++)
            if (wants_tls(&cells[i]) && inside[i].code > 0)
                cells[i] = inside[i];
    bool answered = false;
    for (size_t i = 0; i < servers->count; i++)
        answered = answered || cells[i].code > 0;
    return answered ? MATRIX_ROW : MATRIX_NOTHING;
}
