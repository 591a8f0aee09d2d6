/* pairing.c - which command a reply answers.
 *
 * A reply answers the oldest command without an answer. Exchanges are passed on when no command
 * waits any more, so that a reply which does not fit can still move the earlier ones of its group:
 * that is how a reply which never came is found.
 */
#include "dialogue/state.h"

void pairing_forget(struct dialogue *dialogue)
{
    queue_clear(&dialogue->queue);
    dialogue->session.doubtful = 0; /* they have been passed on as commands */
    if (sends_content(dialogue) || dialogue->session.sending == SENDING_CHUNK)
        queue_retain(&dialogue->queue, &dialogue->session.content_location.raw);
}

/* Returns true if the client sent the next command before it had the reply to this one. */
static bool is_followed(const struct queue *queue, size_t index)
{
    const struct queued_command *queued = &queue->commands[index];
    if (queued->reply_count == 0 || index + 1 == queue->count)
        return false;
    size_t last = queued->reply_first + queued->reply_count - 1;
    return queue->commands[index + 1].order < queue->replies[last].order;
}

void pairing_emit(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    if (queue->pending < queue->count || dialogue->session.tentative)
        return;
    if (dialogue->session.held_greeting && queue->count == 0)
        return; /* its text is in the queue */
    dialogue->session.held_greeting = false;
    for (size_t i = 0; i < queue->count; i++) {
        struct exchange exchange;
        queue_exchange(queue, i, &exchange);
        if (is_followed(queue, i))
            exchange.flags |= EXCHANGE_FOLLOWED;
        exchange.number = dialogue->session.emitted++;
        dialogue->sink.exchange(dialogue->sink.context, &exchange);
    }
    pairing_forget(dialogue);
}

bool pairing_give_up(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    for (size_t i = queue->pending; i < queue->count; i++)
        queue->commands[i].flags |= EXCHANGE_UNANSWERED;
    queue->pending = queue->count;
    dialogue->session.tentative = false;
    pairing_emit(dialogue);
    return true;
}

void pairing_stray(struct dialogue *dialogue, enum stray_kind kind,
                   const struct copied_location *location, const struct copied_reply *reply)
{
    session_begin(dialogue, location->line);
    struct stray stray = {
        .kind = kind,
        .order = reply->order,
        .location = queue_location(&dialogue->queue, location),
        .reply = queue_reply(&dialogue->queue, reply),
    };
    dialogue->sink.stray(dialogue->sink.context, &stray);
}

/* Codes that answer one command only, so that they tell which one they answer. */
static bool code_is_distinct(int code)
{
    return code == 354 || code == 221 || code == 220 || code == 235 || code == 334 || code == 214 ||
           code == 252;
}

/* How many commands after the first waiting one are looked at: enough for any real group, and a
 * recording of nothing but misfits takes no time in the square of its size. */
#define OWNER_REACH 1024

/* The command after the first waiting one that this code must be for, or the first one. */
static size_t find_owner(const struct dialogue *dialogue, int code)
{
    const struct queue *queue = &dialogue->queue;
    if (reply_code_fits(queue->commands[queue->pending].command, code) || !code_is_distinct(code))
        return queue->pending;
    size_t reach = queue->pending + 1 + OWNER_REACH;
    for (size_t i = queue->pending + 1; i < queue->count && i < reach; i++)
        if (queue->commands[i].command != COMMAND_UNKNOWN &&
            reply_code_fits(queue->commands[i].command, code))
            return i;
    return queue->pending;
}

/* Returns true if the replies of this group can be moved on by one command from `first` to the last
 * answered one: each must fit its new command and have come after that was sent. */
static bool can_shift(const struct dialogue *dialogue, size_t first)
{
    const struct queue *queue = &dialogue->queue;
    for (size_t i = first; i < queue->pending; i++) {
        const struct queued_command *from = &queue->commands[i];
        const struct queued_command *to = &queue->commands[i + 1];
        if (from->reply_count != 1)
            return false;
        const struct copied_reply *reply = &queue->replies[from->reply_first];
        if (!reply_code_fits(to->command, reply->code) || reply->order < to->order)
            return false;
    }
    return true;
}

/* One command of the group was never answered: the earliest that leaves all others a reply which
 * fits. A client that waits for each reply shows it by going on without one. */
