/* server.c - finds the row of a server's table for an exchange.
 */
#include "session/server.h"

#include "session/server_limits.h"

void server_start(struct server_replay *replay, const struct server_table *table)
{
    *replay = (struct server_replay){.table = table, .measured = true};
}

/* The outcome of a command at a server that accepts it in its state. */
enum fate { FATE_OK, FATE_REFUSED, FATE_BAD };

/* Every server has these: a 500 is about how they were written. */
#define CORE_COMMANDS                                                                    \
    (COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT) | COMMAND_BIT(COMMAND_DATA) | \
     COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_NOOP) | COMMAND_BIT(COMMAND_QUIT) | \
     COMMAND_BIT(COMMAND_HELO))

/* Returns true if the recorded server has refused the command because more was sent after it. Others
 * may not mind. */
static bool punishes_pipelining(const struct exchange *exchange)
{
    static const char *const words[] = {"ynchronization", "ipelining"};
    const struct slice text = exchange->replies[exchange->reply_count - 1].text;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((exchange->flags & EXCHANGE_FOLLOWED) && slice_contains(text, slice_of(words[i])))
            return true;
    return false;
}

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
    if (exchange->reply_count == 0 || verdict->taken || punishes_pipelining(exchange))
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
    case COMMAND_LHLO:
        return fate == FATE_BAD ? SERVER_LHLO_BAD : SERVER_LHLO_OK;
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
        return exchange->verb.size > 1 && exchange->verb.data[exchange->verb.size - 1] == ':'
                   ? SERVER_TEXT
                   : SERVER_UNKNOWN;
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

static bool is_dot(enum server_event event)
{
    return event == SERVER_DOT_OK || event == SERVER_DOT_REFUSED;
}

/* The event at this server: where neither side reads a message, a dot is a command like any other. */
static enum server_event event_here(const struct server_replay *replay,
                                    const struct exchange *exchange, const struct verdict *verdict,
                                    enum fate fate)
{
    enum server_event event = event_of(exchange, fate);
    bool stray = is_dot(event) && !reads_content(replay) && verdict->state != STATE_CONTENT;
    return stray ? SERVER_TEXT : event;
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
#define GROUPED_COMMANDS                                                     \
    (MAIL_COMMANDS | COMMAND_BIT(COMMAND_RCPT) | COMMAND_BIT(COMMAND_RSET) | \
     COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_BDAT_LAST))

/* Returns true if the command was sent too early: before the greeting, or before the reply to
 * one that has to be waited for. In a group that is allowed servers answer as they do one by
 * one. */
static bool sent_too_early(const struct server_replay *replay, const struct exchange *exchange,
                           const struct session *session)
{
    if (replay->table->pipelining_measured)
        return false;
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
    enum command command = exchange->command;
    bool hello = command == COMMAND_EHLO || command == COMMAND_HELO;
    bool other_protocol = replay->table->lmtp ? hello : command == COMMAND_LHLO;
    bool unknown = event_of(exchange, FATE_OK) == SERVER_EVENT_COUNT || other_protocol;
    return session->from_middle || exchange_code(exchange) == 421 ||
           sent_too_early(replay, exchange, session) ||
           (unknown && verdict->taken && !(no_change & COMMAND_BIT(exchange->command)));
}

/* The answer of a row of the block `pipelined`, and the state after it. It says nothing of order. */
static struct prediction follow_together(struct server_replay *replay, enum server_together which)
{
    const struct server_row *row = &replay->table->together[which];
    if (row->own)
        replay->state = row->next;
    if (row->code == SERVER_CODE_UNMEASURED) {
        replay->measured = false;
        return (struct prediction){.code = PREDICTION_NOT_MEASURED};
    }
    if (row->code == SERVER_CODE_NONE)
        return (struct prediction){.code = PREDICTION_NO_ANSWER};
    return (struct prediction){.code = row->code < 400 ? 250 : row->code, .text = row->text};
}

/* Returns the row of the block `pipelined` that decides; SERVER_TOGETHER_COUNT where the command is
 * answered as if it had come alone. */
static enum server_together together_row(const struct server_replay *replay,
                                         const struct exchange *exchange, enum server_event event)
{
    const struct server_row *rows = replay->table->together;
    bool followed = (exchange->flags & EXCHANGE_FOLLOWED) || exchange->early.line > 0;
    if (rows[TOGETHER_AFTER_DOT].code != 0 && exchange->answered < replay->dot)
        return TOGETHER_AFTER_DOT;
    if (rows[TOGETHER_AFTER_STARTTLS].code != 0 && exchange->answered < replay->starttls)
        return TOGETHER_AFTER_STARTTLS;
    if (!followed || event == SERVER_EVENT_COUNT)
        return SERVER_TOGETHER_COUNT;
    if (!replay->extended && rows[TOGETHER_FOLLOWED_HELO + event].code != 0)
        return TOGETHER_FOLLOWED_HELO + event;
    int alone = row_at(replay, event)->code;
    if (rows[TOGETHER_FOLLOWED_TAKEN + event].code != 0 && alone > 0 && alone < 400)
        return TOGETHER_FOLLOWED_TAKEN + event;
    return rows[TOGETHER_FOLLOWED + event].code != 0 ? TOGETHER_FOLLOWED + event
                                                     : SERVER_TOGETHER_COUNT;
}

