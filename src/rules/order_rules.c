/* order_rules.c - commands out of order: which rule, which earlier line is the cause, and whether
 * the client could know. */
#include "rules/case.h"

#include <stdio.h>

/* What ended the last transaction, or kept one from beginning. */
static struct cause cause_of_no_transaction(const struct session *session)
{
    const struct past *refused = session_before(session, PAST_BEGIN_REFUSED);
    const struct past *state = session_before(session, PAST_STATE);
    if (refused->happened && refused->code > 0)
        return cause_at(refused, "%s was refused here (%d)", command_verb(refused->command),
                        refused->code);
    if (refused->happened)
        return cause_at(refused, "%s was out of order here", command_verb(refused->command));
    if (!state->happened)
        return NO_CAUSE;
    const char *verb = command_name(state->command);
    switch (state->command) {
    case COMMAND_RSET:
        return cause_at(state, state->in_transaction ? "RSET ended the transaction here"
                                                     : "no MAIL since this RSET");
    case COMMAND_END_OF_DATA:
        return cause_at(state, "the message, and with it the transaction, ended here");
    case COMMAND_BDAT_LAST:
    case COMMAND_BURL_LAST:
        return cause_at(state, "the last chunk ended the transaction here");
    case COMMAND_CONNECT:
        return cause_at(state, "no EHLO and no MAIL since the greeting");
    case COMMAND_STARTTLS:
        return cause_at(state, "STARTTLS: the session starts again here");
    default:
        return cause_at(state,
                        state->in_transaction ? "%s ended the transaction here"
                                              : "no MAIL since this %s",
                        verb);
    }
}

/* Why there is no hello. */
static struct cause cause_of_no_hello(const struct session *session)
{
    const struct past *refused = session_before(session, PAST_HELLO_REFUSED);
    const struct past *start = session_before(session, PAST_START);
    if (refused->happened && refused->code > 0)
        return cause_at(refused, "%s was refused here (%d)", command_verb(refused->command),
                        refused->code);
    if (start->happened && start->command == COMMAND_CONNECT)
        return cause_at(start, "no EHLO or HELO since the greeting");
    if (start->happened)
        return cause_at(start, "the session starts again here; no EHLO since");
    return NO_CAUSE;
}

/* What keeps the transaction open: best named is the refusal after which the client gave the old
 * message up without RSET. */
static struct cause cause_of_transaction(const struct session *session)
{
    const struct past *begin = session_before(session, PAST_BEGIN);
    const struct past *refused = session_before(session, PAST_REFUSED);
    if (refused->happened && refused->code > 0)
        return cause_at(refused,
                        "%s was refused here (%d), which does not end the transaction of line "
                        "%llu",
                        command_verb(refused->command), refused->code,
                        (unsigned long long)begin->line);
    if (begin->happened)
        return cause_at(begin, "%s was accepted here", command_verb(begin->command));
    return NO_CAUSE;
}

/* The last refusal of a recipient, or else MAIL. */
static struct cause cause_of_no_recipient(const struct session *session)
{
    const struct past *refused = session_before(session, PAST_RCPT_REFUSED);
    const struct past *begin = session_before(session, PAST_BEGIN);
    if (refused->happened)
        return cause_at(refused, "RCPT was refused here (%d)", refused->code);
    return begin->happened ? cause_at(begin, "%s was accepted here", command_verb(begin->command))
                           : NO_CAUSE;
}

static struct cause cause_of_rejection(const struct session *session)
{
    const struct past *state = session_before(session, PAST_STATE);
    return state->happened ? cause_at(state, "the greeting was %d", state->code) : NO_CAUSE;
}

static struct cause cause_of_orphaned_message(const struct session *session)
{
    const struct past *refused = session_before(session, PAST_DATA_REFUSED);
    return refused->happened ? cause_at(refused, "%s was refused here (%d)",
                                        command_verb(refused->command), refused->code)
                             : NO_CAUSE;
}

/* Where the earlier line is that explains why a command is out of order: found by a function, or the
 * line of an event with these words, before which `verb` puts the command's. */
struct cause_row {
    enum rule_id rule;
    struct cause (*find)(const struct session *session);
    enum past_event event;
    bool verb;
    const char *words;
};

