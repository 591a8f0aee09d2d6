/* rest.c - looks at all that outlives a session. */
#include "check/rest.h"

/* The conversation, if there is one only, and it is at rest. */
static const struct conversation *resting(const struct conversations *all, unsigned *hints)
{
    const struct conversation *last = (const struct conversation *)all->table.last;
    bool alone = all->table.count == 1 && last && last->keyed.key == 0;
    bool rests = alone && last->open && last->protocol == PROTOCOL_SMTP && last->exchanges > 1 &&
                 !last->unreadable && dialogue_rests(last->dialogue, hints);
    return rests ? last : NULL;
}

bool reading_rests(const struct reading *reading, struct rest *rest)
{
    const struct conversations *all = &reading->conversations;
    memset(rest, 0, sizeof *rest);
    const struct conversation *conversation = resting(all, &rest->hints);
    if (!conversation || !reading->known || reading->over || reading->in_text ||
        reading->gap_anchors > 0 || reading->checker->comment_count > 0 ||
        !reader_rests(&reading->reader, &rest->reader))
        return false;
    rest->first_line = conversation->first_line;
    rest->from_start = conversation->session.from_start;
    rest->names_smtp = conversation->names_smtp;
    rest->connecting = conversation->connecting.open;
    rest->silent = conversation->connecting.silent;
    rest->timed = conversation->connecting.timed;
    rest->known = conversation->connecting.known;
    rest->at = conversation->connecting.at;
    rest->waited = conversation->connecting.waited;
    memcpy(rest->peer, conversation->peer, sizeof rest->peer);
    memcpy(rest->test, all->test, sizeof rest->test);
    rest->label = conversation->label;
    return true;
}

static bool label_equal(const struct session_label *a, const struct session_label *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->id, b->id) == 0 &&
           strcmp(a->peer, b->peer) == 0 && strcmp(a->client, b->client) == 0 &&
           strcmp(a->time, b->time) == 0;
}

bool rest_equal(const struct rest *a, const struct rest *b)
{
    return a->first_line == b->first_line && a->reader == b->reader && a->hints == b->hints &&
           a->from_start == b->from_start && a->names_smtp == b->names_smtp &&
           a->connecting == b->connecting && a->silent == b->silent && a->timed == b->timed &&
           a->known == b->known && a->at == b->at && a->waited == b->waited &&
           strcmp(a->peer, b->peer) == 0 && strcmp(a->test, b->test) == 0 &&
           label_equal(&a->label, &b->label);
}
