/* pipelining_rules.c - what was sent before the client could know (RFC 2920, RFC 3207). */
#include "rules/case.h"

#include <stdio.h>

/* What was sent behind a command that had to be the last of its group: once for each such
 * command. */
static void past_sync_point(struct judgement *judgement, const struct landmark *sync,
                            const struct location *early)
{
    struct cause cause = {.number = sync->number, .line = sync->line};
    bool stands_alone = early != NULL;
    snprintf(cause.message, sizeof cause.message, "%s has to be waited for",
             command_verb(sync->command));
    struct finding *root = find_root(judgement->judge, RULE_pipelined_past_sync_point, &cause);
    if (root && judgement->exchange->command == COMMAND_END_OF_DATA)
        return; /* the dot of the message that was sent too early */
    if (root) {
        add_follower(judgement, root,
                     stands_alone ? early->line : judgement->exchange->location.line);
        judgement->client_at_fault = true;
        return;
    }
    struct finding *finding =
        stands_alone ? make_finding_at(judgement, RULE_pipelined_past_sync_point, early, &cause)
                     : make_finding(judgement, RULE_pipelined_past_sync_point, &cause);
    if (!finding)
        return;
    if (stands_alone) {
        finding->has_state = true; /* in which the server read it */
        finding->state = judgement->verdict->next;
        if (sync->command == COMMAND_AUTH)
            finding->secret_from = finding->column - 1;
    }
    if (sync->command == COMMAND_DATA)
        say(finding, "sent behind DATA without waiting for its 354");
    else
        say(finding, "sent behind %s without waiting for its reply", command_verb(sync->command));
}

static void not_offered(struct judgement *judgement)
{
    const struct session *session = judgement->session;
    const struct past *hello = session_before(session, PAST_HELLO);
    if (session_offer(session) == OFFER_UNKNOWN || session_offers(session, EXTENSION_PIPELINING))
        return;
    struct cause cause = hello->happened
                             ? cause_at(hello,
                                        session_offer(session) == OFFER_NONE
                                            ? "HELO: no extensions"
                                            : "the reply to this %s does not offer PIPELINING",
                                        command_verb(hello->command))
                             : NO_CAUSE;
    struct finding *finding = fold_or_make(judgement, RULE_pipelining_not_offered, &cause);
    say(finding, "%s sent without waiting for the reply before it, but PIPELINING was not offered",
        command_verb(judgement->exchange->command));
}

void pipelining_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    const struct judge *judge = judgement->judge;
    if (exchange->flags & EXCHANGE_ASSUMED)
        return; /* without the replies nothing says what was waited for */
    if (exchange->early.line != 0) {
        struct landmark self = {true, exchange->number, exchange->location.line, exchange->command};
        past_sync_point(judgement, &self, &exchange->early);
        judgement->client_at_fault = false; /* by what was sent behind it, not by the command */
    }
    if (exchange->flags & EXCHANGE_BEFORE_GREETING) {
        struct cause cause = {.number = 0, .line = 0, .detail = 1};
        struct finding *root = find_root(judgement->judge, RULE_command_before_greeting, &cause);
        cause.number = SIZE_MAX;
        for (size_t i = 0; i < judge->count && !root; i++)
            if (judge->findings[i]->rule == &smtpseq_rules[RULE_command_before_greeting])
                root = judge->findings[i];
        if (root) {
            add_follower(judgement, root, exchange->location.line);
            return;
        }
        struct finding *finding = make_finding(judgement, RULE_command_before_greeting, &NO_CAUSE);
        if (finding) {
            finding->state = STATE_CONNECT;
            finding->expected = 0;
            finding->predicted = 0; /* whoever waits with the greeting may also hang up */
            say(finding, "%s sent before the server's greeting", command_verb(exchange->command));
        }
        return;
    }
    if (exchange->answered >= exchange->number)
        return; /* it had been waited for */
    enum session_state state = judgement->verdict->state;
    if ((state == STATE_QUIT || state == STATE_SHUT) && !sent_before_close(judgement))
        return; /* there is nothing left to wait for: command-after-quit and -421 say so */
    if (judge->last_starttls.set && judge->last_starttls.number >= exchange->answered) {
        struct cause cause = {.number = judge->last_starttls.number,
                              .line = judge->last_starttls.line};
        snprintf(cause.message, sizeof cause.message, "STARTTLS has to be waited for");
        struct finding *finding = fold_or_make(judgement, RULE_starttls_injection, &cause);
        if (finding)
            finding->predicted = 0; /* thrown away */
        say(finding, "%s sent in the clear behind STARTTLS, before the TLS handshake",
            command_verb(exchange->command));
    } else if (judge->last_sync.set && judge->last_sync.number >= exchange->answered) {
        past_sync_point(judgement, &judge->last_sync, NULL);
    } else {
        not_offered(judgement);
    }
}
