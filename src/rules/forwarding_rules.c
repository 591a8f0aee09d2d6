/* forwarding_rules.c - 251 and 551: the recipient has another address (RFC 5321 3.4); 252. */
#include "rules/case.h"
#include "rules/forward_path.h"

/* The forward-path in the reply; empty: none. */
static struct slice path_in_reply(const struct exchange *exchange)
{
    if (exchange_code(exchange) == 252)
        return SLICE("");
    return forward_path_in_reply(exchange->replies[exchange->reply_count - 1].text,
                                 forward_path_in_argument(exchange->argument));
}

enum rule_id forwarding_rule(const struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
    if (exchange->command != COMMAND_RCPT && exchange->command != COMMAND_VRFY)
        return RULE_COUNT;
    if (reply->code == 252)
        return RULE_unverified_252;
    if (path_in_reply(exchange).size > 0)
        return reply->code == 251 ? RULE_forward_251 : RULE_moved_551;
    if (slice_ends(reply->text, SLICE(LINE_CUT)))
        return RULE_COUNT; /* the address may stand in what the log has cut off */
    return reply->unended ? RULE_session_truncated : RULE_forward_path_missing;
}

static struct finding *report_forward(struct judgement *judgement, struct slice recipient,
                                      struct slice path)
{
    int shown = (int)recipient.size, target = (int)path.size;
    switch (judgement->rule) {
    case RULE_forward_251:
        return report(judgement, "%.*s has moved: the server forwards to %.*s", shown,
                      recipient.data, target, path.data);
    case RULE_moved_551:
        return report(judgement, "%.*s has moved and the server does not forward: try %.*s", shown,
                      recipient.data, target, path.data);
    case RULE_forward_path_missing:
        return report(judgement, "reply %d for %.*s names no address to send to",
                      exchange_code(judgement->exchange), shown, recipient.data);
    default:
        return shown > 0
                   ? report(judgement, "%.*s was taken, but not verified", shown, recipient.data)
                   : report(judgement, "252 to %s without an address: nothing is verified",
                            command_verb(judgement->exchange->command));
    }
}

/* One row for each outcome; only that of this outcome has something to report. */
void check_forwarding(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    if (forwarding_rule(judgement) != judgement->rule)
        return;
    struct slice recipient = forward_path_in_argument(exchange->argument);
    struct slice path = path_in_reply(exchange);
    struct finding *finding = report_forward(judgement, recipient, path);
    if (finding && (!finding_keep(&finding->recipient, recipient) ||
                    !finding_keep(&finding->forward_path, path)))
        judgement->failed = true;
}
