/* greeting.c - the reply to the connection itself, and a second one.
 *
 * A proxy may greet and answer EHLO itself, and then pass on the greeting of the server behind it. In a
 * log such a 220 may also begin the next connection. What follows it tells: MAIL, AUTH or STARTTLS goes on
 * with a session that has said EHLO, unless a 503 shows that the server has not heard it.
 */
#include "dialogue/state.h"

/* Returns true if a server can refuse a connection with this reply (RFC 5321 3.1, RFC 7504): not with
 * one that tells what was wrong with a command, as the first reply of a recording that begins in the
 * middle of a session does (RFC 3463: X.1.Y an address, X.2.Y a mailbox, X.5.Y the protocol, X.6.Y the
 * message). */
static bool refuses_connection(const struct dialogue *dialogue, const struct copied_reply *reply)
{
    int code = reply->code;
    struct slice text = queue_reply(&dialogue->queue, reply).text;
    bool enhanced = text.size >= 5 && text.data[1] == '.' && text.data[3] == '.' &&
                    ascii_digit(text.data[0]) && ascii_digit(text.data[2]);
    if (enhanced && strchr("1256", text.data[2]))
        return false;
    if (dialogue->session.from_start)
        return code >= 400 && (code < 500 || code > 504);
    return code == 421 || code == 521 || code == 554 || (code == 550 && !enhanced);
}

/* Returns true if 220 may answer the command. X-ANONYMOUSTLS is STARTTLS between servers of Exchange. */
static bool draws_220(const struct queue *queue, const struct queued_command *queued)
{
    struct slice verb = copied_slice(queue, queued->verb);
    return queued->command == COMMAND_STARTTLS || queued->command == COMMAND_XCLIENT ||
           (queued->command == COMMAND_UNKNOWN && slice_ends(verb, SLICE("TLS")));
}

bool greeting_is(const struct dialogue *dialogue, const struct copied_reply *reply)
{
    const struct queue *queue = &dialogue->queue;
    bool waiting = queue->pending < queue->count;
    bool first = !dialogue->session.greeted && dialogue->session.emitted + queue->pending == 0;
    if (first && !waiting)
        return reply->code == 220 || refuses_connection(dialogue, reply);
    if (!waiting && said_goodbye(dialogue) && reply->code != 421 &&
        refuses_connection(dialogue, reply))
        return true;
    if (reply->code != 220)
        return false;
    /* A reply that does not fit may be followed by the one that does. */
    if (!waiting)
        return !dialogue->session.tentative ||
               (!dialogue->reply_faulty && !draws_220(queue, &queue->commands[queue->count - 1]));
    enum command command = queue->commands[queue->pending].command;
    if (draws_220(queue, &queue->commands[queue->pending]))
        return false;
    /* Behind the greeting a 220 to EHLO may be a second greeting or a server gone wrong; what
     * follows will tell. */
    bool hello = command_is_hello(command);
    return first || !(hello && dialogue->session.emitted <= 1);
}

/* Passes the greeting on. */
static void greet(struct dialogue *dialogue, const struct copied_location *location,
                  const struct copied_reply *reply)
{
    session_begin(dialogue, reply->line);
    dialogue->session.greeted = true;
    dialogue->session.closed = reply->code == 421;
    struct reply shown = queue_reply(&dialogue->queue, reply);
    struct exchange exchange = {
        .command = COMMAND_CONNECT,
        .location = queue_location(&dialogue->queue, location),
        .verb = SLICE("CONNECT"),
        .replies = &shown,
        .reply_count = 1,
    };
    dialogue->session.emitted++;
    dialogue->sink.exchange(dialogue->sink.context, &exchange);
    if (dialogue->queue.count == 0)
        queue_clear(&dialogue->queue);
}

void greeting_pass_on(struct dialogue *dialogue, const struct copied_location *location,
                      const struct copied_reply *reply)
{
    struct queue *queue = &dialogue->queue;
    for (size_t i = 0; i < queue->count; i++)
        queue->commands[i].flags |= EXCHANGE_BEFORE_GREETING;
    greet(dialogue, location, reply);
}

/* Returns true if nothing has been said so far but a greeting and a hello, and nothing tells of another
 * connection. */
static bool may_be_of_proxy(const struct dialogue *dialogue)
{
    const struct current_session *session = &dialogue->session;
    return session->greeted && session->said_hello && session->emitted == 2 && !session->closed &&
           !session->disconnected && !session->separator && !session->elided &&
           dialogue->queue.count == 0;
}

void session_split(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    struct session_end end = {0};
    dialogue->sink.end(dialogue->sink.context, &end);
    for (size_t i = 0; i < queue->count; i++)
        queue->commands[i].answered = 0;
    struct current_session ended = dialogue->session;
    dialogue->session = (struct current_session){
        .sending = ended.sending,
        .content_location = ended.content_location,
        .chunk = ended.chunk,
    };
}

bool greeting_take(struct dialogue *dialogue, const struct copied_reply *reply)
{
    struct current_session *session = &dialogue->session;
    if (may_be_of_proxy(dialogue)) {
        session->held_greeting = true;
        dialogue->held_reply = *reply;
        dialogue->held_location = dialogue->reply_location;
        return true;
    }
    /* A session of which something is there already is over; one that has only commands without
     * an answer is this one, whose client spoke too early, and so may one be that comes after a goodbye. Ending it
     * empties the queue, but nothing is written over the reply before it is passed on. */
    if (said_goodbye(dialogue) && dialogue->queue.count > 0 && dialogue->queue.pending == 0 &&
        command_is_hello(dialogue->queue.commands[0].command))
        session_split(dialogue);
    else if ((session->greeted || session->emitted + dialogue->queue.pending > 0) &&
             !session_end(dialogue))
        return false;
    greeting_pass_on(dialogue, &dialogue->reply_location, reply);
    return true;
}

bool greeting_begins_session(struct dialogue *dialogue)
{
    struct copied_reply reply = dialogue->held_reply;
    dialogue->session.held_greeting = false;
    if (!session_end(dialogue))
        return false;
    greeting_pass_on(dialogue, &dialogue->held_location, &reply);
    return true;
}

/* The commands after the greeting that is held are a session of their own. */
static void begin_with_held(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    session_split(dialogue);
    greet(dialogue, &dialogue->held_location, &dialogue->held_reply);
    for (size_t i = 0; i < queue->count; i++)
        queue->commands[i].answered = 1;
}

bool greeting_resolve(struct dialogue *dialogue, const struct copied_reply *reply, bool *taken)
{
    bool waiting = dialogue->queue.pending < dialogue->queue.count;
    /* The proxy has said EHLO to the server as well, and passes that answer on too. */
    *taken = !waiting && reply->code == 250 && !dialogue->held_hello;
    dialogue->held_hello = *taken;
    if (*taken)
        return true;
    if (!waiting)
        return greeting_begins_session(dialogue);
    dialogue->session.held_greeting = false;
    if (reply->code == 503)
        begin_with_held(dialogue);
    return true;
}

bool dialogue_rests(const struct dialogue *dialogue, unsigned *hints)
{
    const struct current_session *session = &dialogue->session;
    *hints = dialogue->checks.hints;
    return said_goodbye(dialogue) && dialogue->queue.count == 0 && !session->held_greeting &&
           !session->tentative && !session->in_reply && session->sending == SENDING_COMMANDS &&
           !dialogue->marks_chunks && !dialogue->one_sided && !dialogue->replies_only &&
           dialogue->checks.next_hints == 0 && !dialogue->held_hello;
}