static const struct cause_row causes[] = {
    {RULE_mail_before_hello, cause_of_no_hello, 0, false, NULL},
    {RULE_nested_mail, cause_of_transaction, 0, false, NULL},
    {RULE_rcpt_before_mail, cause_of_no_transaction, 0, false, NULL},
    {RULE_data_before_mail, cause_of_no_transaction, 0, false, NULL},
    {RULE_data_before_rcpt, NULL, PAST_BEGIN, true, " was accepted here; no RCPT since"},
    {RULE_data_without_valid_rcpt, cause_of_no_recipient, 0, false, NULL},
    {RULE_bdat_before_mail, cause_of_no_transaction, 0, false, NULL},
    {RULE_bdat_before_rcpt, cause_of_no_recipient, 0, false, NULL},
    {RULE_data_after_bdat, NULL, PAST_STATE, false, "the chunks began here"},
    {RULE_mail_after_bdat, NULL, PAST_STATE, false, "the chunks began here"},
    {RULE_rcpt_after_bdat, NULL, PAST_STATE, false, "the chunks began here"},
    {RULE_bdat_after_last, NULL, PAST_STATE, false, "BDAT LAST was sent here"},
    {RULE_auth_before_hello, cause_of_no_hello, 0, false, NULL},
    {RULE_auth_in_transaction, NULL, PAST_BEGIN, true, " was accepted here"},
    {RULE_auth_twice, NULL, PAST_AUTH, false, "AUTH succeeded here"},
    {RULE_starttls_before_hello, cause_of_no_hello, 0, false, NULL},
    {RULE_starttls_in_transaction, NULL, PAST_BEGIN, true, " was accepted here"},
    {RULE_starttls_twice, NULL, PAST_STARTTLS, false, "STARTTLS was accepted here"},
    {RULE_no_hello_after_starttls, NULL, PAST_STARTTLS, false, "STARTTLS was accepted here"},
    {RULE_command_after_quit, NULL, PAST_CLOSING, false, "QUIT was sent here"},
    {RULE_command_after_421, NULL, PAST_CLOSING, false,
     "the server closed the connection here (421)"},
    {RULE_command_after_rejected_greeting, cause_of_rejection, 0, false, NULL},
    {RULE_message_without_data, cause_of_orphaned_message, 0, false, NULL},
    {RULE_extension_in_transaction, NULL, PAST_BEGIN, true, " was accepted here"},
};

static struct cause cause_of(enum rule_id rule, const struct session *session)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        const struct cause_row *row = &causes[i];
        if (row->rule != rule)
            continue;
        if (row->find)
            return row->find(session);
        const struct past *past = session_before(session, row->event);
        return past->happened ? cause_at(past, "%s%s", row->verb ? command_verb(past->command) : "",
                                         row->words)
                              : NO_CAUSE;
    }
    return NO_CAUSE;
}

/* "MAIL inside an open mail transaction would draw 503", and what the server of the recording made
 * of it. */
static void say_order(struct judgement *judgement, struct finding *finding)
{
    const struct rule *rule = finding->rule;
    const struct past *refused = session_before(judgement->session, PAST_RCPT_REFUSED);
    char because[200] = "";
    if (rule == &smtpseq_rules[RULE_data_without_valid_rcpt] && refused->happened)
        snprintf(because, sizeof because, " (%d at line %llu%s)", refused->code,
                 (unsigned long long)refused->line, refused->count > 1 ? " and before" : "");
    if (judgement->verdict->predicted == 0)
        say(finding, "%s%s: nobody reads it", rule->title, because);
    else if (judgement->verdict->taken && exchange_code(judgement->exchange) > 0)
        say(finding, "%s%s: taken here, but strict servers answer %d", rule->title, because,
            judgement->verdict->predicted);
    else
        say(finding, "%s%s would draw %d", rule->title, because, judgement->verdict->predicted);
}

/* Whether the cause is a refusal that the client had not seen when it sent the command. */
static bool refused_unseen(const struct judgement *judgement, enum rule_id rule,
                           const struct cause *cause)
{
    static const enum past_event refusals[] = {PAST_BEGIN_REFUSED, PAST_RCPT_REFUSED,
                                               PAST_HELLO_REFUSED, PAST_DATA_REFUSED};
    if (rule == RULE_nested_mail) /* open before the refusal as well */
        return false;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct past *refusal = session_before(judgement->session, refusals[i]);
        if (refusal->happened && refusal->number == cause->number)
            return cause->number >= judgement->exchange->answered;
    }
    return false;
}

/* Whether a line that is no command reads like a line of a message: a header, text, nothing. Private
 * commands are written in capitals. */
static bool reads_like_message(const struct exchange *exchange)
{
    struct slice verb = exchange->verb;
    bool word = verb.size > 0 && verb.size <= 12;
    for (size_t i = 0; i < verb.size; i++)
        word = word && ((verb.data[i] >= 'A' && verb.data[i] <= 'Z') || verb.data[i] == '-');
    return !word;
}

/* Whether the client has gone on with commands: some words of text are commands as well, "help me". */
static bool ends_orphaned_message(const struct exchange *exchange)
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
        return exchange->real;
    case COMMAND_NOOP:
        return exchange->argument.size == 0;
    default:
        return false;
    }
}

/* Lines of a message that no DATA was accepted for. The server takes each for a command; they are
 * one fault. Gives whether the exchange was such a line. */
