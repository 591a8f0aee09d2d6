/* exchange.c - one exchange, as all see it who follow a session.
 */
#include "check/exchange.h"

#include "check/labels.h"

/* So many contradictions, when they outweigh what fits, make a session unreadable. */
#define CONTRADICTIONS 4

void conversation_contradict(struct conversation *conversation, const struct line_view *line)
{
    const struct doubt *doubt = &conversation->doubt;
    if (doubt->contradictions == 1)
        conversation->first_contradiction = copy_line(line);
    if (conversation->unreadable || doubt->contradictions < CONTRADICTIONS ||
        doubt->penalties <= doubt->earned)
        return;
    conversation->unreadable = true;
    if (!judge_unreadable(conversation->judge, &conversation->session,
                          &conversation->first_contradiction, conversation->all->reading,
                          !conversation->all->show_doubtful))
        conversation->no_memory = true;
}

/* What the log's times say of an exchange: nothing, where the session has none. */
static struct exchange_times times_of(struct conversation *conversation,
                                      const struct exchange *exchange)
{
    if (conversation->label.time[0] != '\0')
        return timeline_exchange(&conversation->timeline, exchange, conversation->line);
    return (struct exchange_times){.waited = -1, .given_up = -1};
}

/* Plays and judges one that says something. */
static void take_closely(struct conversation *conversation, const struct exchange *exchange,
                         const struct exchange_times *times, struct verdict *verdict)
{
    session_play(&conversation->session, exchange, verdict);
    verdict->times = *times;
    for (size_t i = 0; i < conversation->servers->count; i++)
        conversation->predictions[i] =
            server_predict(&conversation->replays[i], exchange, verdict, &conversation->session);
    verdict->servers = conversation->predictions;
    verdict->label = &conversation->label;
    if (command_is_hello(exchange->command))
        label_client(&conversation->label, exchange->argument);
    verdict->hidden = auth_watch_exchange(&conversation->watch, exchange, verdict);
    bool contradicts = doubt_exchange(&conversation->doubt, exchange, verdict);
    if (!judge_exchange(conversation->judge, &conversation->session, exchange, verdict))
        conversation->no_memory = true;
    if (contradicts) {
        struct line_view line = view_line(exchange, verdict->hidden);
        conversation_contradict(conversation, &line);
    }
}

/* Returns true if nobody has a word to say of the exchange, as of most: a command of which nothing is to be
 * said when it is in order, with nothing in it that can be wrong, and the answer that it is sent for. */
static bool may_pass(const struct conversation *conversation, const struct exchange *exchange)
{
    static const short answers[COMMAND_COUNT] = {
        [COMMAND_MAIL] = 250, [COMMAND_RCPT] = 250,        [COMMAND_DATA] = 354,
        [COMMAND_RSET] = 250, [COMMAND_END_OF_DATA] = 250, [COMMAND_NOOP] = 250,
        [COMMAND_QUIT] = 221,
    };
    int answer = answers[exchange->command];
    return answer > 0 && exchange->reply_count == 1 && exchange->replies[0].code == answer &&
           exchange->replies[0].lines == 1 &&
           (exchange->flags | EXCHANGE_FOLLOWED) == EXCHANGE_FOLLOWED &&
           !conversation->sink->wants_verdicts && conversation->servers->count == 0 &&
           auth_watch_may_pass(&conversation->watch, exchange) &&
           session_may_pass(&conversation->session, exchange) &&
           judge_may_pass(conversation->judge, &conversation->session, exchange);
}

/* The same for one of those, as far as anybody sees. */
static void pass(struct conversation *conversation, const struct exchange *exchange,
                 const struct exchange_times *times, struct verdict *verdict)
{
    session_pass(&conversation->session, exchange, verdict);
    verdict->times = *times;
    doubt_usual(&conversation->doubt, exchange);
    if (!judge_pass(conversation->judge, exchange, verdict))
        conversation->no_memory = true;
}

/* Looks in the replies to a message, and in refusals after it, for what they quote of it. */
static void find_quotes(struct conversation *conversation, const struct exchange *exchange)
{
    const command_set ends = COMMAND_BIT(COMMAND_END_OF_DATA) | COMMAND_BIT(COMMAND_BDAT) |
                             COMMAND_BIT(COMMAND_BDAT_LAST);
    command_set here = COMMAND_BIT(exchange->command);
    bool quotes = (ends & here) || exchange_code(exchange) >= 400;
    for (size_t i = 0; quotes && i < exchange->reply_count; i++)
        message_text_compare(&conversation->message, conversation->all->secrets,
                             exchange->replies[i].text);
    if (MAIL_COMMANDS & here)
        message_text_forget(&conversation->message);
}

void conversation_exchange(struct conversation *conversation, const struct exchange *exchange)
{
    conversation->exchanges++;
    if (conversation->no_memory || conversation->protocol != PROTOCOL_SMTP)
        return;
    if (conversation->message.octets.size > 0)
        find_quotes(conversation, exchange);
    if (conversation->exchanges == 1)
        take_first_command(conversation, exchange);
    struct verdict verdict;
    struct exchange_times times = times_of(conversation, exchange);
    bool usual = times.timing == TIMING_NONE && may_pass(conversation, exchange);
    if (usual)
        pass(conversation, exchange, &times, &verdict);
    else
        take_closely(conversation, exchange, &times, &verdict);
    conversation->sink->exchange(conversation->sink->context, conversation->session_number,
                                 exchange, usual ? NULL : &verdict);
    outcome_exchange(&conversation->outcome, &conversation->session, exchange, &verdict);
    session_remember(&conversation->session, exchange, &verdict);
    if (conversation->session.no_memory || conversation->outcome.no_memory)
        conversation->no_memory = true;
}