static void mark_missing(struct dialogue *dialogue, size_t owner)
{
    struct queue *queue = &dialogue->queue;
    size_t missing = queue->pending;
    /* When the last reply had come before this command was sent, the client took that reply for
     * the answer to the command before; when not, the commands came in one group and nothing says
     * that it was an earlier one. */
    uint64_t last_reply = queue->reply_count > 0 ? queue->replies[queue->reply_count - 1].order : 0;
    if (owner - queue->pending == 1 && last_reply < queue->commands[owner].order)
        for (size_t i = 0; i < queue->pending; i++)
            if (can_shift(dialogue, i)) {
                missing = i;
                break;
            }
    for (size_t i = queue->pending; i > missing; i--) {
        queue->commands[i].reply_first = queue->commands[i - 1].reply_first;
        queue->commands[i].reply_count = queue->commands[i - 1].reply_count;
    }
    for (size_t i = missing + 1; i < queue->count; i++)
        queue->commands[i].answered++; /* it was not waited for, because it could not be */
    queue->commands[missing].reply_count = 0;
    queue->commands[missing].flags |= EXCHANGE_MISSING;
    for (size_t i = queue->pending + 1; i < owner; i++)
        queue->commands[i].flags |= EXCHANGE_MISSING;
    queue->pending = owner;
}

/* Codes of a server that has not done anything, because it does not know the command or because that
 * was out of order. */
static bool not_done(int code)
{
    return code >= 500 && code <= 503;
}

void pairing_follow(struct dialogue *dialogue, enum command command, int code, bool last)
{
    bool accepted = code >= 200 && code < 300;
    if (dialogue->session.sending == SENDING_RESPONSE)
        dialogue->session.sending = SENDING_COMMANDS;
    switch (command) {
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        if (!accepted)
            return;
        dialogue->session.lmtp = command == COMMAND_LHLO;
        dialogue->session.said_hello = true;
        break;
    case COMMAND_RCPT:
        if (accepted)
            dialogue->session.recipients++;
        return;
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        if (last)
            chunk_answered(dialogue, code);
        if (command == COMMAND_BDAT || not_done(code))
            return;
        break;
    case COMMAND_AUTH:
        dialogue->session.auth_seen = true;
        return;
    case COMMAND_QUIT:
        if (!accepted)
            return;
        dialogue->session.closed = true;
        dialogue->session.quit = code == 221;
        break;
    case COMMAND_MAIL:
    case COMMAND_RSET:
        if (!accepted) /* a nested MAIL that is refused leaves the transaction as it is */
            return;
        break;
    case COMMAND_END_OF_DATA:
        break;
    default:
        return;
    }
    dialogue->session.recipients = 0; /* a new list begins, or none is left */
}

/* PRDR: 353, one reply for each recipient, and the one to the message (draft-hall-prdr). */
static bool more_of_prdr(const struct dialogue *dialogue, const struct queued_command *queued)
{
    const struct copied_reply *first = &dialogue->queue.replies[queued->reply_first];
    return queued->command == COMMAND_END_OF_DATA && first->code == 353 &&
           queued->reply_count < dialogue->session.recipients + 2;
}

/* RFC 2033 4.2: LMTP answers the end of the message once for each accepted recipient; a command
 * that it does not know, or that is out of order, once. */
static bool more_to_come(const struct dialogue *dialogue, const struct queued_command *queued,
                         int code)
{
    bool refused_command = queued->command == COMMAND_BDAT_LAST && not_done(code);
    bool ends_message =
        (queued->command == COMMAND_END_OF_DATA || queued->command == COMMAND_BDAT_LAST) &&
        !refused_command;
    return dialogue->session.lmtp && ends_message &&
           queued->reply_count < dialogue->session.recipients;
}

/* A server that has said goodbye answers nothing (RFC 5321 4.1.1.10): commands that are answered after the 221
 * to QUIT, or a hello that is accepted after a 421, belong to a new connection, whose greeting the log does
 * not show. */
static void begin_unseen(struct dialogue *dialogue, int code)
{
    struct queue *queue = &dialogue->queue;
    if (!dialogue->session.closed || queue->pending > 0)
        return;
    bool greeted = command_is_hello(queue->commands[0].command) && code / 100 == 2;
    if (!greeted && !(said_goodbye(dialogue) && code != 421))
        return;
    session_split(dialogue);
    dialogue->session.from_start = greeted;
    session_begin(dialogue, queue->commands[0].location.line);
}