bool orphaned_message(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    const struct past *data = session_before(judgement->session, PAST_DATA_REFUSED);
    bool dot = exchange->command == COMMAND_END_OF_DATA;
    bool text = exchange->command == COMMAND_UNKNOWN || dot;
    if (judgement->verdict->state == STATE_CONTENT)
        return false;
    if (judge->message_runs_on) {
        if (ends_orphaned_message(exchange)) {
            judge->message_runs_on = false;
            return false;
        }
    } else {
        bool follows = data->happened && data->number + 1 == exchange->number;
        if (!text || !follows || (!dot && !reads_like_message(exchange)))
            return false;
        judge->message_runs_on = true;
        judge->orphan_cause = cause_of(RULE_message_without_data, judgement->session);
    }
    const struct cause cause = judge->orphan_cause;
    if (dot)
        judge->message_runs_on = false;
    /* Without replies the client cannot have seen that DATA was out of order. */
    if (exchange->flags & EXCHANGE_ASSUMED) {
        for (size_t i = judge->count; i > 0; i--)
            if (judge->findings[i - 1]->number == cause.number) {
                add_follower(judgement, judge->findings[i - 1], exchange->location.line);
                break;
            }
        return true;
    }
    /* Sent before DATA was answered: then that is the fault. */
    struct finding *early = find_root(judge, RULE_pipelined_past_sync_point, &cause);
    if (early) {
        add_follower(judgement, early, exchange->location.line);
        return true;
    }
    struct finding *finding = fold_or_make(judgement, RULE_message_without_data, &cause);
    say(finding, "message sent although %s was refused (%d): each line would draw %d",
        command_verb(data->command), data->code, 500);
    return true;
}

bool sent_before_close(const struct judgement *judgement)
{
    const struct past *closing = session_before(judgement->session, PAST_CLOSING);
    return closing->happened && closing->number != SIZE_MAX &&
           closing->number >= judgement->exchange->answered;
}

/* Correct behaviour: the group was sent before the refusal of one of its commands could be seen. */
static void refused_in_pipeline(struct judgement *judgement, const struct rule *rule,
                                const struct cause *cause)
{
    const struct exchange *exchange = judgement->exchange;
    const struct landmark *sync = &judgement->judge->last_sync;
    enum rule_id id = (enum rule_id)(rule - smtpseq_rules);
    struct finding *root = find_root(judgement->judge, id, cause);
    if (root) {
        add_follower(judgement, root, exchange->location.line);
        return;
    }
    /* What was pushed behind a command that must be waited for is that finding's. */
    if (sync->set && sync->number >= exchange->answered && judgement->client_at_fault)
        return;
    struct finding *note = fold_or_make(judgement, RULE_refused_in_pipeline, cause);
    say(note, "%s was refused because of the refusal at line %llu, which the client had not seen",
        command_verb(exchange->command), (unsigned long long)cause->line);
}

/* Whether STARTTLS was under way when this was sent: then that is the fault. */
static bool sent_behind_starttls(const struct judgement *judgement)
{
    const struct landmark *starttls = &judgement->judge->last_starttls;
    return starttls->set && starttls->number >= judgement->exchange->answered;
}

/* The client did not see that AUTH was refused and sent the password all the same: one fault, however
 * many lines. */
static void unasked_auth_answer(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    struct finding *last = judge->count > 0 ? judge->findings[judge->count - 1] : NULL;
    if (judgement->client_at_fault) /* it was not waited for either, which says it all */
        return;
    if (last && last->secret_command) {
        add_follower(judgement, last, exchange->location.line);
        judgement->client_at_fault = true;
        return;
    }
    struct finding *finding = make_finding(judgement, RULE_unknown_command, &NO_CAUSE);
    say(finding, "the answer to a challenge of AUTH, but there was none");
}

void order_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    const struct verdict *verdict = judgement->verdict;
    bool over = verdict->state == STATE_QUIT || verdict->state == STATE_SHUT;
    if (exchange->command == COMMAND_CONNECT || verdict->legal ||
        (over ? sent_before_close(judgement) : sent_behind_starttls(judgement)))
        return;
    const struct rule *rule = rule_of_order(verdict->state, verdict->security, exchange->command);
    if (!rule || (exchange->command == COMMAND_UNKNOWN && exchange->verb.size == 0))
        return;
    enum rule_id id = (enum rule_id)(rule - smtpseq_rules);
    if (verdict->secret && id == RULE_unknown_command) {
        unasked_auth_answer(judgement);
        return;
    }
    struct cause cause = cause_of(id, judgement->session);
    if (refused_unseen(judgement, id, &cause)) {
        if (exchange_code(exchange) >= 400)
            refused_in_pipeline(judgement, rule, &cause);
        return;
    }
    struct finding *finding = fold_or_make(judgement, id, &cause);
    if (finding && id != RULE_unknown_command)
        say_order(judgement, finding);
}
