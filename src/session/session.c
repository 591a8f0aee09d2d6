/* session.c - replays exchanges, and remembers what explains the state. */
#include "session/session.h"

#include <stdlib.h>

#include "base/phrases.h"
#include "session/offer.h"

void session_start(struct session *session, bool from_start)
{
    session->machine = machine_start(false);
    session->entered = session->from_middle = session->unanswered = false;
    session->after_auth = session->offered_verb = false;
    session->from_start = from_start;
    session->offer = OFFER_UNKNOWN;
    session->extensions = 0;
    session->keywords = SLICE("");
    events_reset(session->history, EVENT_COUNT);
}

void session_free(struct session *session)
{
    free(session->keyword_text);
    events_free(session->history, EVENT_COUNT);
    *session = (struct session){0};
}

static bool in_transaction(enum session_state state)
{
    const unsigned within = 1u << STATE_MAIL | 1u << STATE_REFUSED | 1u << STATE_RCPT |
                            1u << STATE_BDAT | 1u << STATE_CONTENT | 1u << STATE_EXCH50;
    return within >> state & 1;
}

/* `shown`: the event can be the cause of a finding, which shows its line. */
static void happen(struct session *session, enum event_kind what, const struct exchange *exchange,
                   const struct verdict *verdict, bool shown)
{
    struct event *event = &session->history[what];
    event->count = event->happened ? event->count + 1 : 1;
    event->in_transaction = in_transaction(verdict->state);
    if (!shown && exchange_code(exchange) < 400)
        event_set(event, exchange);
    else if (!event_keep(event, exchange, verdict->hidden, shown))
        session->no_memory = true;
}

static void forget(struct session *session, enum event_kind what)
{
    struct event *event = &session->history[what];
    event->happened = false;
    event->code = 0;
    event->copy.line = 0;
}

/* Remembers a refusal. */
static void remember_refusal(struct session *session, const struct exchange *exchange,
                             const struct verdict *verdict)
{
    bool open = in_transaction(verdict->state);
    switch (exchange->command) {
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        if (!open)
            happen(session, EVENT_BEGIN_REFUSED, exchange, verdict, true);
        break;
    case COMMAND_RCPT:
        if (verdict->legal) {
            happen(session, EVENT_RCPT_REFUSED, exchange, verdict, true);
            happen(session, EVENT_REFUSED, exchange, verdict, true);
        }
        break;
    case COMMAND_DATA:
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        happen(session, EVENT_DATA_REFUSED, exchange, verdict, true);
        if (verdict->legal)
            happen(session, EVENT_REFUSED, exchange, verdict, true);
        break;
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        happen(session, EVENT_HELLO_REFUSED, exchange, verdict, true);
        break;
    case COMMAND_AUTH:
        happen(session, EVENT_AUTH_REFUSED, exchange, verdict, true);
        break;
    case COMMAND_STARTTLS:
        happen(session, EVENT_STARTTLS_REFUSED, exchange, verdict, true);
        break;
    default:
        break;
    }
}

/* Remembers what an accepted command changed. */
static void remember_acceptance(struct session *session, const struct exchange *exchange,
                                const struct verdict *verdict)
{
    switch (exchange->command) {
    case COMMAND_CONNECT:
    case COMMAND_XCLIENT:
        happen(session, EVENT_START, exchange, verdict, true);
        break;
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        happen(session, EVENT_BEGIN, exchange, verdict, true);
        forget(session, EVENT_RCPT_REFUSED);
        forget(session, EVENT_REFUSED);
        break;
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        happen(session, EVENT_HELLO, exchange, verdict, true);
        offer_read(session, exchange);
        break;
    case COMMAND_RCPT:
        forget(session, EVENT_REFUSED); /* the client went on with the transaction */
        break;
    case COMMAND_AUTH:
        if (session_lists_nothing(session))
            session->offer = OFFER_UNKNOWN; /* the reply to EHLO is not all in the recording */
        happen(session, EVENT_AUTH, exchange, verdict, true);
        forget(session, EVENT_AUTH_REFUSED);
        break;
    case COMMAND_STARTTLS:
        happen(session, EVENT_STARTTLS, exchange, verdict, true);
        forget(session, EVENT_STARTTLS_REFUSED);
        forget(session, EVENT_AUTH_REFUSED);
        happen(session, EVENT_START, exchange, verdict, true);
        session->offer = OFFER_UNKNOWN; /* RFC 3207 4.2: what EHLO said is forgotten */
        break;
    case COMMAND_QUIT:
        happen(session, EVENT_CLOSING, exchange, verdict, true);
        break;
    default:
        break;
    }
}

/* The recording begins in the middle, with a command that the server calls out of order: the
 * session is in the state that makes it so. Which one, only the server's words can tell. */