/* What was sent in the clear after a STARTTLS that was accepted: a careful server throws it away. */
static void mark_discardable(struct queue *queue, size_t first)
{
    for (size_t i = first; i < queue->count; i++)
        queue->commands[i].discardable = true;
}

/* RFC 2645 5.2: the server is the client of the session that begins. */
static bool turn_round(struct dialogue *dialogue)
{
    bool turned = dialogue->session.turned;
    dialogue->session.closed = true; /* this one has come to its end */
    bool done = session_end(dialogue);
    dialogue->session.turned = !turned;
    return done;
}

/* Returns true if the command is the DATA with which an excerpt begins, and the reply a refusal: as in
 * bounces, where the replies to the RCPTs of its group come before its own. */
static bool is_after_unseen(const struct dialogue *dialogue, const struct queued_command *queued,
                            int code)
{
    return queued->command == COMMAND_DATA && code >= 500 && begins_in_middle(dialogue);
}

/* Pairs the reply with the command that waits for it. */
static bool pair(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    begin_unseen(dialogue, reply->code);
    size_t owner = find_owner(dialogue, reply->code);
    if (owner > queue->pending)
        mark_missing(dialogue, owner);
    struct queued_command *queued = &queue->commands[owner];
    if (!auth_recognise(dialogue, queued, reply->code) || !queue_answer(queue, owner, reply))
        return false;
    queued->flags &= ~(unsigned)EXCHANGE_ASSUMED; /* there are replies after all, after the head */
    bool closing = reply->code == 421 || reply->code == 221;
    dialogue->session.garbled = false;
    if (auth_goes_on(queue, queued, reply->code)) {
        auth_challenge(dialogue, owner);
        return true;
    }
    bool more = more_to_come(dialogue, queued, reply->code) || more_of_prdr(dialogue, queued);
    if (more && !closing)
        return true;
    queue->pending = owner + 1;
    dialogue->session.closed = dialogue->session.closed || closing;
    bool misfit = !reply_code_fits(queued->command, reply->code);
    if (misfit)
        queued->flags |= EXCHANGE_MISFIT;
    if (misfit || begins_in_middle(dialogue)) {
        dialogue->session.tentative = queue->pending == queue->count;
        dialogue->tentative_location = dialogue->reply_location;
    }
    enum command command = queued->command;
    pairing_follow(dialogue, command, reply->code, queue->pending == queue->count);
    if (begins_content(command, reply->code))
        content_begin(dialogue, owner);
    if (command == COMMAND_STARTTLS && reply->code / 100 == 2) {
        mark_discardable(queue, owner + 1);
        dialogue->session.handshake = queue->pending == queue->count;
    }
    if (dialogue->session.sending ==
        SENDING_CONTENT) /* a misfit 3yz to DATA: the client has taken it for the 354 */
        dialogue->session.tentative = false;
    pairing_emit(dialogue);
    bool turns = (command == COMMAND_ATRN || command == COMMAND_TURN) && reply->code == 250;
    return !turns || turn_round(dialogue);
}

/* Puts a command that the recording does not show before the one at `index`; `reply` is its reply. False
 * when out of memory. */
static bool imply_command(struct dialogue *dialogue, size_t index, enum command command,
                          const struct copied_location *location, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    if (!queue_add(queue))
        return false;
    struct queued_command *queued = &queue->commands[index];
    memmove(queued + 1, queued, (queue->count - 1 - index) * sizeof *queued);
    *queued = (struct queued_command){
        .command = command,
        .flags = EXCHANGE_IMPLIED,
        .order = reply->order,
        .real = true,
        .answered = dialogue->session.emitted,
        .location = *location,
    };
    return queue_copy(queue, slice_of(command_name(command)), COPIED_COMMAND_MAX, &queued->verb) &&
           queue_answer(queue, index, reply);
}

/* A reply that follows one which did not fit its command: one of the two is too many. At the beginning
 * of a recording it is the reply to a command that is not shown. */
