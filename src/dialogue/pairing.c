/* pairing.c - which command a reply answers.
 *
 * A reply answers the oldest command without an answer. Exchanges are given on when no command
 * waits any more, so that a reply which does not fit can still move the earlier ones of its group:
 * that is how a reply which never came is found.
 */
#include "dialogue/state.h"

void pairing_forget(struct dialogue *dialogue)
{
    queue_clear(&dialogue->queue);
    dialogue->doubtful = 0; /* they have been given on as commands */
    if (dialogue->content)
        queue_keep_again(&dialogue->queue, &dialogue->content_location.raw);
}

void pairing_emit(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    if (queue->pending < queue->count || dialogue->tentative)
        return;
    for (size_t i = 0; i < queue->count; i++) {
        struct exchange exchange;
        queue_exchange(queue, i, &exchange);
        exchange.number = dialogue->emitted++;
        dialogue->sink.exchange(dialogue->sink.context, &exchange);
    }
    pairing_forget(dialogue);
}

bool pairing_give_up(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    for (size_t i = queue->pending; i < queue->count; i++)
        queue->sent[i].flags |= EXCHANGE_UNANSWERED;
    queue->pending = queue->count;
    dialogue->tentative = false;
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

/* How many commands behind the first waiting one are looked at: enough for any real group, and a
 * recording of nothing but misfits takes no time in the square of its size. */
#define OWNER_REACH 1024

/* The command behind the first waiting one that this code must be for, or the first one. */
static size_t find_owner(const struct dialogue *dialogue, int code)
{
    const struct queue *queue = &dialogue->queue;
    if (reply_code_fits(queue->sent[queue->pending].command, code) || !code_is_distinct(code))
        return queue->pending;
    size_t reach = queue->pending + 1 + OWNER_REACH;
    for (size_t i = queue->pending + 1; i < queue->count && i < reach; i++)
        if (queue->sent[i].command != COMMAND_UNKNOWN &&
            reply_code_fits(queue->sent[i].command, code))
            return i;
    return queue->pending;
}

/* Whether the replies of this group can be moved on by one command from `first` to the last
 * answered one: each must fit its new command and have come after that was sent. */
static bool can_shift(const struct dialogue *dialogue, size_t first)
{
    const struct queue *queue = &dialogue->queue;
    for (size_t i = first; i < queue->pending; i++) {
        const struct sent *from = &queue->sent[i];
        const struct sent *to = &queue->sent[i + 1];
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
    if (owner - queue->pending == 1 && last_reply < queue->sent[owner].order)
        for (size_t i = 0; i < queue->pending; i++)
            if (can_shift(dialogue, i)) {
                missing = i;
                break;
            }
    for (size_t i = queue->pending; i > missing; i--) {
        queue->sent[i].reply_first = queue->sent[i - 1].reply_first;
        queue->sent[i].reply_count = queue->sent[i - 1].reply_count;
    }
    for (size_t i = missing + 1; i < queue->count; i++)
        queue->sent[i].answered++; /* it was not waited for, because it could not be */
    queue->sent[missing].reply_count = 0;
    queue->sent[missing].flags |= EXCHANGE_MISSING;
    for (size_t i = queue->pending + 1; i < owner; i++)
        queue->sent[i].flags |= EXCHANGE_MISSING;
    queue->pending = owner;
}

/* Codes of a server that has not done anything, because it does not know the command or because that
 * was out of order. */
static bool not_done(int code)
{
    return code >= 500 && code <= 503;
}

void pairing_follow(struct dialogue *dialogue, enum command command, int code)
{
    bool accepted = code >= 200 && code < 300;
    dialogue->auth_response = false;
    switch (command) {
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        if (!accepted)
            return;
        dialogue->lmtp = command == COMMAND_LHLO;
        break;
    case COMMAND_RCPT:
        if (accepted)
            dialogue->recipients++;
        return;
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        dialogue->chunk_left = 0; /* the server has read it all, or takes it for commands */
        dialogue->chunk_refused = not_done(code);
        if (command == COMMAND_BDAT || not_done(code))
            return;
        break;
    case COMMAND_QUIT:
        dialogue->closed = true;
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
    dialogue->recipients = 0; /* a new list begins, or none is left */
}

/* RFC 2033 4.2: LMTP answers the end of the message once for each accepted recipient; a command
 * that it does not know, or that is out of order, once. */
static bool more_to_come(const struct dialogue *dialogue, const struct sent *sent, int code)
{
    bool refused_command = sent->command == COMMAND_BDAT_LAST && not_done(code);
    bool ends_message =
        (sent->command == COMMAND_END_OF_DATA || sent->command == COMMAND_BDAT_LAST) &&
        !refused_command;
    return dialogue->lmtp && ends_message && sent->reply_count < dialogue->recipients;
}

/* A server that has said goodbye answers nothing: a hello that is accepted behind a 221 belongs to
 * a new connection, whose greeting the log does not show. */
static void split_session(struct dialogue *dialogue, int code)
{
    struct queue *queue = &dialogue->queue;
    enum command command = queue->sent[0].command;
    bool hello = command_is_hello(command);
    if (!dialogue->closed || queue->pending > 0 || !hello || code / 100 != 2)
        return;
    struct session_end end = {0};
    dialogue->sink.end(dialogue->sink.context, &end);
    for (size_t i = 0; i < queue->count; i++)
        queue->sent[i].answered = 0;
    dialogue->emitted = dialogue->recipients = 0;
    dialogue->closed = dialogue->began = dialogue->greeted = false;
    dialogue->from_start = true;
    session_begin(dialogue, queue->sent[0].location.line);
}

/* What was sent in the clear behind a STARTTLS that was accepted: a careful server throws it away. */
static void mark_discardable(struct queue *queue, size_t first)
{
    for (size_t i = first; i < queue->count; i++)
        queue->sent[i].discardable = true;
}

/* Gives the reply to the command that waits for it. */
static bool pair(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    split_session(dialogue, reply->code);
    size_t owner = find_owner(dialogue, reply->code);
    if (owner > queue->pending)
        mark_missing(dialogue, owner);
    struct sent *sent = &queue->sent[owner];
    if (!auth_recognise(dialogue, sent, reply->code) || !queue_answer(queue, owner, reply))
        return false;
    sent->flags &= ~(unsigned)EXCHANGE_ASSUMED; /* there are replies after all, behind the head */
    bool closing = reply->code == 421 || reply->code == 221;
    dialogue->garbled = false;
    if (sent->command == COMMAND_AUTH && reply->code == 334) {
        auth_challenge(dialogue, owner);
        return true;
    }
    if (more_to_come(dialogue, sent, reply->code) && !closing)
        return true;
    queue->pending = owner + 1;
    dialogue->closed = dialogue->closed || closing;
    if (!reply_code_fits(sent->command, reply->code)) {
        sent->flags |= EXCHANGE_MISFIT;
        dialogue->tentative = queue->pending == queue->count;
        dialogue->tentative_location = dialogue->reply_location;
    }
    enum command command = sent->command;
    pairing_follow(dialogue, command, reply->code);
    if (begins_content(command, reply->code))
        content_begin(dialogue, owner);
    if (command == COMMAND_STARTTLS && reply->code / 100 == 2)
        mark_discardable(queue, owner + 1);
    if (dialogue->content) /* a misfit 3yz to DATA: the client has taken it for the 354 */
        dialogue->tentative = false;
    pairing_emit(dialogue);
    return true;
}

bool pairing_greet(struct dialogue *dialogue, const struct copied_reply *reply)
{
    session_begin(dialogue, reply->line);
    dialogue->greeted = true;
    dialogue->closed = reply->code == 421;
    struct queue *queue = &dialogue->queue;
    for (size_t i = 0; i < queue->count; i++)
        queue->sent[i].flags |= EXCHANGE_BEFORE_GREETING;
    struct reply shown = queue_reply(queue, reply);
    struct exchange exchange = {
        .command = COMMAND_CONNECT,
        .location = queue_location(queue, &dialogue->reply_location),
        .verb = SLICE("CONNECT"),
        .real = true,
        .replies = &shown,
        .reply_count = 1,
    };
    dialogue->emitted++;
    dialogue->sink.exchange(dialogue->sink.context, &exchange);
    if (queue->count == 0)
        queue_clear(queue);
    return true;
}

/* A reply that follows one which did not fit its command: one of the two is too many. */
static bool resolve_tentative(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    struct sent *sent = &queue->sent[queue->count - 1];
    dialogue->tentative = false;
    if (!reply_code_fits(sent->command, reply->code)) {
        pairing_stray(dialogue, STRAY_EXTRA, &dialogue->reply_location, reply);
        pairing_emit(dialogue);
        return true;
    }
    /* The first was left over from before: it is the one too many. */
    pairing_stray(dialogue, STRAY_EXTRA, &dialogue->tentative_location,
                  &queue->replies[sent->reply_first + sent->reply_count - 1]);
    sent->reply_count--;
    queue->reply_count--;
    sent->flags &= ~(unsigned)EXCHANGE_MISFIT;
    queue->pending = queue->count - 1;
    return pair(dialogue, reply);
}

/* Whether this reply is a greeting: of the session that begins here, or of the next one. */
static bool is_greeting(const struct dialogue *dialogue, const struct copied_reply *reply)
{
    const struct queue *queue = &dialogue->queue;
    bool waiting = queue->pending < queue->count;
    bool first = !dialogue->greeted && dialogue->emitted == 0;
    if (first && !waiting)
        return reply->code == 220 || reply->code >= 400;
    if (reply->code != 220)
        return false;
    if (!waiting)
        return !dialogue->tentative;
    enum command command = queue->sent[queue->pending].command;
    if (command == COMMAND_STARTTLS || command == COMMAND_XCLIENT)
        return false;
    /* Behind the greeting a 220 to EHLO may be a second greeting or a server gone wrong; what
     * follows will tell. */
    bool hello = command_is_hello(command);
    return first || !(hello && dialogue->emitted <= 1);
}

/* A reply that answers no greeting and no command. */
static bool unasked(struct dialogue *dialogue, const struct copied_reply *reply)
{
    bool first = !dialogue->greeted && dialogue->emitted == 0;
    if (reply->code == 421) { /* RFC 5321 3.8: at any time */
        dialogue->closed = true;
        pairing_stray(dialogue, STRAY_CLOSING, &dialogue->reply_location, reply);
    } else if (dialogue->tentative) {
        return resolve_tentative(dialogue, reply);
    } else if (dialogue->chunk_refused > 0 && reply->code >= 400 &&
               dialogue->chunk_refused <= dialogue->chunk_lines) {
        size_t index = (size_t)dialogue->chunk_refused++ - 1;
        struct copied_location location = {
            .line = index < CHUNK_LINES_KEPT ? dialogue->chunk_line[index] : reply->line};
        pairing_stray(dialogue, STRAY_CHUNK, &location, reply);
    } else if (!first && !dialogue->replies_only) {
        /* Else the recording begins behind the command that this one answers. */
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
    dialogue->in_reply = false;
    bool echo = dialogue->echoes && reply.code == dialogue->last_code &&
                queue->pending == queue->count && !dialogue->tentative;
    dialogue->last_code = reply.code;
    if (echo)
        return true;
    if (is_greeting(dialogue, &reply)) {
        /* A session of which something is there already is over; one that has only commands without
         * an answer is this one, whose client spoke too early. Ending it empties the queue, but
         * nothing is written over the reply before it is given on. */
        if ((dialogue->greeted || dialogue->emitted > 0) && !session_end(dialogue))
            return false;
        return pairing_greet(dialogue, &reply);
    }
    return queue->pending < queue->count ? pair(dialogue, &reply) : unasked(dialogue, &reply);
}
