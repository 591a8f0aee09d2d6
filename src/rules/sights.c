/* sights.c - what there is to see of an exchange, and what the judge remembers of it. */
#include "rules/sights.h"

#include "smtp/connection_hints.h"

/* What greeting and hello say of where the server is. "Hello NAME [ADDRESS]": the name is the
 * client's word, so that only the rest counts. */
static void learn_from_opening(struct judge *judge, const struct exchange *exchange)
{
    judge->greeted = judge->greeted || exchange->command == COMMAND_CONNECT;
    if (judge->loopback || exchange->reply_count == 0)
        return;
    /* What a log puts before a line is often the peer's address. */
    const struct location *location = &exchange->location;
    struct slice prefix =
        slice_head(location->raw, location->column > 0 ? location->column - 1 : 0);
    struct slice text = exchange->replies[exchange->reply_count - 1].text;
    text = slice_head(text, slice_find(text, '\n'));
    struct slice name = exchange->argument;
    size_t at = slice_find_nocase(text, name);
    bool echoed = name.size > 0 && at > 0 && at < text.size;
    struct slice before = echoed ? slice_head(text, at) : text;
    struct slice after = echoed ? slice_after(text, at + name.size) : SLICE("");
    judge->loopback = names_loopback(prefix) || names_loopback(before) || names_loopback(after);
}

/* Codes that answer one command only. */
static bool is_distinct(const struct exchange *exchange, int code)
{
    if (code == 250)
        return exchange->replies[exchange->reply_count - 1].lines > 1;
    return code == 220 || code == 354 || code == 221 || code == 235;
}

static void remember_event(struct judge *judge, enum seen what, const struct exchange *exchange,
                           const struct verdict *verdict)
{
    if (!event_keep(&judge->seen[what], exchange, verdict->hidden, true))
        judge->no_memory = true;
}

/* Where replies may have begun to be out of step with commands. */
static void remember_step(struct judge *judge, const struct exchange *exchange)
{
    struct event *certain = &judge->seen[SEEN_CERTAIN], *after = &judge->seen[SEEN_AFTER_CERTAIN];
    if (certain->happened && certain->number + 1 == exchange->number)
        event_set(after, exchange);
    judge->may_slip = judge->may_slip || may_slip(exchange);
    if (is_distinct(exchange, exchange_code(exchange)) && !(exchange->flags & EXCHANGE_MISFIT)) {
        event_set(certain, exchange);
        after->happened = false;
        judge->out_of_step = judge->may_slip = false;
    }
}

/* RFC 3030 2: after a chunk that was refused or out of order the state is not defined until RSET. */
static void remember_failed_chunk(struct judge *judge, const struct exchange *exchange,
                                  const struct verdict *verdict)
{
    const command_set chunks = COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_BDAT_LAST);
    const command_set restarts =
        COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_STARTTLS) | HELLO_COMMANDS;
    command_set here = COMMAND_BIT(exchange->command);
    bool between = verdict->state == STATE_BDAT && !verdict->legal;
    int code = exchange_code(exchange);
    struct event *failed = &judge->seen[SEEN_FAILED_CHUNK];
    if (failed->happened)
        failed->happened = !((restarts & here) && code / 100 == 2);
    else if (code != 500 && code != 502 && ((chunks & here) || between))
        remember_event(judge, SEEN_FAILED_CHUNK, exchange, verdict);
}

/* A reply that refuses. */
static void remember_refusal(struct judge *judge, const struct exchange *exchange,
                             const struct verdict *verdict)
{
    judge->refused_before_group = true;
    remember_event(judge, SEEN_REFUSED, exchange, verdict);
    remember_failed_chunk(judge, exchange, verdict);
}

void remember(struct judge *judge, const struct exchange *exchange, const struct verdict *verdict)
{
    const command_set sync = HELLO_COMMANDS | COMMAND_BIT(COMMAND_DATA) |
                             COMMAND_BIT(COMMAND_VRFY) | COMMAND_BIT(COMMAND_EXPN) |
                             COMMAND_BIT(COMMAND_TURN) | COMMAND_BIT(COMMAND_QUIT) |
                             COMMAND_BIT(COMMAND_NOOP) | /* RFC 2920 3.1 */
                             COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_ATRN); /* RFC 4954 4 */
    if (sync & COMMAND_BIT(exchange->command))
        remember_event(judge, SEEN_SYNC, exchange, verdict);
    if (exchange->command == COMMAND_STARTTLS)
        remember_event(judge, SEEN_STARTTLS, exchange, verdict);
    if (verdict->times.timed && /* only times show that a client gave up */
        (exchange->reply_count == 0 || (exchange->flags & EXCHANGE_FOLLOWED)))
        remember_event(judge, SEEN_UNANSWERED, exchange, verdict);
    if (exchange->reply_count == 0)
        judge->group_open = judge->group_open || !was_waited_for(exchange);
    else
        judge->group_open = judge->refused_before_group = false;
    remember_step(judge, exchange);
    if (exchange_code(exchange) >= 400)
        remember_refusal(judge, exchange, verdict);
    else if (judge->seen[SEEN_FAILED_CHUNK].happened)
        remember_failed_chunk(judge, exchange, verdict);
}

