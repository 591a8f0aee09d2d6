/* lookahead.c - two blocks of exchanges, the older one given on when both are full.
 */
#include "check/lookahead.h"

#include "smtp/session_label.h"

#include <stdalign.h>
#include <stdlib.h>

static size_t aligned(size_t size)
{
    return (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

/* The octets that a copy takes. */
static size_t size_of(const struct exchange *exchange, size_t servers)
{
    size_t size =
        aligned(sizeof(struct waiting)) + aligned(exchange->reply_count * sizeof(struct reply)) +
        aligned(servers * sizeof(struct prediction)) + aligned(sizeof(struct session_label)) +
        exchange->verb.size + exchange->argument.size + exchange->location.raw.size +
        (exchange->early.line > 0 ? exchange->early.raw.size : 0);
    for (size_t i = 0; i < exchange->reply_count; i++)
        size += exchange->replies[i].text.size;
    return aligned(size);
}

/* Copies a text to *at, which moves past it. */
static void put(char **at, struct slice *text)
{
    if (text->size > 0)
        memcpy(*at, text->data, text->size);
    text->data = *at;
    *at += text->size;
}

static void copy(struct waiting *to, const struct exchange *exchange, const struct verdict *verdict,
                 size_t servers)
{
    char *at = (char *)to + aligned(sizeof *to);
    to->exchange = *exchange;
    to->verdict = *verdict;
    to->replies = (struct reply *)at;
    at += aligned(exchange->reply_count * sizeof(struct reply));
    if (exchange->reply_count > 0)
        memcpy(to->replies, exchange->replies, exchange->reply_count * sizeof(struct reply));
    to->exchange.replies = to->replies;
    if (verdict->servers && servers > 0) {
        memcpy(at, verdict->servers, servers * sizeof(struct prediction));
        to->verdict.servers = (struct prediction *)at;
    }
    at += aligned(servers * sizeof(struct prediction));
    if (verdict->label) {
        memcpy(at, verdict->label, sizeof *verdict->label);
        to->verdict.label = (struct session_label *)at;
    }
    at += aligned(sizeof *verdict->label);
    put(&at, &to->exchange.verb);
    put(&at, &to->exchange.argument);
    put(&at, &to->exchange.location.raw);
    if (exchange->early.line > 0)
        put(&at, &to->exchange.early.raw);
    for (size_t i = 0; i < exchange->reply_count; i++)
        put(&at, &to->replies[i].text);
}

static void give_block(struct lookahead *ahead, struct lookahead_block *block)
{
    for (size_t at = 0; at < block->size;) {
        struct waiting *next = (struct waiting *)(block->octets + at);
        at = next->next;
        ahead->give(ahead->context, next);
    }
    block->size = 0;
}

/* Makes room in the young block, which is empty if it was too small. */
static bool make_room(struct lookahead *ahead, size_t size)
{
    if (ahead->young.size + size <= ahead->young.capacity)
        return true;
    give_block(ahead, &ahead->old);
    struct lookahead_block emptied = ahead->old;
    ahead->old = ahead->young;
    ahead->young = emptied;
    if (size <= ahead->young.capacity)
        return true;
    size_t capacity = size > LOOKAHEAD_BLOCK ? size : LOOKAHEAD_BLOCK;
    char *larger = realloc(ahead->young.octets, capacity);
    if (!larger)
        return false;
    ahead->young = (struct lookahead_block){larger, 0, capacity};
    return true;
}

bool lookahead_add(struct lookahead *ahead, uint64_t session, const struct exchange *exchange,
                   const struct verdict *verdict, size_t servers)
{
    size_t size = size_of(exchange, servers);
    if (!make_room(ahead, size))
        return false;
    struct waiting *place = (struct waiting *)(ahead->young.octets + ahead->young.size);
    copy(place, exchange, verdict, servers);
    place->session = session;
    ahead->young.size += size;
    place->next = ahead->young.size;
    return true;
}

void lookahead_give_all(struct lookahead *ahead)
{
    give_block(ahead, &ahead->old);
    give_block(ahead, &ahead->young);
}

void lookahead_free(struct lookahead *ahead)
{
    free(ahead->young.octets);
    free(ahead->old.octets);
    ahead->young = ahead->old = (struct lookahead_block){0};
}
