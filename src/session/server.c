/* server.c - finds the row of a server's table for an exchange.
 */
#include "session/server.h"

void server_start(struct server_replay *replay, const struct server_table *table)
{
    *replay = (struct server_replay){.table = table, .measured = true};
}

/* What becomes of a command at any server that takes it in its state. */
enum fate { FATE_OK, FATE_REFUSED, FATE_BAD };

/* Every server has these: a 500 is about how they were written. */
#define CORE_COMMANDS                                                                    \
    (COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT) | COMMAND_BIT(COMMAND_DATA) | \
     COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_NOOP) | COMMAND_BIT(COMMAND_QUIT) | \
     COMMAND_BIT(COMMAND_HELO))

/* The refusals that say nothing about order, as the recording has them. A refusal that belongs
 * to the recording's server alone (out of order there, a command it does not have, a login it
 * wants first) is none elsewhere. */
static enum fate fate_of(const struct exchange *exchange, const struct verdict *verdict)
{
    enum command command = exchange->command;
    bool path = command == COMMAND_MAIL || command == COMMAND_RCPT;
    if ((command_is_hello(command) && exchange->argument.size == 0) ||
        (path && !exchange_looks_real(exchange)))
        return FATE_BAD;
    if (exchange->reply_count == 0 || verdict->taken)
        return FATE_OK;
    switch (exchange_code(exchange)) {
    case 500:
        return verdict->legal && (CORE_COMMANDS & COMMAND_BIT(command)) ? FATE_BAD : FATE_OK;
    case 502:
    case 503:
    case 523:
    case 530:
    case 538:
        return FATE_OK;
    case 554: /* no valid recipients, already in TLS, or a reason of its own */
        return verdict->legal ? FATE_REFUSED : FATE_OK;
    case 501:
    case 555:
        return FATE_BAD;
    default:
        return FATE_REFUSED;
    }
}

/* Returns the event of the row; SERVER_EVENT_COUNT for commands that were not measured. */
static enum server_event event_of(const struct exchange *exchange, enum fate fate)
{
    int code = exchange_code(exchange);
    static const enum server_event mail[] = {SERVER_MAIL_OK, SERVER_MAIL_REFUSED, SERVER_MAIL_BAD};
    static const enum server_event rcpt[] = {SERVER_RCPT_OK, SERVER_RCPT_REFUSED, SERVER_RCPT_BAD};
    switch (exchange->command) {
    case COMMAND_HELO:
        return fate == FATE_BAD ? SERVER_HELO_BAD : SERVER_HELO_OK;
    case COMMAND_EHLO:
        return fate == FATE_BAD ? SERVER_EHLO_BAD : SERVER_EHLO_OK;
    case COMMAND_MAIL:
        /* 534 is Courier's. */
        return fate == FATE_REFUSED && (code == 552 || code == 534) ? SERVER_MAIL_SIZE : mail[fate];
    case COMMAND_RCPT:
        return rcpt[fate];
    case COMMAND_DATA:
        return SERVER_DATA;
    case COMMAND_END_OF_DATA:
        return fate == FATE_OK ? SERVER_DOT_OK : SERVER_DOT_REFUSED;
    case COMMAND_BDAT:
        return SERVER_BDAT;
    case COMMAND_BDAT_LAST:
        return SERVER_BDAT_LAST;
    case COMMAND_RSET:
        return SERVER_RSET;
    case COMMAND_NOOP:
        return SERVER_NOOP;
    case COMMAND_VRFY:
        return SERVER_VRFY;
    case COMMAND_EXPN:
        return SERVER_EXPN;
    case COMMAND_HELP:
        return SERVER_HELP;
    case COMMAND_AUTH:
        return fate == FATE_OK ? SERVER_AUTH_OK : SERVER_AUTH_REFUSED;
    case COMMAND_STARTTLS:
        return SERVER_STARTTLS;
    case COMMAND_QUIT:
        return SERVER_QUIT;
    case COMMAND_UNKNOWN:
        return SERVER_UNKNOWN;
    default:
        return SERVER_EVENT_COUNT;
    }
}

static const struct server_row *row_at(const struct server_replay *replay, enum server_event event)
{
    return &replay->table->states[replay->state].rows[event];
}

/* Returns true if the server is reading a message: its state has rows for the dot. */
static bool reads_content(const struct server_replay *replay)
{
    return row_at(replay, SERVER_DOT_OK)->code != 0;
}

/* A server that wants TLS or a login first (RFC 4954 6): a matter of its settings, not of order. */
static bool wants_more(int code)
{
    return code == 523 || code == 530 || code == 534 || code == 538;
}

/* Commands that leave every session as it is, whatever the answer (RFC 5321 4.1.1.6 to 4.1.1.9). */
#define IDLE_COMMANDS                                                                    \
    (COMMAND_BIT(COMMAND_NOOP) | COMMAND_BIT(COMMAND_VRFY) | COMMAND_BIT(COMMAND_EXPN) | \
     COMMAND_BIT(COMMAND_HELP))

/* Commands that may come before others in a pipelined group (RFC 2920 3.1, RFC 3030 4.2). */
#define GROUPED_COMMANDS                                                                 \
    (COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_SEND) | COMMAND_BIT(COMMAND_SOML) | \
     COMMAND_BIT(COMMAND_SAML) | COMMAND_BIT(COMMAND_RCPT) | COMMAND_BIT(COMMAND_RSET) | \
     COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_BDAT_LAST))

