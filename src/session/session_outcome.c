/* session_outcome.c - finds the reply that decided a session.
 */
#include "session/session_outcome.h"

#include <stdlib.h>

#include "base/catalogue.h"

const char *session_result_name(enum session_result result)
{
    static const char *const names[RESULT_COUNT] = {
        [RESULT_DELIVERED] = N_("delivered"),
        [RESULT_REFUSED] = N_("refused"),
        [RESULT_ABANDONED] = N_("abandoned"),
        [RESULT_CUT] = N_("cut"),
    };
    return names[result];
}

const char *session_reason_name(enum session_reason reason)
{
    static const char *const names[REASON_COUNT] = {
        [REASON_QUIT_EARLY] = "quit-early",
        [REASON_QUIT_MIDDLE] = "quit-in-transaction",
        [REASON_QUIT_DONE] = "quit-without-message",
        [REASON_QUIT_NO_WAIT] = "quit-without-waiting",
        [REASON_NO_REPLY] = "no-reply",
        [REASON_UNFINISHED] = "unfinished",
        [REASON_TLS] = "inside-tls",
        [REASON_ENDS] = "ends",
    };
    return names[reason];
}

int64_t time_out_of(enum command command)
{
    const int64_t minute = 60 * 1000;
    switch (command) {
    case COMMAND_DATA:
        return 2 * minute;
    case COMMAND_CONNECT:
    case COMMAND_MAIL:
    case COMMAND_RCPT:
        return 5 * minute;
    case COMMAND_END_OF_DATA:
    case COMMAND_BDAT_LAST: /* ends a message as well */
        return 10 * minute;
    default:
        return 0;
    }
}

static bool ends_message(enum command command)
{
    const command_set ends = COMMAND_BIT(COMMAND_END_OF_DATA) | COMMAND_BIT(COMMAND_BDAT_LAST) |
                             COMMAND_BIT(COMMAND_BURL_LAST);
    return ends >> command & 1;
}

static bool has_sent(const struct outcome_watch *watch, command_set commands)
{
    return (watch->sent & commands) != 0;
}

static bool was_offered(const struct outcome_watch *watch, enum extension extension)
{
    return watch->offered >> extension & 1;
}

static bool has_refusal(const struct outcome_watch *watch, enum refusal_kind kind)
{
    return watch->refusals[kind] && watch->refusals[kind]->line > 0;
}

/* A later success makes up for the refusal. */
static void forget(struct outcome_watch *watch, enum refusal_kind kind)
{
    if (watch->refusals[kind])
        watch->refusals[kind]->line = 0;
}

static enum refusal_kind kind_of(enum command command)
{
    switch (command) {
    case COMMAND_CONNECT:
        return REFUSAL_GREETING;
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        return REFUSAL_HELLO;
    case COMMAND_STARTTLS:
        return REFUSAL_STARTTLS;
    case COMMAND_AUTH:
        return REFUSAL_AUTH;
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        return REFUSAL_MAIL;
    case COMMAND_RCPT:
        return REFUSAL_RCPT;
    case COMMAND_DATA:
    case COMMAND_BDAT:
    case COMMAND_BURL:
        return REFUSAL_DATA;
    case COMMAND_END_OF_DATA:
    case COMMAND_BDAT_LAST:
    case COMMAND_BURL_LAST:
        return REFUSAL_MESSAGE;
    default:
        return REFUSAL_OTHER;
    }
}

void outcome_begin(struct outcome_watch *watch)
{
    struct outcome_watch fresh = {0};
    for (int i = 0; i < REFUSAL_KINDS; i++) {
        fresh.refusals[i] = watch->refusals[i];
        forget(watch, (enum refusal_kind)i);
    }
    *watch = fresh;
}

void outcome_free(struct outcome_watch *watch)
{
    for (int i = 0; i < REFUSAL_KINDS; i++)
        free(watch->refusals[i]);
}

size_t outcome_memory(const struct outcome_watch *watch)
{
    size_t sum = 0;
    for (int i = 0; i < REFUSAL_KINDS; i++)
        sum += watch->refusals[i] ? sizeof *watch->refusals[i] : 0;
    return sum;
}

/* Keeps the first refusal of its kind. */
static void keep(struct outcome_watch *watch, enum refusal_kind kind, uint64_t line,
                 enum command command, const struct reply *reply)
{
    if (has_refusal(watch, kind))
        return;
    struct refusal *kept = watch->refusals[kind];
    if (!kept)
        kept = watch->refusals[kind] = malloc(sizeof *kept);
    if (!kept) {
        watch->no_memory = true;
        return;
    }
    struct slice text = slice_head(reply->text, OUTCOME_TEXT);
    *kept = (struct refusal){.line = line,
                             .reply_line = reply->line,
                             .command = command,
                             .code = reply->code,
                             .size = (unsigned char)text.size};
    if (text.size > 0)
        memcpy(kept->text, text.data, text.size);
}

