/* pipelining_rules.c - what was sent before the client could know (RFC 2920, RFC 3207). */
#include "rules/case.h"

/* What the client had to wait for. */
static const char *not_awaited(enum command sync)
{
    return sync == COMMAND_DATA ? N_("sent after %s without waiting for its 354")
                                : N_("sent after %s without waiting for its reply");
}

/* The message that was sent together with DATA, or the answer that was sent together with AUTH. */
static void early_content(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    struct event self = {.copy = view_line(exchange, judgement->verdict->hidden),
                         .number = exchange->number,
                         .command = exchange->command,
                         .happened = true};
    judgement->cause = cause_of_wait(&self);
    struct finding *root =
        find_root(judgement->judge, RULE_pipelined_past_sync_point, &judgement->cause);
    if (root) {
        add_follower(judgement, root, exchange->early.line);
        return;
    }
    struct finding *finding = report_at(judgement, &exchange->early, not_awaited(exchange->command),
                                        command_verb(exchange->command));
    if (!finding)
        return;
    finding->has_state = true; /* in which the server read it */
    finding->state = judgement->verdict->next;
    finding->hidden_from = finding->column - 1;
    if (exchange->command == COMMAND_DATA) {
        finding->hidden = HIDDEN_MESSAGE;
        finding->hidden_size = slice_after(finding->raw, finding->hidden_from).size;
    }
}

/* Returns true if the server has said so: "554 SMTP synchronization error" of Exim, "improper use of SMTP
 * command pipelining" of Postfix. */
static bool is_said(const struct event *refusal)
{
    struct slice text = event_refusal(refusal);
    return slice_contains_nocase(text, SLICE("synchroni")) ||
           slice_contains_nocase(text, SLICE("pipelin"));
}

/* Returns true if it is in doubt whether the client waited: the recording ends before the command was
 * answered, so an earlier reply may be missing in it instead. */
static bool is_doubtful(const struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    return is_cut_off(judgement->exchange) &&
           !(judge->refused_before_group && is_said(&judge->seen[SEEN_REFUSED])) &&
           !find_root(judge, judgement->rule, &judgement->cause);
}

/* What was sent after a command that had to be the last of its group: once for each such command. */
void check_past_sync_point(struct judgement *judgement)
{
    if (judgement->sights & SIGHT(EARLY_CONTENT))
        early_content(judgement);
    if (!(judgement->sights & SIGHT(PAST_SYNC_POINT)))
        return;
    judgement->cause = cause_sync_point(judgement);
    if (is_doubtful(judgement))
        return;
    struct finding *root =
        find_root(judgement->judge, RULE_pipelined_past_sync_point, &judgement->cause);
    if (root && judgement->exchange->command == COMMAND_END_OF_DATA && judgement->verdict->legal) {
        /* The dot of the message that was sent too early; one refusal was for all of it. */
        if (judgement->judge->refused_before_group)
            add_follower(judgement, root, judgement->exchange->location.line);
        return;
    }
    enum command sync = judgement->judge->seen[SEEN_SYNC].command;
    report(judgement, not_awaited(sync), command_verb(sync));
}

void check_pipelining_not_offered(struct judgement *judgement)
{
    if (is_doubtful(judgement))
        return;
    report(judgement,
           "%s sent without waiting for the reply before it, but PIPELINING was not offered",
           command_verb(judgement->exchange->command));
}

void check_before_greeting(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    struct finding *root = last_of_rule(judgement->judge, RULE_command_before_greeting);
    /* Who speaks another protocol does not know that the server speaks first: one fault. */
    if (foreign_protocol(exchange) || implied(judgement, ONCE_FOREIGN, exchange->location.line))
        return;
    if (root) {
        add_follower(judgement, root, exchange->location.line);
        judgement->explained = true;
        return;
    }
    struct finding *finding =
        report(judgement, "%s sent before the server's greeting", command_verb(exchange->command));
    if (!finding)
        return;
    finding->state = STATE_CONNECT;
    finding->expected = 0;
    finding->predicted = 0; /* whoever waits with the greeting may also hang up */
}

void check_starttls_injection(struct judgement *judgement)
{
    struct finding *finding =
        report(judgement, "%s sent in the clear after STARTTLS, before the TLS handshake",
               command_verb(judgement->exchange->command));
    if (finding)
        finding->predicted = 0; /* thrown away */
}
