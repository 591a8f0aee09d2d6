/* reply_rules.c - replies that a server should not have given, or did not give. */
#include "rules/case.h"

#include <stdio.h>

/* Where replies can have begun to be out of step: behind the last one that could be for nothing
 * else. */
static struct cause cause_of_misfit(const struct judgement *judgement)
{
    const struct landmark *after = &judgement->judge->after_certain;
    const struct landmark *certain = &judgement->judge->certain;
    const struct landmark *from = after->set ? after : certain;
    struct cause cause = {.number = from->number, .line = from->line};
    if (!from->set || from->number >= judgement->exchange->number)
        return NO_CAUSE;
    snprintf(cause.message, sizeof cause.message,
             "the replies may be out of step from here on: up to here each fits no other command");
    return cause;
}

/* A reply that this command cannot draw. When replies are out of step the first one is the
 * fault. */
static void misfit(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    int code = exchange_code(exchange);
    if (!reply_code_valid(code))
        return; /* reply-malformed has said so */
    if (judge->out_of_step) {
        for (size_t i = judge->count; i > 0; i--)
            if (judge->findings[i - 1]->rule == &smtpseq_rules[RULE_reply_code_unexpected]) {
                add_follower(judgement, judge->findings[i - 1], exchange->location.line);
                return;
            }
    }
    judge->out_of_step = true;
    struct cause cause = cause_of_misfit(judgement);
    struct finding *finding = make_finding(judgement, RULE_reply_code_unexpected, &cause);
    say(finding, "reply %d to %s, which cannot draw it", code, command_verb(exchange->command));
    if (exchange->command == COMMAND_CONNECT)
        say(finding, "greeting with %d instead of 220 or 554", code);
}

/* Whether the server may say 503 to what is in order, because a chunk has failed and there was no RSET
 * (Postfix: "MAIL after BDAT"; Exim: "only RSET accepted now"). A hello does what RSET does. */
static bool follows_failed_chunk(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    enum command command = judgement->exchange->command;
    if (!judge->failed_chunk.set || command == COMMAND_RSET || command == COMMAND_QUIT ||
        command_is_hello(command))
        return false;
    for (size_t i = judge->count; i > 0; i--)
        if (judge->findings[i - 1]->number == judge->failed_chunk.number) {
            add_follower(judgement, judge->findings[i - 1], judgement->exchange->location.line);
            break;
        }
    return true;
}

void reply_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    if (judgement->orphaned)
        return; /* some servers pass over the dot in silence */
    if (exchange->flags & EXCHANGE_MISSING) {
        struct finding *finding = make_finding(judgement, RULE_reply_missing, &NO_CAUSE);
        say(finding, "%s was never answered, later commands were", command_verb(exchange->command));
        return;
    }
    if (judgement->client_at_fault || !judgement->verdict->legal)
        return;
    if (exchange->flags & EXCHANGE_MISFIT) {
        misfit(judgement);
        return;
    }
    if (exchange_code(exchange) == 503 && !follows_failed_chunk(judgement)) {
        struct finding *finding = make_finding(judgement, RULE_unexpected_503, &NO_CAUSE);
        say(finding, "503 to %s, which was in order", command_verb(exchange->command));
    }
}