/* The greeting: a session that begins with a refusal was not measured. */
static struct prediction predict_greeting(struct server_replay *replay,
                                          const struct exchange *exchange,
                                          const struct verdict *verdict)
{
    const struct server_row *early = &replay->table->together[TOGETHER_EARLY];
    replay->measured = verdict->taken || exchange_code(exchange) == early->code;
    if (exchange->reply_count > 0 && replay->table->banner.size > 0)
        replay->recorded = slice_contains(exchange->replies[0].text, replay->table->banner);
    if (replay->measured && (exchange->flags & EXCHANGE_FOLLOWED) && early->code != 0)
        return follow_together(replay, TOGETHER_EARLY);
    return (struct prediction){.code = verdict->taken ? 250 : PREDICTION_NOT_MEASURED};
}

/* The server's answer by the row of the event, and the state after it. */
static struct prediction follow_row(struct server_replay *replay, const struct exchange *exchange,
                                    const struct verdict *verdict, enum fate fate)
{
    enum server_event event = event_here(replay, exchange, verdict, fate);
    enum server_event plain_event = event_here(replay, exchange, verdict, FATE_OK);
    const struct server_table *table = replay->table;
    const struct server_row *row = row_at(replay, event);
    int recorded = exchange_code(exchange);
    if (row->code == SERVER_CODE_NONE)
        replay->state = row->next; /* it hangs up without a word */
    if (row->code == 0 || row->code == SERVER_CODE_NONE)
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
    /* It may read the octets of a chunk that it refuses as commands: then their replies come before
     * those to what was sent behind the chunk. */
    bool chunk = (event == SERVER_BDAT || event == SERVER_BDAT_LAST) &&
                 !slice_starts(exchange->argument, SLICE("0"));
    if (chunk && row->code >= 400 && (exchange->flags & EXCHANGE_FOLLOWED))
        replay->measured = false;
    /* Where the recording's server had another reason, the usual code stands for this one's. */
    if (row->code == SERVER_CODE_RECORDED && (recorded < 400 || recorded == 503))
        recorded = fate == FATE_BAD ? 501 : 550;
    if (row->code == SERVER_CODE_RECORDED)
        return (struct prediction){.code = recorded};
    /* A 221 to what is no QUIT is a refusal: the server hangs up on it. */
    bool hangs_up = row->code == 221 && event != SERVER_QUIT;
    if (row->code < 400 && !hangs_up)
        return (struct prediction){.code = 250, .text = row->text};
    return (struct prediction){
        .code = row->code,
        .for_order = !hangs_up && plain_code == row->code && !table->lacks[plain_event] &&
                     !wants_more(row->code),
        .text = row->text,
    };
}

/* Returns true if the prediction is not what the recorded server said. */
static bool contradicts(const struct prediction *said, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    if (exchange->reply_count == 0)
        return false;
    return said->code != exchange_code(exchange) && !(said->code == 250 && verdict->taken);
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
    enum server_event event = event_here(replay, exchange, verdict, fate);
    bool lhlo = event == SERVER_LHLO_OK || event == SERVER_LHLO_BAD;
    if (!replay->measured || event == SERVER_EVENT_COUNT || (lhlo && !replay->table->lmtp))
        return nothing;
    if (is_dot(event) && !reads_content(replay))
        return nothing; /* it had refused DATA, so that no dot would have followed */
    bool ends_message = is_dot(event);
    if (!ends_message &&
        reads_content(replay)) /* it had taken DATA: the message would have followed */
        replay->state = row_at(replay, SERVER_DOT_OK)->next;
    enum server_together together = together_row(replay, exchange, event);
    struct prediction said = together == SERVER_TOGETHER_COUNT
                                 ? follow_row(replay, exchange, verdict, fate)
                                 : follow_together(replay, together);
    if (ends_message)
        replay->dot = exchange->number + 1;
    if (!replay->recorded || !contradicts(&said, exchange, verdict))
        return said;
    replay->measured = false;
    return nothing;
}

struct prediction server_predict(struct server_replay *replay, const struct exchange *exchange,
                                 const struct verdict *verdict, const struct session *session)
{
    if (limits_reached(replay))
        replay->measured = false;
    struct prediction said = predict(replay, exchange, verdict, session);
    bool taken = said.code == 250;
    if (exchange->command != COMMAND_CONNECT)
        limits_count(replay, event_of(exchange, FATE_OK), said.code);
    replay->command = exchange->command;
    if (command_is_hello(exchange->command) && taken)
        replay->extended = exchange->command != COMMAND_HELO;
    if (exchange->command == COMMAND_STARTTLS && taken) {
        replay->starttls = exchange->number + 1;
        replay->extended = false;
    }
    return said;
}
