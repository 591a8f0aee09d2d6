/* case.c - makes findings, folds what follows from the same cause, passes them on in order.
 */
#include "rules/case.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/translated_format.h"

/* Findings that are kept while a session runs, for followers to come; from then on the older half
 * is passed on. */
#define KEPT_FINDINGS 4096
/* How far back a finding may lie for a follower to be added. */
#define FOLD_REACH    64

void pass_on_findings(struct judge *judge, size_t count)
{
    if (count == 0)
        return;
    qsort(judge->findings, count, sizeof(struct finding *), finding_compare);
    for (int i = 0; i < ONCE_COUNT; i++)
        judge->once[i].finding = NULL;
    for (size_t i = 0; i < count; i++) {
        judge->settled = judge->findings[i]->line;
        if (judge->findings[i]->told)
            finding_free(judge->findings[i]);
        else
            judge->sink.finding(judge->sink.context, judge->findings[i]);
    }
    judge->count -= count;
    memmove(judge->findings, judge->findings + count, judge->count * sizeof(struct finding *));
}

/* Returns true if the finding says why the cause came to nothing: it was out of order, or refused because
 * something had to come first. How it was sent, or a warning, is a fault of its own and no reason. */
static bool explains_cause(const struct finding *finding, const struct cause *cause)
{
    const unsigned reason = NEED_IN_ORDER | EXPLAINS;
    const struct rule *rule = finding->rule;
    bool about = finding->number == cause->number && finding->number != SIZE_MAX;
    bool follows =
        finding->follower_number == cause->number && finding->follower_number != SIZE_MAX;
    bool refusal =
        cause->code >= 400 && (rule->needs & reason) == reason && rule->severity == SEVERITY_ERROR;
    return (about || follows) && (rule->commands != 0 || refusal);
}

struct finding *find_root(struct judge *judge, enum rule_id rule, const struct cause *cause)
{
    if (cause->number == SIZE_MAX && !cause->at)
        return NULL;
    size_t oldest = judge->count > FOLD_REACH ? judge->count - FOLD_REACH : 0;
    for (size_t i = judge->count; i > oldest; i--) {
        struct finding *earlier = judge->findings[i - 1];
        enum rule_id earlier_rule = (enum rule_id)(earlier->rule - smtpseq_rules);
        bool alike = earlier_rule == rule ||
                     (smtpseq_rules[rule].needs & earlier->rule->needs & WANTS_TRANSACTION);
        if (alike && earlier->cause.number == cause->number &&
            earlier->cause.line == cause_line(cause) && earlier->detail == cause->detail)
            return earlier;
        if ((smtpseq_rules[rule].needs & LEANS_ON_CAUSE) && explains_cause(earlier, cause))
            return earlier;
    }
    return NULL;
}

void add_follower(struct judgement *judgement, struct finding *finding, uint64_t line)
{
    const struct exchange *exchange = judgement->exchange;
    if (exchange && exchange->location.line == line)
        finding->follower_number = exchange->number;
    if (!finding_follow(finding, line))
        judgement->failed = true;
}

/* Words the message, in every language that is wanted. */
static void word_finding(struct judge *judge, struct finding *finding, const char *format,
                         va_list arguments)
{
    if (finding->words)
        print_translated(finding->words->message, sizeof finding->words->message,
                         judge->sink.language, format, arguments);
    vsnprintf(finding->message, sizeof finding->message, format, arguments);
}

void reword(struct judge *judge, struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    word_finding(judge, finding, format, arguments);
    va_end(arguments);
}

/* A new finding at a place, with the message. NULL when out of memory. */
static struct finding *make_finding(struct judgement *judgement, const struct location *location,
                                    const char *format, va_list arguments)
{
    struct judge *judge = judgement->judge;
    if (judge->count >= KEPT_FINDINGS)
        pass_on_findings(judge, KEPT_FINDINGS / 2);
    struct finding **list =
        array_with_room(judge->findings, judge->count, &judge->capacity, sizeof(struct finding *));
    if (list)
        judge->findings = list;
    struct finding *finding = list ? calloc(1, sizeof *finding) : NULL;
    if (!finding) {
        judgement->failed = true;
        return NULL;
    }
    judge->findings[judge->count++] = finding;
    finding->rule = &smtpseq_rules[judgement->rule];
    finding->severity = finding->rule->severity;
    finding->fault = finding->rule->fault;
    finding->session = judge->session_number;
    finding->shape = judge->shape.hash;
    finding->part = location->part;
    finding->line = location->line;
    finding->column = location->column;
    finding->end_column = location->end_column;
    if (!finding_keep(&finding->raw, location->raw))
        judgement->failed = true;
    finding->hidden_from = secret_start(location);
    finding->number = finding->follower_number = SIZE_MAX;
    if (judge->sink.language && !(finding->words = calloc(1, sizeof *finding->words)))
        judgement->failed = true;
    cause_write(finding, &judgement->cause, judge->sink.language);
    word_finding(judge, finding, format, arguments);
    return finding;
}

/* What the servers of the run say to the command. When order is at fault and none of them minds,
 * the finding is a warning: no server that was named refuses it. */