static void refused(struct outcome_watch *watch, const struct exchange *exchange,
                    const struct verdict *verdict)
{
    const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
    enum refusal_kind kind = kind_of(exchange->command);
    if (kind == REFUSAL_RCPT && verdict->state == STATE_RCPT) {
        watch->recipients_refused++;
        kind = REFUSAL_PART;
    } else if (kind == REFUSAL_RCPT && !has_refusal(watch, kind)) {
        watch->rcpt_transaction = watch->transaction;
    }
    keep(watch, kind, exchange->location.line, exchange->command, reply);
}

/* A recipient is accepted: what was refused before it in this transaction cost only a part. */
static void accept_recipient(struct outcome_watch *watch)
{
    struct refusal **whole = &watch->refusals[REFUSAL_RCPT];
    if (!has_refusal(watch, REFUSAL_RCPT) || watch->rcpt_transaction != watch->transaction)
        return;
    if (!has_refusal(watch, REFUSAL_PART)) {
        free(watch->refusals[REFUSAL_PART]);
        watch->refusals[REFUSAL_PART] = *whole;
        *whole = NULL;
    }
    watch->recipients_refused++;
    forget(watch, REFUSAL_RCPT);
}

static void accepted(struct outcome_watch *watch, const struct exchange *exchange)
{
    enum refusal_kind kind = kind_of(exchange->command);
    switch (kind) {
    case REFUSAL_RCPT:
        accept_recipient(watch);
        break;
    case REFUSAL_MESSAGE:
        watch->delivered++;
        watch->delivered_line = exchange->location.line;
        break;
    case REFUSAL_MAIL:
        watch->transaction++;
        forget(watch, kind);
        break;
    case REFUSAL_HELLO:
    case REFUSAL_STARTTLS:
    case REFUSAL_AUTH:
        forget(watch, kind);
        break;
    default:
        break;
    }
}

/* What the last EHLO has offered is known when the next command comes. */
static void note_offer(struct outcome_watch *watch, const struct session *session)
{
    watch->offered |= session->extensions;
    if (session_offers(session, EXTENSION_AUTH))
        watch->auth_line = watch->hello_line;
    if (session_offers(session, EXTENSION_STARTTLS))
        watch->starttls_line = watch->hello_line;
}

void outcome_exchange(struct outcome_watch *watch, const struct session *session,
                      const struct exchange *exchange, const struct verdict *verdict)
{
    enum command command = exchange->command;
    bool answered = exchange->reply_count > 0;
    if (exchange->flags & EXCHANGE_ASSUMED)
        watch->assumed = true;
    watch->sent |= COMMAND_BIT(command);
    watch->greeted = watch->greeted || command == COMMAND_CONNECT;
    watch->answered = watch->answered || answered;
    if (session->offer == OFFER_LISTED)
        note_offer(watch, session);
    if (command_is_hello(command) && answered)
        watch->hello_line = exchange->replies[0].line;
    if (command == COMMAND_QUIT && watch->quit_line == 0) {
        watch->quit_line = exchange->location.line;
        watch->quit_answered = exchange->answered;
    }
    if (ends_message(command) && !answered) {
        watch->message_line = exchange->location.line;
        watch->message_number = exchange->number;
    }
    if (answered && verdict->times.waited > watch->slowest.waited)
        watch->slowest = (struct slow_step){exchange->location.line, command, verdict->times.waited,
                                            verdict->times.timing == TIMING_LATE};
    watch->last.line = exchange->location.line;
    watch->last.command = command;
    watch->last.answered = answered;
    watch->last.state = command == COMMAND_QUIT ? verdict->state : verdict->next;
    if (!answered || (exchange->flags & (EXCHANGE_MISFIT | EXCHANGE_GARBLED)))
        return;
    /* LMTP answers a message once for each recipient: one that is taken delivers it (RFC 2033 4.2). */
    if (verdict->outcome == OUTCOME_OK)
        accepted(watch, exchange);
    else if (verdict->outcome != OUTCOME_GO)
        refused(watch, exchange, verdict);
}

void outcome_closing(struct outcome_watch *watch, const struct stray *stray)
{
    keep(watch, REFUSAL_GREETING, stray->location.line, COMMAND_CONNECT, &stray->reply);
}

