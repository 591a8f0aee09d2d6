/* order_rules.c - commands out of order, and what the client sent before it could know. */
#include "rules/case.h"

#include <inttypes.h>
#include <stdio.h>

/* Rules of many commands: the finding names the one. */
static const struct {
    enum rule_id rule;
    const char *words;
} of_many[] = {
    {RULE_no_hello_after_starttls, N_("after STARTTLS without a new EHLO")},
    {RULE_command_after_quit, N_("after QUIT")},
    {RULE_command_after_421, N_("after a 421")},
    {RULE_command_after_rejected_greeting, N_("after the server refused the connection")},
    {RULE_extension_in_transaction, N_("inside an open mail transaction")},
};

/* What the server makes of it. */
enum ending { ENDS_CLOSED, ENDS_OVER, ENDS_TAKEN, ENDS_REFUSED, ENDINGS };

static enum ending ending_of(const struct judgement *judgement)
{
    const struct verdict *verdict = judgement->verdict;
    bool answered = exchange_code(judgement->exchange) > 0;
    return verdict->predicted == 0      ? answered ? ENDS_OVER : ENDS_CLOSED
           : verdict->taken && answered ? ENDS_TAKEN
                                        : ENDS_REFUSED;
}

/* A command and its place: "RSET after QUIT: the server has already closed the connection". */
static struct finding *report_place(struct judgement *judgement, const char *place)
{
    static const char *const texts[ENDINGS] = {
        N_("%s %-s: the server has already closed the connection"),
        N_("%s %-s: the session was over, but the server still answers"),
        N_("%s %-s: taken here, but strict servers answer %d"),
        N_("%s %-s would draw %d"),
    };
    return report(judgement, texts[ending_of(judgement)],
                  command_verb(judgement->exchange->command), place, judgement->verdict->predicted);
}

/* "DATA after every recipient was refused (550 at line 9 and before) would draw 503" */
static struct finding *report_refused(struct judgement *judgement, const struct event *refused)
{
    static const char *const once[ENDINGS] = {
        N_("%-s (%d at line %llu): the server has already closed the connection"),
        N_("%-s (%d at line %llu): the session was over, but the server still answers"),
        N_("%-s (%d at line %llu): taken here, but strict servers answer %d"),
        N_("%-s (%d at line %llu) would draw %d"),
    };
    static const char *const several[ENDINGS] = {
        N_("%-s (%d at line %llu and before): the server has already closed the connection"),
        N_("%-s (%d at line %llu and before): the session was over, but the server still answers"),
        N_("%-s (%d at line %llu and before): taken here, but strict servers answer %d"),
        N_("%-s (%d at line %llu and before) would draw %d"),
    };
    enum ending ending = ending_of(judgement);
    return report(judgement, refused->count > 1 ? several[ending] : once[ending],
                  smtpseq_rules[judgement->rule].title, refused->code,
                  (unsigned long long)refused->copy.line, judgement->verdict->predicted);
}

static struct finding *report_order(struct judgement *judgement)
{
    static const char *const texts[ENDINGS] = {
        N_("%-s: the server has already closed the connection"),
        N_("%-s: the session was over, but the server still answers"),
        N_("%-s: taken here, but strict servers answer %d"),
        N_("%-s would draw %d"),
    };
    const struct event *refused = &judgement->session->history[EVENT_RCPT_REFUSED];
    for (size_t i = 0; i < sizeof of_many / sizeof of_many[0]; i++)
        if (of_many[i].rule == judgement->rule)
            return report_place(judgement, of_many[i].words);
    if (judgement->rule == RULE_data_without_valid_rcpt && refused->happened)
        return report_refused(judgement, refused);
    return report(judgement, texts[ending_of(judgement)], smtpseq_rules[judgement->rule].title,
                  judgement->verdict->predicted);
}

/* "MAIL inside an open mail transaction would draw 503", and what the server of the recording made
 * of it. */
void check_out_of_order(struct judgement *judgement)
{
    struct finding *finding = report_order(judgement);
    if (finding && judgement->rule == RULE_rcpt_before_mail && judgement->cause.code < 400)
        finding->help =
            N_("Send MAIL before RCPT, and again for every message: RSET, EHLO, STARTTLS "
               "and the end of a message each end the transaction.");
}

/* Returns true if a line that is no command reads like a line of a message: a header, text, nothing.
 * Private commands are written in capitals. */
static bool reads_like_message(const struct exchange *exchange)
{
    struct slice verb = exchange->verb;
    bool word = verb.size > 0 && verb.size <= 12;
    for (size_t i = 0; i < verb.size; i++)
        word = word && ((verb.data[i] >= 'A' && verb.data[i] <= 'Z') || verb.data[i] == '-');
    return !word;
}