/* Returns true if the command was sent too early: before the greeting, or before the reply to
 * one that has to be waited for. In a group that is allowed servers answer as they do one by
 * one. */
static bool sent_too_early(const struct server_replay *replay, const struct exchange *exchange,
                           const struct session *session)
{
    if (exchange->flags & EXCHANGE_BEFORE_GREETING)
        return true;
    if ((exchange->flags & EXCHANGE_ASSUMED) || exchange->answered >= exchange->number)
        return false;
    return !session_offers(session, EXTENSION_PIPELINING) ||
           !(GROUPED_COMMANDS & COMMAND_BIT(replay->command));
}

/* Returns true if the table can say nothing about this exchange and what follows it. */
static bool leaves_the_table(const struct server_replay *replay, const struct exchange *exchange,
                             const struct verdict *verdict, const struct session *session)
{
    const command_set no_change = COMMAND_BIT(COMMAND_ETRN) | COMMAND_BIT(COMMAND_XFORWARD);
    bool unknown = event_of(exchange, FATE_OK) == SERVER_EVENT_COUNT;
    return session->from_middle || exchange_code(exchange) == 421 ||
           sent_too_early(replay, exchange, session) ||
           (unknown && verdict->taken && !(no_change & COMMAND_BIT(exchange->command)));
}

/* The greeting: a session that begins with a refusal was not measured. */
static struct prediction predict_greeting(struct server_replay *replay,
                                          const struct exchange *exchange,
                                          const struct verdict *verdict)
{
    replay->measured = verdict->taken;
    if (exchange->reply_count > 0 && replay->table->banner.size > 0)
        replay->recorded = slice_contains(exchange->replies[0].text, replay->table->banner);
    return (struct prediction){.code = verdict->taken ? 250 : PREDICTION_NOT_MEASURED};
}

/* The server's answer by the row of the event, and the state after it. */
static struct prediction follow_row(struct server_replay *replay, const struct exchange *exchange,
                                    const struct verdict *verdict, enum fate fate)
{
    enum server_event event = event_of(exchange, fate);
    enum server_event plain_event = event_of(exchange, FATE_OK);
    const struct server_table *table = replay->table;
    const struct server_row *row = row_at(replay, event);
    int recorded = exchange_code(exchange);
    if (row->code == 0)
        return (struct prediction){.code = PREDICTION_NO_ANSWER};
    /* It is a matter of settings whether a login or TLS is wanted first: the recorded server's are
     * not those that were measured. */
    bool other_settings = verdict->legal && wants_more(recorded) && row->code < 400;
    if (row->code == SERVER_CODE_UNMEASURED || other_settings) {
        replay->measured = IDLE_COMMANDS & COMMAND_BIT(exchange->command) && !other_settings;
        return (struct prediction){.code = PREDICTION_NOT_MEASURED};
    }
    if (event == plain_event && fate != FATE_OK && row->code < 400) {
        /* Refused for a reason that has nothing to do with order: it changes nothing. Only what
         * becomes of a message whose chunk was refused, servers disagree about. */
        replay->measured = event != SERVER_BDAT && event != SERVER_BDAT_LAST;
        return (struct prediction){.code = recorded};
    }
    /* What the server says when there is nothing against the command but its state. */
    int plain_code = row_at(replay, plain_event)->code;
    replay->state = row->next;
    /* Where the recording's server had another reason, the usual code stands for this one's. */
    if (row->code == SERVER_CODE_RECORDED && (recorded < 400 || recorded == 503))
        recorded = fate == FATE_BAD ? 501 : 550;
    if (row->code == SERVER_CODE_RECORDED)
        return (struct prediction){.code = recorded};
    if (row->code < 400)
        return (struct prediction){.code = 250, .text = row->text};
    return (struct prediction){
        .code = row->code,
        .for_order =
            plain_code == row->code && !table->lacks[plain_event] && !wants_more(row->code),
        .text = row->text,
    };
}

/* Returns true if the prediction is not what the recorded server said. */
static bool contradicts(const struct prediction *said, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    if (exchange->reply_count == 0)
        return false;
    return said->code != (verdict->taken ? 250 : exchange_code(exchange));
}

static struct prediction predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, const struct session *session)
{
    const struct prediction nothing = {.code = PREDICTION_NOT_MEASURED};
    if (exchange->command == COMMAND_CONNECT)
        return predict_greeting(replay, exchange, verdict);
    if (leaves_the_table(replay, exchange, verdict, session))
        replay->measured = false;
    enum fate fate = fate_of(exchange, verdict);
    enum server_event event = event_of(exchange, fate);
    if (!replay->measured || event == SERVER_EVENT_COUNT)
        return nothing;
    bool dot = event == SERVER_DOT_OK || event == SERVER_DOT_REFUSED;
    if (dot && !reads_content(replay))
        return nothing;                /* it had refused DATA, so that no dot would have followed */
    if (!dot && reads_content(replay)) /* it had taken DATA: the message would have followed */
        replay->state = row_at(replay, SERVER_DOT_OK)->next;
    struct prediction said = follow_row(replay, exchange, verdict, fate);
    if (!replay->recorded || !contradicts(&said, exchange, verdict))
        return said;
    replay->measured = false;
    return nothing;
}

struct prediction server_predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, const struct session *session)
{
    struct prediction said = predict(replay, exchange, verdict, session);
    replay->command = exchange->command;
    return said;
}
