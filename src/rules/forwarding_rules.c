/* forwarding_rules.c - 251 and 551: the recipient has another address (RFC 5321 3.4); 252. */
#include "rules/case.h"
#include "rules/forward_path.h"

#include <inttypes.h>

void forwarding_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    int code = exchange_code(exchange);
    if (exchange->command != COMMAND_RCPT && exchange->command != COMMAND_VRFY)
        return;
    if (code != 251 && code != 551 && code != 252)
        return;
    struct slice recipient = forward_path_in_argument(exchange->argument);
    const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
    struct slice text = reply->text;
    struct slice path = code == 252 ? SLICE("") : forward_path_in_reply(text, recipient);
    if (code != 252 && path.size == 0 && slice_ends(text, SLICE(LINE_CUT)))
        return; /* the address may stand in what the log has cut off */
    if (code != 252 && path.size == 0 && reply->unended) {
        say(make_finding(judgement, RULE_session_truncated, &NO_CAUSE),
            "the reply %d at line %" PRIu64 " ends without a line end: an address may be missing",
            code, reply->line);
        return;
    }
    enum rule_id rule = RULE_unverified_252;
    if (code != 252)
        rule = path.size == 0 ? RULE_forward_path_missing
                              : (code == 251 ? RULE_forward_251 : RULE_moved_551);
    struct finding *finding = make_finding(judgement, rule, &NO_CAUSE);
    if (!finding)
        return;
    if (!finding_keep(&finding->recipient, recipient) ||
        !finding_keep(&finding->forward_path, path))
        judgement->failed = true;
    int shown = (int)recipient.size, target = (int)path.size;
    if (rule == RULE_forward_251)
        say(finding, "%.*s has moved: the server forwards to %.*s", shown, recipient.data, target,
            path.data);
    else if (rule == RULE_moved_551)
        say(finding, "%.*s has moved and the server does not forward: try %.*s", shown,
            recipient.data, target, path.data);
    else if (rule == RULE_forward_path_missing)
        say(finding, "reply %d for %.*s names no address to send to", code, shown, recipient.data);
    else
        say(finding, "%.*s was taken, but not verified", shown, recipient.data);
}