/* Returns true if the client has gone on with commands: some words of text are commands as well, "help
 * me". */
static bool ends_message(const struct exchange *exchange)
{
    switch (exchange->command) {
    case COMMAND_MAIL:
    case COMMAND_RCPT:
    case COMMAND_DATA:
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
    case COMMAND_RSET:
    case COMMAND_QUIT:
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
    case COMMAND_AUTH:
    case COMMAND_STARTTLS:
        return exchange_looks_real(exchange);
    case COMMAND_NOOP:
        return exchange->argument.size == 0;
    default:
        return false;
    }
}

bool is_message_line(struct judge *judge, const struct session *session,
                     const struct exchange *exchange, const struct verdict *verdict)
{
    const struct event *data = &session->history[EVENT_DATA_REFUSED];
    bool dot = exchange->command == COMMAND_END_OF_DATA;
    bool text = exchange->command == COMMAND_UNKNOWN || dot;
    if (verdict->state == STATE_CONTENT)
        return false;
    if (judge->message_runs_on) {
        judge->message_runs_on = !dot && !ends_message(exchange);
        return dot || judge->message_runs_on;
    }
    bool follows = data->happened && data->number + 1 == exchange->number;
    if (!text || !follows || (!dot && !reads_like_message(exchange)))
        return false;
    if (!event_copy(&judge->seen[SEEN_REFUSED_DATA], data))
        judge->no_memory = true;
    judge->message_runs_on = !dot;
    return true;
}

/* Lines of a message that no DATA was accepted for. The server takes each for a command; they are one
 * fault. */
void check_message_without_data(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    const struct event *data = &judge->seen[SEEN_REFUSED_DATA];
    if (!(judgement->sights & SIGHT(MESSAGE_LINE))) {
        check_out_of_order(judgement);
        return;
    }
    /* Without replies the client cannot have seen that DATA was out of order; and if the message was
     * sent before DATA was answered, then that is the fault. */
    struct finding *earlier =
        exchange->flags & EXCHANGE_ASSUMED
            ? finding_about(judge, data->number)
            : find_root(judge, RULE_pipelined_past_sync_point, &judgement->cause);
    if (earlier)
        add_follower(judgement, earlier, exchange->location.line);
    if (earlier || (exchange->flags & EXCHANGE_ASSUMED))
        return;
    if (data->code > 0)
        report(judgement, "message sent although %s was refused (%d): each line would draw 500",
               command_verb(data->command), data->code);
    else
        report(judgement, "message sent although %s was not accepted: each line would draw 500",
               command_verb(data->command));
}

/* Correct behaviour: the group was sent before the refusal of one of its commands could be seen. */
void check_refused_in_pipeline(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    enum rule_id broken = (enum rule_id)(judgement->broken - smtpseq_rules);
    if (exchange_code(exchange) < 400)
        return;
    struct finding *root = find_root(judgement->judge, broken, &judgement->cause);
    if (root)
        add_follower(judgement, root, exchange->location.line);
    else if (!(judgement->sights & (SIGHT(PAST_SYNC_POINT) | SIGHT(BEFORE_GREETING))))
        report(judgement,
               "%s was refused because of the refusal at line %llu, which the client had not seen",
               command_verb(exchange->command), (unsigned long long)cause_line(&judgement->cause));
}

/* The client did not see that AUTH was refused and sent the password all the same: one fault, however
 * many lines. */
static void unasked_auth_answer(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    struct finding *last = last_of_rule(judge, RULE_unknown_command);
    if (judgement->sights & (SIGHT(PAST_SYNC_POINT) | SIGHT(BEFORE_GREETING) | SIGHT(IN_GROUP)))
        return; /* it was not waited for either, which says it all */
    if (last && last->hidden == HIDDEN_SECRET) {
        add_follower(judgement, last, judgement->exchange->location.line);
        judgement->explained = true;
        return;
    }
    struct finding *finding =
        report(judgement, "the answer to a challenge of AUTH, but there was none");
    if (finding)
        finding->help =
            N_("Send a response only after a 334. After any other reply the login is over: "
               "report that reply, and do not send the password.");
}

static void empty_line(struct judgement *judgement)
{
    struct finding *finding = report(judgement, "an empty line where a command was expected");
    if (finding)
        finding->help =
            N_("Look at what was sent before it: a line end too many, or an address or name "
               "with a line end in it.");
}

void check_unknown_command(struct judgement *judgement)
{
    if (judgement->verdict->secret)
        unasked_auth_answer(judgement);
    else if (is_cut_off(judgement->exchange))
        return; /* what the recording lacks might show that it is part of a message, or an answer */
    else if (judgement->exchange->verb.size == 0)
        empty_line(judgement);
    else
        report(judgement, "%-s", smtpseq_rules[RULE_unknown_command].title);
}