static bool resolve_tentative(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    struct queued_command *queued = &queue->commands[queue->count - 1];
    bool cut = begins_in_middle(dialogue);
    dialogue->session.tentative = false;
    if (!reply_code_fits(queued->command, reply->code)) {
        /* Neither fits: the group began before the recording, and more of its replies may come. */
        if (cut && (queued->flags & EXCHANGE_MISFIT)) {
            dialogue->session.tentative = true;
            return true;
        }
        if (!cut)
            pairing_stray(dialogue, STRAY_EXTRA, &dialogue->reply_location, reply);
        pairing_emit(dialogue);
        return true;
    }
    /* The first was left over from before: it is the one too many. A second greeting is that of the
     * server after a proxy, which has greeted already. */
    struct copied_reply first = queue->replies[queued->reply_first + queued->reply_count - 1];
    bool unseen = is_after_unseen(dialogue, queued, first.code);
    bool greeting = first.code == 220 && command_is_hello(queued->command);
    if (!greeting && !cut)
        pairing_stray(dialogue, STRAY_EXTRA, &dialogue->tentative_location, &first);
    queued->reply_count--;
    queue->reply_count--;
    queued->flags &= ~(unsigned)EXCHANGE_MISFIT;
    if (unseen && !imply_command(dialogue, queue->count - 1, COMMAND_RCPT,
                                 &dialogue->tentative_location, &first))
        return false;
    queue->pending = queue->count - 1;
    return pair(dialogue, reply);
}

/* Returns true if a reply to nothing shows that the log hides AUTH, which alone is answered so. Some
 * logs write a reply twice: one AUTH is enough. */
static bool hides_auth(const struct dialogue *dialogue, int code)
{
    return (code == 235 || code == 535) && !dialogue->session.auth_seen && !dialogue->replies_only;
}

static bool imply_auth(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    if (!imply_command(dialogue, queue->count, COMMAND_AUTH, &dialogue->reply_location, reply))
        return false;
    dialogue->session.auth_seen = true;
    queue->pending = queue->count;
    pairing_emit(dialogue);
    return true;
}

/* A reply that answers no greeting and no command. */
static bool unasked(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct chunk *chunk = &dialogue->session.chunk;
    bool first = !dialogue->session.greeted && dialogue->session.emitted == 0;
    if (reply->code == 421) { /* RFC 5321 3.8: at any time */
        dialogue->session.closed = true;
        pairing_stray(dialogue, STRAY_CLOSING, &dialogue->reply_location, reply);
    } else if (dialogue->session.tentative) {
        return resolve_tentative(dialogue, reply);
    } else if (chunk->refused > 0 && reply->code >= 400 && chunk->refused <= chunk->lines) {
        size_t index = (size_t)chunk->refused++ - 1;
        struct copied_location location = {.line = index < CHUNK_LINES_MAX ? chunk->line[index]
                                                                           : reply->line};
        pairing_stray(dialogue, STRAY_CHUNK, &location, reply);
    } else if (!first && hides_auth(dialogue, reply->code)) {
        return imply_auth(dialogue, reply);
    } else if (!first && check_clear_reply(dialogue)) {
        /* reported */
    } else if (!first && !dialogue->replies_only && !dialogue->session.elided) {
        /* Else the recording begins after the command that this one answers. */
        pairing_stray(dialogue, STRAY_EXTRA, &dialogue->reply_location, reply);
    }
    if (dialogue->queue.count == 0)
        queue_clear(&dialogue->queue);
    return true;
}

bool pairing_take(struct dialogue *dialogue)
{
    struct copied_reply reply = dialogue->reply;
    struct queue *queue = &dialogue->queue;
    dialogue->session.in_reply = false;
    /* One connection has one greeting: the second is that of a server after a proxy. */
    if (dialogue->wire && dialogue->session.greeted && dialogue->session.emitted == 1 &&
        reply.code == 220 && queue->count == 0)
        return true;
    bool echo = dialogue->echoes && reply.code == dialogue->last_code &&
                queue->pending == queue->count && !dialogue->session.tentative;
    dialogue->last_code = reply.code;
    if (echo)
        return true;
    bool taken = false;
    if (dialogue->session.held_greeting && !greeting_resolve(dialogue, &reply, &taken))
        return false;
    if (taken)
        return true;
    if (greeting_is(dialogue, &reply))
        return greeting_take(dialogue, &reply);
    return queue->pending < queue->count ? pair(dialogue, &reply) : unasked(dialogue, &reply);
}