static bool is_over(enum session_state state)
{
    return state == STATE_QUIT || state == STATE_SHUT;
}

/* Returns true if the session was over, but the command had been sent before the client could know. */
static bool sent_before_close(const struct session *session, const struct exchange *exchange)
{
    return sent_before_reply_to(exchange, &session->history[EVENT_CLOSING]);
}

static bool pipelining_is_refused(const struct session *session)
{
    return session->offer != OFFER_UNKNOWN && !session_offers(session, EXTENSION_PIPELINING);
}

/* How the command was sent: after a reply, or without waiting for one. */
static sight_set sights_of_timing(const struct judge *judge, const struct session *session,
                                  const struct exchange *exchange, const struct verdict *verdict)
{
    if (exchange->flags & EXCHANGE_ASSUMED)
        return 0; /* without the replies nothing says what was waited for */
    sight_set sights = exchange->early.line != 0 ? SIGHT(EARLY_CONTENT) : 0;
    if (exchange->flags & EXCHANGE_BEFORE_GREETING)
        return judge->early_offered ? sights : sights | SIGHT(BEFORE_GREETING);
    if (verdict->times.timing == TIMING_GAVE_UP || verdict->times.timing == TIMING_WAITED)
        return sights; /* by the clock it did wait, though perhaps not for long enough */
    if (was_waited_for(exchange) ||
        (is_over(verdict->state) && !sent_before_close(session, exchange)))
        return sights; /* when the session is over there is nothing left to wait for */
    if (sent_before_reply_to(exchange, &judge->seen[SEEN_STARTTLS]))
        return sights | SIGHT(AFTER_STARTTLS);
    if (sent_before_reply_to(exchange, &judge->seen[SEEN_SYNC]))
        return sights | SIGHT(PAST_SYNC_POINT);
    return pipelining_is_refused(session) ? sights | SIGHT(IN_GROUP) : sights;
}

/* Returns true if the client is to blame for the command's place: what it sent before it could know
 * that the session was over, or that STARTTLS was accepted, is another rule's. */
static bool is_out_of_order(const struct judge *judge, const struct session *session,
                            const struct exchange *exchange, const struct verdict *verdict)
{
    /* An empty line may be an accident of the recording, unless the server refused it as a command. */
    bool empty = exchange->command == COMMAND_UNKNOWN && exchange->verb.size == 0;
    if (verdict->legal || exchange->command == COMMAND_CONNECT ||
        (empty && exchange_code(exchange) < 500))
        return false;
    return !(is_over(verdict->state) ? sent_before_close(session, exchange)
                                     : sent_before_reply_to(exchange, &judge->seen[SEEN_STARTTLS]));
}

/* The words of the command, and the length of its line. */
static sight_set sights_of_words(const struct exchange *exchange)
{
    struct slice argument = exchange->argument;
    enum command command = exchange->command;
    sight_set sights = exchange->length > COMMAND_MAX ? SIGHT(LONG) : 0;
    if (argument.size == 0)
        return command == COMMAND_VRFY || command == COMMAND_EXPN   ? sights | SIGHT(NO_ARGUMENT)
               : command == COMMAND_MAIL || command == COMMAND_RCPT ? sights | SIGHT(ARGUMENT)
                                                                    : sights;
    if ((command == COMMAND_RCPT && envelope_is_plain(argument, SLICE("TO:"))) ||
        (command == COMMAND_MAIL && envelope_is_plain(argument, SLICE("FROM:"))))
        return sights;
    return sights | SIGHT(ARGUMENT);
}

/* How its line and its reply came. */
static sight_set sights_of_flags(unsigned flags)
{
    sight_set sights = 0;
    if (flags & (EXCHANGE_BARE_LF | EXCHANGE_BARE_CR))
        sights |= SIGHT(LINE_END);
    if (flags & EXCHANGE_ODD_END)
        sights |= SIGHT(ODD_END);
    /* A log that leaves out the message may leave out its reply. */
    if (flags & EXCHANGE_MISSING)
        sights |= flags & EXCHANGE_IMPLIED ? 0 : SIGHT(MISSING_REPLY);
    else if (flags & EXCHANGE_MISFIT)
        sights |= SIGHT(MISFIT);
    return sights;
}

