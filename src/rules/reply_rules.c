/* reply_rules.c - replies that a server should not have sent, or did not send, and how sessions end. */
#include "rules/case.h"

#include <inttypes.h>

/* A reply that this command cannot draw. When replies are out of step the first one is the fault. */
void check_reply_code_unexpected(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    int code = exchange_code(exchange);
    if (!reply_code_valid(code))
        return; /* reply-malformed reports it */
    if (judgement->session->from_middle && !judge->seen[SEEN_CERTAIN].happened)
        return; /* it may answer a command that was sent before the recording began */
    struct finding *first =
        judge->out_of_step ? last_of_rule(judge, RULE_reply_code_unexpected) : NULL;
    if (first) {
        add_follower(judgement, first, exchange->location.line);
        return;
    }
    judge->out_of_step = !is_habit(judge, exchange);
    if (exchange->command == COMMAND_CONNECT)
        report(judgement, "greeting with %d instead of 220 or 554", code);
    else if (exchange->command == COMMAND_QUIT && code / 100 == 2)
        report(judgement, "reply %d to QUIT instead of 221", code);
    else
        report(judgement, "reply %d to %s, which cannot draw it", code,
               command_verb(exchange->command));
}

/* Returns true if the server may say 503 to what is in order, because a chunk has failed and there was
 * no RSET (Postfix: "MAIL after BDAT"; Exim: "only RSET accepted now"). A hello does what RSET
 * does. */
static bool follows_failed_chunk(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    enum command command = judgement->exchange->command;
    if (!judge->seen[SEEN_FAILED_CHUNK].happened || command == COMMAND_RSET ||
        command == COMMAND_QUIT || command_is_hello(command))
        return false;
    struct finding *chunk = finding_about(judge, judge->seen[SEEN_FAILED_CHUNK].number);
    if (chunk)
        add_follower(judgement, chunk, judgement->exchange->location.line);
    return true;
}

void check_unexpected_503(struct judgement *judgement)
{
    if (follows_failed_chunk(judgement))
        return;
    struct finding *finding = report(judgement, "503 to %s, which was in order",
                                     command_verb(judgement->exchange->command));
    if (finding && judgement->session->offer == OFFER_NONE)
        finding->help =
            N_("After HELO the server can offer neither AUTH nor STARTTLS, and many servers "
               "demand one of them: send EHLO, and log in. Else compare with the server's "
               "own log.");
}

void check_reply_missing(struct judgement *judgement)
{
    report(judgement, "%s was never answered, later commands were",
           command_verb(judgement->exchange->command));
}

/* Makes the finding about the stray line, with what is wrong in it. */
static struct finding *report_stray(struct judgement *judgement)
{
    const struct stray *stray = judgement->stray;
    const struct location *location = &stray->location;
    int code = stray->reply.code;
    if (judgement->rule == RULE_reply_mixed_codes)
        return report_at(judgement, location, "%03d in a reply that began with another code", code);
    if (judgement->rule == RULE_reply_extra)
        return report_at(judgement, location, "unexpected reply %d: no command is waiting for one",
                         code);
    if (code > 0 && !reply_code_valid(code))
        return report_at(judgement, location,
                         "%03d is no reply code: the first digit is 2 to 5, the second 0 to 5",
                         code);
    if (code > 0)
        return report_at(judgement, location,
                         "the reply %d has no last line: a line \"%d\" with a blank is missing",
                         code, code);
    return report_at(judgement, location, "%-s", smtpseq_rules[judgement->rule].title);
}

void check_stray_reply(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct stray *stray = judgement->stray;
    struct finding *last = judge->count > 0 ? judge->findings[judge->count - 1] : NULL;
    /* Replies to what a server has read after a dot that it took for the end of the message. */
    if (judgement->rule == RULE_reply_extra && smuggled_end_taken(judgement, stray->location.line))
        return;
    bool runs_on = last && last->rule == &smtpseq_rules[judgement->rule] &&
                   judge->last_stray + 1 == stray->order;
    judge->last_stray = stray->order;
    if (runs_on) {
        add_follower(judgement, last, stray->location.line);
        return;
    }
    struct finding *finding = report_stray(judgement);
    if (!finding)
        return;
    add_state(finding, judgement->session);
    if (judgement->rule == RULE_reply_extra && stray->reply.code / 100 == 4)
        finding->help =
            N_("A 4yz that nobody asked for is often a time-out: the server waited for the "
               "client's next line and gave up. Look at the time of the line before it.");
    else if (judgement->rule == RULE_reply_extra &&
             slice_contains_nocase(stray->reply.text, SLICE("pipelin")))
        finding->help = N_(
            "The server has refused a command that came before its last reply, and the log does "
            "not show that command. Let the client wait for each reply, or ask why the server "
            "offers PIPELINING: with it a command may follow the message at once (RFC 2920 3.1).");
    if (stray->reply.code > 0) {
        finding->reply.line = stray->reply.line;
        finding->reply.code = stray->reply.code;
        EXCERPT_SET(finding->reply.text, stray->reply.text);
    }
    /* Where the file has the line in another form, what it repeats cannot be found in it. */
    if (judgement->session->after_auth)
        finding->hidden_from = finding->end_column - 1;
}

/* Returns true if a finding explains what is wrong at that place. */
static bool is_known_place(const struct judge *judge, const struct location *place)
{
    for (size_t i = judge->count; i > 0; i--) {
        const struct finding *finding = judge->findings[i - 1];
        bool at = finding->line == place->line && finding->column == place->column;
        bool here = finding->line == place->line;
        bool follows = here ? finding->followed_here : finding->last_follower == place->line;
        if ((at || follows) && (finding->rule->needs & EXPLAINS))
            return true;
    }
    return false;
}

void check_session_truncated(struct judgement *judgement)
{
    const struct session_end *end = judgement->end;
    if (end && is_known_place(judgement->judge, &end->location))
        return; /* what is wrong there is reported already */
    if (!end) {
        const struct exchange *exchange = judgement->exchange;
        if (forwarding_rule(judgement) == RULE_session_truncated)
            report(judgement,
                   "the reply %d at line %llu ends without a line end: an address may be missing",
                   exchange_code(exchange),
                   (unsigned long long)exchange->replies[exchange->reply_count - 1].line);
        return;
    }
    const struct judge *judge = judgement->judge;
    bool refused =
        judge->group_open && judge->refused_before_group && !end->in_line && !end->in_content;
    if (refused)
        judgement->cause = cause_of_silence(&judge->seen[SEEN_REFUSED]);
    struct finding *finding = report_at(
        judgement, &end->location, "%-s",
        refused        ? N_("a command was refused, and the rest of its group was never answered")
        : end->in_line ? N_("the recording ends in the middle of this line")
        : end->in_content ? N_("the recording ends in the middle of the message")
                          : N_("the recording ends before this command was answered"));
    if (finding && refused)
        finding->help =
            N_("A server may refuse a whole group with one reply and close the connection: "
               "read that reply. Nothing need be missing in the recording.");
    if (!finding)
        return;
    add_state(finding, judgement->session);
    bool answer = judgement->session->after_auth && !is_auth(raw_at(&end->location));
    if (answer || end->in_line) /* the rest of the line could tell whether it is a secret */
        finding->hidden_from = finding->column - 1;
}
