/* server.c - which row of its table an exchange is for a server.
 */
#include "session/server.h"

void server_start(struct server_replay *replay, const struct server_table *table)
{
    *replay = (struct server_replay){.table = table, .measured = true};
}

/* How a command fares at any server that takes it where it stands. */
enum fate { FATE_OK, FATE_REFUSED, FATE_BAD };

/* The refusals that say nothing about order, as the recording has them. A refusal that belongs to
 * the recording's server alone (out of order there, a command it does not have, a login it wants
 * first) is none elsewhere. */
static enum fate fate_of(const struct exchange *exchange, const struct verdict *verdict)
{
    enum command command = exchange->command;
    bool path = command == COMMAND_MAIL || command == COMMAND_RCPT;
    if ((command_is_hello(command) && exchange->argument.size == 0) || (path && !exchange->real))
        return FATE_BAD;
    if (exchange->reply_count == 0 || verdict->taken)
        return FATE_OK;
    switch (exchange->replies[exchange->reply_count - 1].code) {
    case 500:
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

/* The row's event; SERVER_EVENT_COUNT for commands that were not measured. */
static enum server_event event_of(const struct exchange *exchange, enum fate fate)
{
    static const enum server_event mail[] = {SERVER_MAIL_OK, SERVER_MAIL_REFUSED, SERVER_MAIL_BAD};
    static const enum server_event rcpt[] = {SERVER_RCPT_OK, SERVER_RCPT_REFUSED, SERVER_RCPT_BAD};
    switch (exchange->command) {
    case COMMAND_HELO:
        return fate == FATE_BAD ? SERVER_HELO_BAD : SERVER_HELO_OK;
    case COMMAND_EHLO:
        return fate == FATE_BAD ? SERVER_EHLO_BAD : SERVER_EHLO_OK;
    case COMMAND_MAIL:
        return mail[fate];
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

/* Whether the server is reading a message: its state has rows for the dot. */
static bool reads_content(const struct server_replay *replay)
{
    return row_at(replay, SERVER_DOT_OK)->code != 0;
}

/* A server that wants TLS or a login first (RFC 4954 6): a matter of its settings, not of order. */
static bool wants_more(int code)
{
    return code == 523 || code == 530 || code == 534 || code == 538;
}

struct prediction server_predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, bool middle)
{
    struct prediction nothing = {0};
    if (exchange->command == COMMAND_CONNECT)
        return (struct prediction){.code = verdict->taken ? 250 : 0};
    if (middle || exchange->command == COMMAND_LHLO)
        replay->measured = false;
    if (!replay->measured)
        return nothing;
    enum fate fate = fate_of(exchange, verdict);
    enum server_event event = event_of(exchange, fate);
    if (event == SERVER_EVENT_COUNT)
        return nothing;
    bool dot = event == SERVER_DOT_OK || event == SERVER_DOT_REFUSED;
    if (dot && !reads_content(replay))
        return nothing;                /* it had refused DATA, so that no dot would have followed */
    if (!dot && reads_content(replay)) /* it had taken DATA: the message would have followed */
        replay->state = row_at(replay, SERVER_DOT_OK)->next;
    const struct server_row *row = row_at(replay, event);
    /* What the server says when there is nothing against the command but its place. */
    enum server_event plain_event = event_of(exchange, FATE_OK);
    const struct server_row *plain = row_at(replay, plain_event);
    if (row->code == 0)
        return nothing;
    replay->state = row->next;
    int recorded = exchange_code(exchange);
    /* Where the recording's server had another reason, the usual code stands for this one's. */
    if (row->code == SERVER_CODE_RECORDED && (recorded < 400 || recorded == 503))
        recorded = fate == FATE_BAD ? 501 : 550;
    if (row->code == SERVER_CODE_RECORDED)
        return (struct prediction){.code = recorded};
    if (row->code < 400)
        return (struct prediction){.code = 250, .text = row->text};
    return (struct prediction){
        .code = row->code,
        .for_order = plain->code == row->code && !replay->table->lacks[plain_event] &&
                     !wants_more(row->code),
        .text = row->text,
    };
}