static sight_set sights_of_code(const struct exchange *exchange)
{
    int code = exchange_code(exchange);
    sight_set sights = 0;
    if (code == 503 && !(exchange->flags & (EXCHANGE_MISSING | EXCHANGE_MISFIT)))
        sights |= SIGHT(503);
    if (code >= 400)
        sights |= SIGHT(REFUSED);
    if (code == 251 || code == 551 || code == 252)
        sights |= SIGHT(FORWARD);
    return sights;
}

/* Returns true if the line of a message was sent before the refusal of DATA: that is the fault. */
static bool sent_with_data(const struct judge *judge, const struct exchange *exchange)
{
    return !(exchange->flags & EXCHANGE_ASSUMED) &&
           judge->seen[SEEN_SYNC].number == judge->seen[SEEN_REFUSED_DATA].number &&
           sent_before_reply_to(exchange, &judge->seen[SEEN_REFUSED_DATA]);
}

/* What the log's times show. */
static sight_set sights_of_times(const struct verdict *verdict)
{
    return verdict->times.timing == TIMING_LATE      ? SIGHT(LATE)
           : verdict->times.timing == TIMING_GAVE_UP ? SIGHT(GAVE_UP)
                                                     : 0;
}

/* All that there may be to see. */
static sight_set look_closely(struct judge *judge, const struct session *session,
                              const struct exchange *exchange, const struct verdict *verdict)
{
    sight_set sights = verdict->secret ? SIGHT(AUTH_ANSWER) : 0;
    if (is_message_line(judge, session, exchange, verdict))
        return sights |
               (sent_with_data(judge, exchange) ? SIGHT(PAST_SYNC_POINT) : SIGHT(MESSAGE_LINE));
    sights |= sights_of_timing(judge, session, exchange, verdict) | sights_of_words(exchange) |
              sights_of_flags(exchange->flags) | sights_of_code(exchange) |
              sights_of_times(verdict);
    if (is_out_of_order(judge, session, exchange, verdict))
        sights |= SIGHT(OUT_OF_ORDER);
    return judge->servers && judge->servers->count > 0 ? sights | SIGHT(SERVERS) : sights;
}

/* Returns true if only the words and the reply can show something, as of most: a known command in
 * order, that was waited for and of which nothing is missing. */
static bool is_usual(const struct judge *judge, const struct exchange *exchange,
                     const struct verdict *verdict)
{
    return verdict->legal && exchange->command != COMMAND_UNKNOWN && exchange->flags == 0 &&
           exchange->early.line == 0 && was_waited_for(exchange) && !judge->message_runs_on &&
           (!judge->servers || judge->servers->count == 0);
}

sight_set sights_of(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict)
{
    const command_set opening = HELLO_COMMANDS | COMMAND_BIT(COMMAND_CONNECT);
    if (opening & COMMAND_BIT(exchange->command))
        learn_from_opening(judge, exchange);
    if ((exchange->flags & EXCHANGE_BEFORE_GREETING) && exchange->reply_count > 0)
        judge->early_offered =
            judge->early_offered ||
            slice_contains_nocase(exchange->replies[exchange->reply_count - 1].text,
                                  SLICE("PIPECONNECT")) ||
            slice_contains_nocase(exchange->replies[exchange->reply_count - 1].text,
                                  SLICE("PIPE_CONNECT"));
    if (!is_usual(judge, exchange, verdict))
        return SIGHT(ANY) | look_closely(judge, session, exchange, verdict);
    sight_set sights = SIGHT(ANY) | sights_of_words(exchange) | sights_of_times(verdict);
    return exchange_code(exchange) > 250 ? sights | sights_of_code(exchange) : sights;
}

/* Returns true if a command in order was sent after the answers to those before it, or in a group that may be
 * one. */
static bool is_sent_in_time(const struct judge *judge, const struct session *session,
                            const struct exchange *exchange)
{
    return was_waited_for(exchange) ||
           (!sent_before_reply_to(exchange, &judge->seen[SEEN_STARTTLS]) &&
            !sent_before_reply_to(exchange, &judge->seen[SEEN_SYNC]) &&
            !pipelining_is_refused(session));
}

bool shows_nothing(const struct judge *judge, const struct session *session,
                   const struct exchange *exchange)
{
    return exchange->early.line == 0 && !judge->message_runs_on &&
           is_sent_in_time(judge, session, exchange) && sights_of_words(exchange) == 0;
}

bool refused_unseen(const struct judgement *judgement)
{
    static const enum event_kind refusals[] = {EVENT_BEGIN_REFUSED, EVENT_RCPT_REFUSED,
                                               EVENT_HELLO_REFUSED, EVENT_DATA_REFUSED};
    const struct cause *cause = &judgement->order_cause;
    if (judgement->broken == &smtpseq_rules[RULE_nested_mail]) /* open before the refusal as well */
        return false;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct event *refusal = &judgement->session->history[refusals[i]];
        if (refusal->happened && refusal->number == cause->number)
            return cause->number >= judgement->exchange->answered;
    }
    return false;
}