/* The refusal that comes first. Where a message was delivered, what a login or TLS would have been for
 * was not in its way. */
static const struct refusal *first_refusal(const struct outcome_watch *watch)
{
    const struct refusal *first = NULL;
    for (int i = 0; i < REFUSAL_OTHER; i++) {
        const struct refusal *refusal = watch->refusals[i];
        bool counts = has_refusal(watch, (enum refusal_kind)i) &&
                      (watch->delivered == 0 || i >= REFUSAL_MAIL);
        if (counts && (!first || refusal->line < first->line))
            first = refusal;
    }
    if (!first && watch->delivered == 0 && has_refusal(watch, REFUSAL_OTHER))
        first = watch->refusals[REFUSAL_OTHER];
    return first;
}

static bool in_transaction(enum session_state state)
{
    return state == STATE_MAIL || state == STATE_REFUSED || state == STATE_RCPT ||
           state == STATE_BDAT || state == STATE_CONTENT;
}

/* Returns true if a connection was made, and the client heard nothing before it gave up. */
static bool is_silent(const struct outcome_watch *watch)
{
    return watch->from_start && !watch->greeted && !watch->answered &&
           (watch->sent & ~COMMAND_BIT(COMMAND_QUIT)) == 0;
}

/* How the session ended. */
static void find_reason(const struct outcome_watch *watch, const struct session_end *end,
                        struct session_outcome *outcome)
{
    outcome->line = watch->last.line;
    outcome->command = watch->last.command;
    bool quit = watch->quit_line > 0;
    if (is_silent(watch)) {
        outcome->reason = REASON_NO_REPLY;
        outcome->command = COMMAND_CONNECT;
    } else if (watch->message_line > 0 && quit && watch->quit_answered <= watch->message_number) {
        outcome->reason = REASON_QUIT_NO_WAIT;
        outcome->line = watch->quit_line;
    } else if (watch->message_line > 0) {
        outcome->reason = REASON_NO_REPLY;
        outcome->command = COMMAND_END_OF_DATA;
        outcome->line = watch->message_line;
    } else if (quit) {
        bool open = watch->last.command == COMMAND_QUIT && in_transaction(watch->last.state);
        outcome->reason = open                             ? REASON_QUIT_MIDDLE
                          : has_sent(watch, MAIL_COMMANDS) ? REASON_QUIT_DONE
                                                           : REASON_QUIT_EARLY;
        outcome->line = watch->quit_line;
    } else if (end->truncated) {
        outcome->reason = REASON_UNFINISHED;
        outcome->line = end->location.line;
    } else if (watch->last.command == COMMAND_STARTTLS && watch->last.answered) {
        outcome->reason = REASON_TLS;
    } else {
        outcome->reason = watch->last.answered ? REASON_ENDS : REASON_NO_REPLY;
    }
}

struct session_outcome outcome_of_session(const struct outcome_watch *watch,
                                          const struct session_end *end)
{
    struct session_outcome outcome = {.delivered = watch->delivered,
                                      .greeting_waited = -1,
                                      .recipients_refused = watch->recipients_refused,
                                      .slowest = watch->slowest};
    if (watch->assumed || watch->last.line == 0)
        return outcome;
    const struct refusal *refusal = first_refusal(watch);
    find_reason(watch, end, &outcome);
    bool by_client =
        (outcome.reason >= REASON_QUIT_EARLY && outcome.reason <= REASON_QUIT_NO_WAIT) ||
        is_silent(watch);
    outcome.result = watch->delivered > 0 ? RESULT_DELIVERED
                     : refusal            ? RESULT_REFUSED
                     : by_client          ? RESULT_ABANDONED
                                          : RESULT_CUT;
    if (refusal) {
        outcome.refusal = *refusal;
        outcome.line = refusal->line;
    } else if (watch->delivered > 0) {
        outcome.line = watch->delivered_line;
    }
    bool unfinished = in_transaction(watch->last.state) || watch->message_line > 0;
    if (refusal || (watch->delivered > 0 && !unfinished))
        outcome.reason = REASON_NONE;
    if (was_offered(watch, EXTENSION_AUTH) && !has_sent(watch, COMMAND_BIT(COMMAND_AUTH)))
        outcome.auth_unused = watch->auth_line;
    if (was_offered(watch, EXTENSION_STARTTLS) && !has_sent(watch, COMMAND_BIT(COMMAND_STARTTLS)))
        outcome.starttls_unused = watch->starttls_line;
    return outcome;
}