static void add_servers(struct judgement *judgement, struct finding *finding)
{
    const struct server_set *servers = judgement->judge->servers;
    const struct verdict *verdict = judgement->verdict;
    bool minded = servers->strict;
    if (!verdict->servers || servers->count == 0)
        return;
    finding->servers = calloc(servers->count, sizeof *finding->servers);
    if (!finding->servers) {
        judgement->failed = true;
        return;
    }
    finding->server_count = servers->count;
    for (size_t i = 0; i < servers->count; i++) {
        finding->servers[i] = verdict->servers[i];
        /* Only what was measured to be taken counts: no silence, and no hearsay. */
        minded = minded || verdict->servers[i].code != 250 || servers->tables[i]->documented;
    }
    if (!minded && finding->rule->commands != 0 && finding->severity == SEVERITY_ERROR)
        finding->severity = SEVERITY_WARNING;
}

/* Sets the part of the recorded line that must not be shown. */
static void hide_command(const struct judgement *judgement, struct finding *finding)
{
    const struct exchange *exchange = judgement->exchange;
    const struct verdict *verdict = judgement->verdict;
    size_t command = exchange->location.column > 0 ? exchange->location.column - 1 : 0;
    finding->hidden = verdict->hidden;
    finding->hidden_size = exchange->verb.size + exchange->argument.size +
                           (exchange->verb.size > 0 && exchange->argument.size > 0);
    /* An AUTH that is recorded without its verb is known by its replies alone. */
    if (verdict->hidden == HIDDEN_SECRET || verdict->hidden == HIDDEN_MESSAGE ||
        (exchange->command == COMMAND_AUTH && !is_auth(raw_at(&exchange->location))))
        finding->hidden_from = command;
    else if (verdict->hidden == HIDDEN_ARGUMENT && exchange->command != COMMAND_AUTH)
        finding->hidden_from = argument_at(exchange) < SIZE_MAX ? argument_at(exchange) : command;
    finding->hidden_from = secret_start_in(&exchange->location, exchange_secret(exchange, verdict),
                                           finding->hidden_from);
}

/* Copies the command and its reply into the finding. */
static void add_exchange(struct judgement *judgement, struct finding *finding)
{
    const struct exchange *exchange = judgement->exchange;
    const struct verdict *verdict = judgement->verdict;
    finding->number = exchange->number;
    hide_command(judgement, finding);
    if (exchange->command == COMMAND_UNKNOWN) {
        finding->unknown = true;
        EXCERPT_SET(finding->command, exchange->verb);
        for (size_t i = 0; i < finding->command.size; i++)
            finding->command.data[i] = ascii_upper(finding->command.data[i]);
    } else {
        EXCERPT_SET(finding->command, slice_of(command_verb(exchange->command)));
    }
    finding->has_state = true;
    finding->state = verdict->state;
    finding->expected = verdict->expected;
    finding->predicted = verdict->predicted;
    add_servers(judgement, finding);
    if (exchange->reply_count > 0) {
        const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
        finding->reply.line = reply->line;
        finding->reply.code = reply->code;
        EXCERPT_SET(finding->reply.text, reply->text);
    }
}

struct finding *report(struct judgement *judgement, const char *format, ...)
{
    const struct exchange *exchange = judgement->exchange;
    if (smtpseq_rules[judgement->rule].needs & EXPLAINS)
        judgement->explained = true;
    struct finding *root = find_root(judgement->judge, judgement->rule, &judgement->cause);
    if (root) {
        add_follower(judgement, root, exchange->location.line);
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    struct finding *finding = make_finding(judgement, &exchange->location, format, arguments);
    va_end(arguments);
    if (finding)
        add_exchange(judgement, finding);
    return finding;
}

/* A line of the message is shown as its length, but for a dot that stands alone. */
static void hide_content(struct finding *finding, const struct observation *observation)
{
    bool content = !observation->server && observation->kind != OBSERVED_ANSWER;
    if (!content || observation->length <= 3 || observation->begins == 0)
        return;
    finding->hidden = HIDDEN_MESSAGE;
    finding->hidden_from = observation->begins - 1;
    finding->hidden_size = observation->length - 2;
}

struct finding *report_at(struct judgement *judgement, const struct location *location,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct finding *finding = make_finding(judgement, location, format, arguments);
    va_end(arguments);
    if (finding && judgement->observation)
        hide_content(finding, judgement->observation);
    return finding;
}

bool implied(struct judgement *judgement, enum once kind, uint64_t line)
{
    struct finding *finding = judgement->judge->once[kind].finding;
    if (finding && finding->follower_count < FOLLOWERS_MAX)
        add_follower(judgement, finding, line);
    return judgement->judge->once[kind].reported;
}

struct finding *report_once(struct judgement *judgement, enum once kind, struct finding *finding)
{
    judgement->judge->once[kind].reported = finding != NULL;
    judgement->judge->once[kind].finding = finding;
    return finding;
}

void add_state(struct finding *finding, const struct session *session)
{
    if (!finding)
        return;
    finding->has_state = true;
    finding->state = machine_state(&session->machine);
    finding->expected = machine_expects(&session->machine);
}

struct finding *last_of_rule(struct judge *judge, enum rule_id rule)
{
    for (size_t i = judge->count; i > 0; i--)
        if (judge->findings[i - 1]->rule == &smtpseq_rules[rule])
            return judge->findings[i - 1];
    return NULL;
}

struct finding *finding_about(struct judge *judge, size_t number)
{
    for (size_t i = judge->count; i > 0; i--)
        if (judge->findings[i - 1]->number == number)
            return judge->findings[i - 1];
    return NULL;
}