static void enter_out_of_order(struct session *session, const struct exchange *exchange)
{
    static const char *const nested[] = {"nested", "already", "duplicate", "in progress"};
    static const char *const hello[] = {"helo", "ehlo", "hello"};
    struct machine *machine = &session->machine;
    struct slice text = slice_head(exchange->replies[exchange->reply_count - 1].text, 200);
    bool again;
    switch (exchange->command) {
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        again = MENTIONS(text, nested);
        if (again == MENTIONS(text, hello))
            machine_enter(machine, COMMAND_MAIL); /* "You already said HELO" is about another */
        else if (again)
            machine_enter(machine, COMMAND_RCPT);
        else
            machine_play(machine, COMMAND_CONNECT, OUTCOME_OK);
        break;
    case COMMAND_AUTH:
        machine_enter(machine, COMMAND_MAIL);
        machine_play(machine, COMMAND_AUTH, OUTCOME_OK);
        break;
    case COMMAND_STARTTLS:
        machine_enter(machine, COMMAND_MAIL);
        machine_play(machine, COMMAND_STARTTLS, OUTCOME_OK);
        machine_play(machine, COMMAND_EHLO, OUTCOME_OK);
        break;
    case COMMAND_ETRN:
        machine_enter(machine, MENTIONS(text, nested) ? COMMAND_RCPT : COMMAND_MAIL);
        break;
    default:
        machine_enter(machine, COMMAND_MAIL);
        break;
    }
}

/* The first exchange of a recording that has no greeting. A hello may always come first, and so may
 * anything in a client's script, which is all there is of its session. Otherwise the recording
 * begins in the middle: what the server took was in order, and what it called out of order was
 * not. */
static void enter(struct session *session, const struct exchange *exchange)
{
    session->entered = true;
    if (exchange->command == COMMAND_CONNECT)
        return;
    bool hello = command_is_hello(exchange->command);
    int code = exchange_code(exchange);
    if (session->from_start || hello || (exchange->flags & EXCHANGE_ASSUMED)) {
        machine_play(&session->machine, COMMAND_CONNECT, OUTCOME_OK);
        return;
    }
    session->from_middle = session->after_auth = true;
    if (code == 503)
        enter_out_of_order(session, exchange);
    else
        machine_enter(&session->machine, exchange->command);
}

/* Lines before it are left out: what would be out of order is taken for in order, as at the beginning. */
static void enter_after_gap(struct session *session, const struct exchange *exchange)
{
    session->offer = OFFER_UNKNOWN;
    if (!(machine_expects(&session->machine) & COMMAND_BIT(exchange->command)) &&
        exchange_code(exchange) != 503)
        machine_enter(&session->machine, exchange->command);
}

/* How the exchange ended. What has no reply in a recording of both sides did not happen. In one of
 * the client's side, or where a reply is missing or cannot be read, it is taken to have succeeded
 * if it was in order. */
static enum outcome exchange_outcome(const struct exchange *exchange, bool legal)
{
    if (exchange->reply_count > 0) {
        enum outcome outcome = OUTCOME_REFUSED;
        /* LMTP: one accepted recipient makes the message delivered. */
        for (size_t i = 0; i < exchange->reply_count; i++) {
            outcome = outcome_of(exchange->replies[i].code);
            if (outcome == OUTCOME_OK)
                return outcome;
        }
        return outcome;
    }
    if (!(exchange->flags & (EXCHANGE_ASSUMED | EXCHANGE_GARBLED | EXCHANGE_MISSING)) || !legal)
        return OUTCOME_REFUSED;
    return exchange->command == COMMAND_DATA ? OUTCOME_GO : OUTCOME_OK;
}

/* The code of a server that follows the RFCs to the letter. */
static int predict(const struct verdict *verdict, const struct exchange *exchange)
{
    if (!verdict->legal) {
        bool over = verdict->state == STATE_QUIT || verdict->state == STATE_SHUT;
        if (over)
            return 0;
        bool garbage =
            exchange->command == COMMAND_UNKNOWN || exchange->command == COMMAND_END_OF_DATA;
        return garbage ? 500 : 503;
    }
    if (exchange->reply_count == 0)
        return 250;
    int code = exchange->replies[exchange->reply_count - 1].code;
    /* In order, so a strict server has no 503 for it; any other refusal has its own reason. */
    return code >= 400 && code != 503 ? code : 250;
}

/* Returns true if this can be the answer to a challenge: one word of base64 (RFC 4954 4). */
static bool can_be_answer(const struct exchange *exchange)
{
    struct slice word = exchange->verb;
    if (exchange->command != COMMAND_UNKNOWN || exchange->argument.size > 0 || word.size == 0 ||
        word.size % 4 != 0)
        return false;
    for (size_t i = 0; i < word.size; i++) {
        char c = ascii_upper(word.data[i]);
        if (!(c >= 'A' && c <= 'Z') && !ascii_digit(c) && c != '+' && c != '/' && c != '=')
            return false;
    }
    return true;
}

