/* follower.c - a few facts about a session, changed by one line after the other. */
#include "smtp/follower.h"

#include "smtp/look.h"
#include "smtp/reply.h"

static bool is_last_line(struct slice reply)
{
    return reply.size == 3 || reply.data[3] != '-';
}

/* Returns true if it answers a STARTTLS that has not been seen: a greeting has no enhanced status code (RFC
 * 2034 4). Some have one all the same: only a handshake after it shows which it was. */
static bool may_answer_starttls(const struct follower *follower, struct slice reply)
{
    return !follower->greeted && follower->waiting == 0 && slice_starts(reply, SLICE("220 2."));
}

static void take_reply(struct follower *follower, struct slice payload)
{
    payload = slice_trim(payload);
    if (!looks_like_reply(payload))
        return;
    int code = reply_code(payload);
    bool last = is_last_line(payload);
    bool answers_unseen = may_answer_starttls(follower, payload);
    follower->open = last ? 0 : code;
    follower->waiting -= last && follower->waiting > 0 && (follower->greeted || code != 220);
    follower->greeted = follower->greeted || last;
    follower->data = follower->data && follower->waiting > 0;
    follower->content = last && code == 354;
    follower->answer = last && code == 334;
    follower->closed = code == 221;
    follower->auth = follower->auth && code == 334;
    if (follower->waiting == 0)
        follower->chunk_left = 0;
    if (answers_unseen || (follower->tls == FOLLOWER_TLS_ASKED && code == 220))
        follower->tls = FOLLOWER_TLS_AGREED;
    else if (follower->tls == FOLLOWER_TLS_ASKED && code >= 400)
        follower->tls = FOLLOWER_PLAIN;
}

void follower_command(struct follower *follower, const struct command_line *command)
{
    follower->open = 0;
    follower->answer = false;
    follower->chunk_left = command->octets; /* 0 for all but BDAT */
    follower->data = command->command == COMMAND_DATA;
    follower->waiting++;
    if (command->command == COMMAND_AUTH)
        follower->auth = true;
    else if (command->command == COMMAND_STARTTLS)
        follower->tls = FOLLOWER_TLS_ASKED;
}

/* A line of a chunk, or the end of it and the command that begins right after it (RFC 3030 2). */
static void take_chunk(struct follower *follower, struct slice payload)
{
    uint64_t left = follower->chunk_left, size = (uint64_t)payload.size + 2;
    follower->chunk_left = left > size ? left - size : 0;
    struct command_line command = command_scan(NULL, slice_after(payload, (size_t)left));
    if (left < payload.size && command_looks_real(&command))
        follower_command(follower, &command);
}

static void take_client(struct follower *follower, struct slice payload)
{
    follower->open = 0;
    if (follower->content) {
        follower->content = !slice_equal(payload, SLICE("."));
        follower->answered = follower->answered && follower->content; /* its reply is to come */
        follower->waiting += !follower->content;
    } else if (follower->chunk_left > 0) {
        take_chunk(follower, payload);
    } else if (follower->answer) {
        follower->answer = false;
        follower->waiting++;
    } else {
        struct command_line command = command_scan(NULL, slice_trim(payload));
        follower_command(follower, &command);
    }
}

/* Returns true if a line after a hole can be judged: a command that the client has waited with for a
 * reply. */
static bool is_found_again(struct follower *follower, enum side side, struct slice payload)
{
    if (side == SIDE_SERVER) {
        follower->answered =
            follower->answered || (looks_like_reply(payload) && is_last_line(payload));
        return false;
    }
    if (!follower->answered || follower->content || !looks_like_command(payload))
        return false;
    follower->lost = follower->answered = false;
    return true;
}

bool follower_take(struct follower *follower, enum side side, struct slice payload)
{
    bool judged = !follower->lost || is_found_again(follower, side, payload);
    if (side == SIDE_SERVER)
        take_reply(follower, payload);
    else
        take_client(follower, payload);
    return judged;
}

bool follower_lose(struct follower *follower, enum side side)
{
    if (side == SIDE_CLIENT && follower->content)
        return false;
    follower->lost = true;
    follower->answered = follower->content = false;
    follower->chunk_left = 0;
    return true;
}
