/* conversation.c - keeps the conversations of a recording apart.
 */
#include "check/conversation.h"

#include <stdlib.h>

static const struct server_set no_servers;

/* What a line counts beside its octets. */
#define LINE_COUNTS  64
/* After so many octets of lines the memory of all conversations is added up. */
#define ADD_UP_EVERY ((size_t)1 << 20)

static void on_begin(void *context, uint64_t line, bool from_start)
{
    struct conversation *conversation = context;
    conversation->session_number = conversation->sink->begin(conversation->sink->context);
    conversation->open = true;
    conversation->first_line = line;
    for (size_t i = 0; i < conversation->servers->count; i++)
        server_start(&conversation->replays[i], conversation->servers->tables[i]);
    if (!session_start(&conversation->session, from_start) ||
        !judge_begin(conversation->judge, conversation->session_number))
        conversation->no_memory = true;
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    struct conversation *conversation = context;
    if (conversation->no_memory)
        return;
    struct verdict verdict;
    session_play(&conversation->session, exchange, &verdict);
    if (conversation->session.no_memory) {
        conversation->no_memory = true;
        return;
    }
    for (size_t i = 0; i < conversation->servers->count; i++)
        conversation->predictions[i] = server_predict(&conversation->replays[i], exchange, &verdict,
                                                      conversation->session.from_middle);
    verdict.servers = conversation->predictions;
    if (!judge_exchange(conversation->judge, &conversation->session, exchange, &verdict))
        conversation->no_memory = true;
    conversation->sink->exchange(conversation->sink->context, conversation->session_number,
                                 exchange, &verdict);
}

static void on_stray(void *context, const struct stray *stray)
{
    struct conversation *conversation = context;
    if (conversation->no_memory)
        return;
    if (stray->kind == STRAY_CLOSING && conversation->sink->closing)
        conversation->sink->closing(conversation->sink->context,
                                    machine_state(conversation->session.machine),
                                    stray->location.line);
    if (stray->kind == STRAY_CLOSING)
        session_close(&conversation->session, stray->location.line, stray->reply.code);
    if (!judge_stray(conversation->judge, &conversation->session, stray))
        conversation->no_memory = true;
}

static void on_observation(void *context, const struct observation *observation)
{
    struct conversation *conversation = context;
    if (!conversation->no_memory &&
        !judge_observation(conversation->judge, &conversation->session, observation))
        conversation->no_memory = true;
}

static void on_end(void *context, const struct session_end *end)
{
    struct conversation *conversation = context;
    conversation->open = false;
    if (!conversation->no_memory && !judge_end(conversation->judge, &conversation->session, end))
        conversation->no_memory = true;
}

static void conversation_free(struct conversation *conversation)
{
    if (!conversation)
        return;
    dialogue_free(conversation->dialogue);
    session_free(&conversation->session);
    judge_free(conversation->judge);
    free(conversation->replays);
    free(conversation->predictions);
    free(conversation);
}

/* What all conversations share. False when out of memory. */
static bool prepare(struct conversations *all)
{
    if (!all->first)
        all->first = machine_new(false);
    if (!all->options.commands)
        all->options.commands = command_scanner_new();
    if (!all->options.replies)
        all->options.replies = reply_scanner_new();
    return all->first && all->options.commands && all->options.replies;
}

static struct conversation *conversation_new(const struct conversations *all, uint64_t key)
{
    struct conversation *conversation = calloc(1, sizeof *conversation);
    if (!conversation)
        return NULL;
    conversation->key = key;
    conversation->sink = &all->sink;
    struct dialogue_sink lines = {conversation, on_begin, on_exchange,
                                  on_stray,     on_end,   on_observation};
    struct finding_sink findings = {all->sink.context, all->sink.finding};
    conversation->dialogue = dialogue_new(&lines, &all->options);
    const struct server_set *servers = all->servers ? all->servers : &no_servers;
    conversation->servers = servers;
    conversation->judge = judge_new(&findings, servers);
    conversation->replays = calloc(servers->count + 1, sizeof *conversation->replays);
    conversation->predictions = calloc(servers->count + 1, sizeof *conversation->predictions);
    conversation->session.machine = machine_share(all->first);
    if (conversation->dialogue && conversation->judge && conversation->session.machine &&
        conversation->replays && conversation->predictions)
        return conversation;
    conversation_free(conversation);
    return NULL;
}

/* Ends a conversation and adds up what it counted. */
static bool conversation_finish(struct conversations *all, struct conversation *conversation)
{
    bool done = dialogue_finish(conversation->dialogue) && !conversation->no_memory;
    struct dialogue_count counted = dialogue_count(conversation->dialogue);
    all->counted.unplaced += counted.unplaced;
    all->counted.elided += counted.elided;
    conversation_free(conversation);
    return done;
}

/* Where a key stands, or would stand. */
static size_t slot_of(const struct conversations *all, uint64_t key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (all->capacity - 1);
    while (all->table[slot] && all->table[slot]->key != key)
        slot = (slot + 1) & (all->capacity - 1);
    return slot;
}

/* Puts the conversations into a table of that size. */
static bool rehash(struct conversations *all, size_t capacity)
{
    struct conversation **old = all->table;
    size_t old_capacity = all->capacity;
    struct conversation **table = calloc(capacity, sizeof(struct conversation *));
    if (!table)
        return false;
    all->table = table;
    all->capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i])
            table[slot_of(all, old[i]->key)] = old[i];
    free(old);
    return true;
}