struct slice exchange_secret(const struct exchange *exchange, const struct verdict *verdict)
{
    if (verdict->secret)
        return exchange->verb;
    if (exchange->command != COMMAND_AUTH)
        return SLICE("");
    struct slice mechanism = slice_word(exchange->argument);
    return slice_trim(slice_after(exchange->argument, mechanism.size));
}

/* Returns true if all that is known of the reply is that the recording does not have it. */
static bool is_silent(const struct exchange *exchange)
{
    return exchange->reply_count == 0 &&
           !(exchange->flags & (EXCHANGE_ASSUMED | EXCHANGE_GARBLED | EXCHANGE_MISSING));
}

/* Returns true if the reply closes the connection. Some servers say 221 where 421 is meant
 * (Postfix to a message that is sent as commands). */
static bool closes(const struct exchange *exchange)
{
    int code = exchange_code(exchange);
    return code == 421 || (code == 221 && exchange->command != COMMAND_QUIT);
}

/* RFC 3207 4.2: inside TLS no STARTTLS is offered. A server that offers it, and agrees, has shut
 * TLS down before. */
static bool has_left_tls(const struct session *session, const struct exchange *exchange)
{
    return exchange->command == COMMAND_STARTTLS && exchange_code(exchange) == 220 &&
           session->offer == OFFER_LISTED && session_lists(session, SLICE("STARTTLS"));
}

void session_play(struct session *session, const struct exchange *exchange, struct verdict *verdict)
{
    struct machine *machine = &session->machine;
    if (!session->entered)
        enter(session, exchange);
    else if (exchange->flags & EXCHANGE_AFTER_GAP)
        enter_after_gap(session, exchange);
    if (has_left_tls(session, exchange))
        machine_end_tls(machine);
    *verdict = (struct verdict){
        .state = machine_state(machine),
        .security = machine_security(machine),
        .expected = machine_expects(machine),
    };
    verdict->secret = session->after_auth && can_be_answer(exchange);
    session->after_auth = exchange->command == COMMAND_AUTH || verdict->secret;
    session->offered_verb =
        exchange->command == COMMAND_UNKNOWN && offer_lists_verb(session, exchange->verb);
    /* What came of a command that was never answered is not known, and so neither is whether those
     * sent after it were in order. */
    bool silent = is_silent(exchange);
    bool over = verdict->state == STATE_QUIT || verdict->state == STATE_SHUT;
    verdict->unclear = silent && session->unanswered && !over;
    verdict->legal =
        (verdict->expected & COMMAND_BIT(exchange->command)) || verdict->unclear ||
        (session->offered_verb && verdict->state >= STATE_READY && verdict->state <= STATE_BDAT);
    session->unanswered = silent;
    enum outcome outcome = exchange_outcome(exchange, verdict->legal);
    verdict->outcome = outcome;
    verdict->taken = outcome == OUTCOME_OK || outcome == OUTCOME_GO;
    verdict->predicted = predict(verdict, exchange);
    if (!silent)
        machine_play(machine, exchange->command, outcome);
    if (closes(exchange))
        machine_close(machine);
    verdict->next = machine_state(machine);
}

void session_pass(struct session *session, const struct exchange *exchange, struct verdict *verdict)
{
    struct machine *machine = &session->machine;
    *verdict = (struct verdict){
        .state = machine_state(machine),
        .security = machine_security(machine),
        .expected = machine_expects(machine),
        .legal = true,
        .taken = true,
        .outcome = outcome_of(exchange_code(exchange)),
        .predicted = 250,
    };
    session->unanswered = session->offered_verb = false;
    machine_play(machine, exchange->command, verdict->outcome);
    verdict->next = machine_state(machine);
}

void session_remember(struct session *session, const struct exchange *exchange,
                      const struct verdict *verdict)
{
    if (verdict->taken)
        remember_acceptance(session, exchange, verdict);
    else
        remember_refusal(session, exchange, verdict);
    if (closes(exchange))
        happen(session, EVENT_CLOSING, exchange, verdict, true);
    bool restarted = exchange->command == COMMAND_RSET || command_is_hello(exchange->command);
    if (verdict->next == verdict->state && !(verdict->taken && restarted))
        return;
    bool no_transaction = !in_transaction(verdict->next);
    happen(session, EVENT_STATE, exchange, verdict, no_transaction || verdict->next == STATE_BDAT);
    if (no_transaction) {
        forget(session, EVENT_BEGIN_REFUSED);
        forget(session, EVENT_RCPT_REFUSED);
        forget(session, EVENT_REFUSED);
    }
}

void session_close(struct session *session, uint64_t line, int code)
{
    struct event *event = &session->history[EVENT_CLOSING];
    machine_close(&session->machine);
    events_reset(event, 1);
    event->happened = true;
    event->number = SIZE_MAX;
    event->copy.line = line;
    event->code = code;
    event->command = COMMAND_CONNECT;
}

size_t session_memory(const struct session *session)
{
    return session->keyword_capacity + events_memory(session->history, EVENT_COUNT);
}