static int by_touch(const void *left, const void *right)
{
    const struct conversation *a = *(struct conversation *const *)left;
    const struct conversation *b = *(struct conversation *const *)right;
    return a->touched < b->touched ? -1 : a->touched > b->touched;
}

/* Takes a conversation out of the table; those behind it that stand where they do because of it
 * move up. */
static void take_out(struct conversations *all, const struct conversation *conversation)
{
    size_t mask = all->capacity - 1;
    size_t hole = slot_of(all, conversation->key);
    all->table[hole] = NULL;
    all->count--;
    all->last = NULL;
    for (size_t slot = (hole + 1) & mask; all->table[slot]; slot = (slot + 1) & mask) {
        struct conversation *moved = all->table[slot];
        all->table[slot] = NULL;
        all->table[slot_of(all, moved->key)] = moved;
    }
}

/* Too many keys, or too much memory: ends the quarter of the conversations that has been silent
 * longest. */
static bool end_silent(struct conversations *all)
{
    struct conversation **list = calloc(all->count, sizeof(struct conversation *));
    if (!list)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->table[i])
            list[count++] = all->table[i];
    qsort(list, count, sizeof(struct conversation *), by_touch);
    bool done = true;
    for (size_t i = 0; i < count / 4; i++) {
        take_out(all, list[i]);
        all->given_up += list[i]->open;
        done = dialogue_break_off(list[i]->dialogue) && done;
        done = conversation_finish(all, list[i]) && done;
    }
    free(list);
    return done;
}

static size_t memory_of(const struct conversation *conversation)
{
    return sizeof *conversation + dialogue_memory(conversation->dialogue) +
           judge_memory(conversation->judge) + machine_memory(conversation->session.machine) +
           conversation->session.keyword_capacity +
           conversation->servers->count *
               (sizeof *conversation->replays + sizeof *conversation->predictions);
}

/* Keeps the memory of all conversations within its bound. False when out of memory. */
static bool keep_within_bound(struct conversations *all)
{
    size_t sum = 0;
    all->taken = 0;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->table[i])
            sum += memory_of(all->table[i]);
    return sum <= CONVERSATIONS_MEMORY || end_silent(all);
}

static struct conversation *find(struct conversations *all, uint64_t key)
{
    if (all->last && all->last->key == key)
        return all->last;
    if (!prepare(all))
        return NULL;
    if (all->count >= CONVERSATIONS_MAX && !end_silent(all))
        return NULL;
    if (all->count * 2 >= all->capacity && !rehash(all, all->capacity ? all->capacity * 2 : 16))
        return NULL;
    size_t slot = slot_of(all, key);
    if (!all->table[slot]) {
        all->table[slot] = conversation_new(all, key);
        all->count += all->table[slot] != NULL;
    }
    return all->last = all->table[slot];
}

bool conversations_line(struct conversations *all, const struct line *line)
{
    all->taken += line->raw.size + LINE_COUNTS;
    if (all->taken > ADD_UP_EVERY && !keep_within_bound(all))
        return false;
    struct conversation *conversation = find(all, line->session);
    if (!conversation)
        return false;
    conversation->touched = line->number;
    if (line->side == SIDE_NOTE && line->note == NOTE_END) {
        take_out(all, conversation);
        return conversation_finish(all, conversation);
    }
    return dialogue_line(conversation->dialogue, line) && !conversation->no_memory;
}

bool conversations_pair(struct conversations *all, const struct line *command,
                        const struct line *reply, bool *taken)
{
    struct conversation *conversation = all->last;
    *taken = false;
    if (!conversation || conversation->key != command->session ||
        command->session != reply->session || all->taken > ADD_UP_EVERY)
        return true;
    if (!dialogue_pair(conversation->dialogue, command, reply, taken))
        return false;
    if (*taken) {
        all->taken += command->raw.size + reply->raw.size + 2 * LINE_COUNTS;
        conversation->touched = reply->number;
    }
    return !conversation->no_memory;
}

bool conversations_in_text(const struct conversations *all)
{
    return all->count == 1 && all->last && dialogue_in_text(all->last->dialogue);
}

bool conversations_finish(struct conversations *all)
{
    bool done = true;
    /* In the order in which they came last, so that the same input gives the same output. */
    struct conversation **list = calloc(all->count + 1, sizeof(struct conversation *));
    size_t count = 0;
    if (!list)
        return false;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->table[i])
            list[count++] = all->table[i];
    qsort(list, count, sizeof(struct conversation *), by_touch);
    for (size_t i = 0; i < count; i++) {
        take_out(all, list[i]); /* the others are still asked for the oldest line */
        done = conversation_finish(all, list[i]) && done;
    }
    free(list);
    return done;
}

uint64_t conversations_oldest(const struct conversations *all)
{
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < all->capacity; i++)
        if (all->table[i] && all->table[i]->open) {
            uint64_t first = all->table[i]->first_line;
            uint64_t settled = judge_settled(all->table[i]->judge);
            uint64_t line = settled > first ? settled : first;
            if (line < oldest)
                oldest = line;
        }
    return oldest;
}

void conversations_free(struct conversations *all)
{
    for (size_t i = 0; i < all->capacity; i++)
        conversation_free(all->table[i]);
    free(all->table);
    machine_free(all->first);
    command_scanner_free(all->options.commands);
    reply_scanner_free(all->options.replies);
    *all = (struct conversations){0};
}
