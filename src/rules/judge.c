/* judge.c - makes findings, folds what follows from the same cause, gives them on in order. */
#include "rules/case.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Findings that are kept while a session runs, for followers to come; from then on the older half
 * is given on. */
#define KEPT_FINDINGS 4096
/* How far back a finding may lie for a follower to be added. */
#define FOLD_REACH    64

struct judge *judge_new(const struct finding_sink *sink, const struct server_set *servers)
{
    struct judge *judge = calloc(1, sizeof *judge);
    if (!judge)
        return NULL;
    judge->sink = *sink;
    judge->servers = servers;
    return judge;
}

void finding_free(struct finding *finding)
{
    if (!finding)
        return;
    free(finding->followers);
    free(finding);
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    for (size_t i = 0; i < judge->count; i++)
        finding_free(judge->findings[i]);
    free(judge->findings);
    free(judge);
}

int finding_compare(const void *left, const void *right)
{
    const struct finding *a = *(struct finding *const *)left;
    const struct finding *b = *(struct finding *const *)right;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* Gives the first `count` findings on. */
static void release(struct judge *judge, size_t count)
{
    if (count == 0)
        return;
    qsort(judge->findings, count, sizeof(struct finding *), finding_compare);
    for (int i = 0; i < STANDING_COUNT; i++)
        judge->standing[i].finding = NULL;
    for (size_t i = 0; i < count; i++) {
        judge->settled = judge->findings[i]->line;
        judge->sink.finding(judge->sink.context, judge->findings[i]);
    }
    judge->count -= count;
    memmove(judge->findings, judge->findings + count, judge->count * sizeof(struct finding *));
}

uint64_t judge_settled(const struct judge *judge)
{
    return judge->settled;
}

size_t judge_memory(const struct judge *judge)
{
    return sizeof *judge + judge->capacity * sizeof(struct finding *) +
           judge->count * sizeof(struct finding);
}

struct cause cause_at(const struct past *past, const char *format, ...)
{
    struct cause cause = {.number = past->number, .line = past->line};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cause.message, sizeof cause.message, format, arguments);
    va_end(arguments);
    return cause;
}

void say(struct finding *finding, const char *format, ...)
{
    if (!finding)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->message, sizeof finding->message, format, arguments);
    va_end(arguments);
}

int exchange_code(const struct exchange *exchange)
{
    return exchange->reply_count > 0 ? exchange->replies[exchange->reply_count - 1].code : 0;
}

/* Rules that say the same of different commands: there is no transaction for them to be in. */
static bool wants_transaction(enum rule_id rule)
{
    return rule == RULE_rcpt_before_mail || rule == RULE_data_before_mail ||
           rule == RULE_bdat_before_mail || rule == RULE_bdat_after_last ||
           rule == RULE_refused_in_pipeline;
}

struct finding *find_root(struct judge *judge, enum rule_id rule, const struct cause *cause)
{
    if (cause->number == SIZE_MAX && cause->line == 0)
        return NULL;
    size_t oldest = judge->count > FOLD_REACH ? judge->count - FOLD_REACH : 0;
    for (size_t i = judge->count; i > oldest; i--) {
        struct finding *earlier = judge->findings[i - 1];
        enum rule_id earlier_rule = (enum rule_id)(earlier->rule - smtpseq_rules);
        bool alike =
            earlier_rule == rule || (wants_transaction(rule) && wants_transaction(earlier_rule));
        if (alike && earlier->cause_number == cause->number && earlier->cause.line == cause->line &&
            earlier->detail == cause->detail)
            return earlier;
        /* What was refused because it was out of order is the root of what leans on it. */
        if (wants_transaction(rule) && earlier->number == cause->number &&
            earlier->number != SIZE_MAX && earlier->rule->commands != 0)
            return earlier;
    }
    return NULL;
}

void add_follower(struct judgement *judgement, struct finding *finding, uint64_t line)
{
    if (finding->line == line || finding->last_follower == line)
        return;
    finding->last_follower = line;
    if (finding->follower_count == FOLLOWERS_NAMED) {
        finding->more_followers++;
        return;
    }
    if (finding->follower_count == finding->follower_capacity) {
        size_t capacity = finding->follower_capacity ? finding->follower_capacity * 2 : 8;
        uint64_t *larger = reallocarray(finding->followers, capacity, sizeof *larger);
        if (!larger) {
            judgement->failed = true;
            return;
        }
        finding->followers = larger;
        finding->follower_capacity = capacity;
    }
    finding->followers[finding->follower_count++] = line;
}

struct finding *make_finding_at(struct judgement *judgement, enum rule_id rule,
                                const struct place *place, const struct cause *cause)
{
    struct judge *judge = judgement->judge;
    if (judge->count >= KEPT_FINDINGS)
        release(judge, KEPT_FINDINGS / 2);
    if (judge->count == judge->capacity) {
        size_t capacity = judge->capacity ? judge->capacity * 2 : 16;
        struct finding **larger = reallocarray(judge->findings, capacity, sizeof *larger);
        if (!larger) {
            judgement->failed = true;
            return NULL;
        }
        judge->findings = larger;
        judge->capacity = capacity;
    }
    struct finding *finding = calloc(1, sizeof *finding);
    if (!finding) {
        judgement->failed = true;
        return NULL;
    }
    judge->findings[judge->count++] = finding;
    finding->rule = &smtpseq_rules[rule];
    finding->severity = finding->rule->severity;
    finding->fault = finding->rule->fault;
    finding->session = judge->session_number;
    finding->shape = judge->shape.hash;
    finding->part = place->part;
    finding->line = place->line;
    finding->column = place->column;
    finding->end_column = place->end_column;
    EXCERPT_SET(finding->raw, place->raw);
    finding->secret_from = secret_start(place);
    finding->cause_number = cause->number;
    finding->detail = cause->detail;
    finding->number = SIZE_MAX;
    finding->cause.line = cause->line;
    memcpy(finding->cause.message, cause->message, sizeof cause->message);
    snprintf(finding->message, sizeof finding->message, "%s", finding->rule->title);
    return finding;
}

/* What the servers of the run say to the command. When order is at fault and none of them minds,
 * the finding is a warning: no server that was named refuses it. */
static void add_servers(struct finding *finding, const struct server_set *servers,
                        const struct verdict *verdict)
{
    bool minded = servers->strict;
    if (!verdict->servers || servers->count == 0)
        return;
    for (size_t i = 0; i < servers->count; i++) {
        finding->servers[i] = verdict->servers[i];
        minded = minded || verdict->servers[i].code == 0 || verdict->servers[i].code >= 400;
    }
    if (!minded && finding->rule->commands != 0 && finding->severity == SEVERITY_ERROR)
        finding->severity = SEVERITY_WARNING;
}

struct finding *make_finding(struct judgement *judgement, enum rule_id rule,
                             const struct cause *cause)
{
    const struct exchange *exchange = judgement->exchange;
    const struct verdict *verdict = judgement->verdict;
    struct finding *finding = make_finding_at(judgement, rule, &exchange->place, cause);
    if (!finding)
        return NULL;
    if (finding->fault == FAULT_CLIENT && finding->severity >= SEVERITY_WARNING)
        judgement->client_at_fault = true;
    finding->number = exchange->number;
    finding->secret_command = verdict->secret;
    /* An AUTH that is recorded without its verb is known by its replies alone. */
    if (verdict->secret ||
        (exchange->command == COMMAND_AUTH && !is_auth(raw_at(&exchange->place))))
        finding->secret_from = exchange->place.column - 1;
    finding->secret_from =
        secret_start_in(&exchange->place, exchange_secret(exchange, verdict), finding->secret_from);
    if (exchange->command == COMMAND_UNKNOWN) {
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
    add_servers(finding, judgement->judge->servers, verdict);
    if (exchange->reply_count > 0) {
        const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
        finding->reply.line = reply->line;
        finding->reply.code = reply->code;
        struct slice secret = exchange_secret(exchange, verdict);
        finding->reply.secret = secret.size > 0 && slice_contains(reply->text, secret);
        EXCERPT_SET(finding->reply.text, reply->text);
    }
    return finding;
}

struct finding *fold_or_make(struct judgement *judgement, enum rule_id rule,
                             const struct cause *cause)
{
    struct finding *root = find_root(judgement->judge, rule, cause);
    if (!root)
        return make_finding(judgement, rule, cause);
    add_follower(judgement, root, judgement->exchange->place.line);
    if (smtpseq_rules[rule].fault == FAULT_CLIENT)
        judgement->client_at_fault = true;
    return NULL;
}

bool judge_begin(struct judge *judge, uint64_t session_number)
{
    struct judge fresh = {
        .sink = judge->sink,
        .servers = judge->servers,
        .findings = judge->findings,
        .capacity = judge->capacity,
        .session_number = session_number,
    };
    *judge = fresh;
    return true;
}

/* The exchanges that later ones are measured against. */
static void set_landmarks(struct judge *judge, const struct exchange *exchange)
{
    struct landmark here = {true, exchange->number, exchange->place.line, exchange->command};
    switch (exchange->command) {
    case COMMAND_EHLO: /* RFC 2920 3.1 */
    case COMMAND_HELO:
    case COMMAND_LHLO:
    case COMMAND_DATA:
    case COMMAND_VRFY:
    case COMMAND_EXPN:
    case COMMAND_TURN:
    case COMMAND_QUIT:
    case COMMAND_NOOP:
    case COMMAND_AUTH: /* RFC 4954 4 */
    case COMMAND_ATRN:
        judge->last_sync = here;
        break;
    case COMMAND_STARTTLS:
        judge->last_starttls = here;
        break;
    default:
        break;
    }
    if (exchange->flags & EXCHANGE_MISSING)
        judge->last_missing = here;
    if (judge->certain.set && judge->certain.number + 1 == exchange->number)
        judge->after_certain = here;
    int code = exchange_code(exchange);
    bool distinct = code == 220 || code == 354 || code == 221 || code == 235 ||
                    (code == 250 && exchange->replies[exchange->reply_count - 1].lines > 1);
    if (distinct && !(exchange->flags & EXCHANGE_MISFIT)) {
        judge->certain = here;
        judge->after_certain = (struct landmark){0};
        judge->out_of_step = false;
    }
}

/* RFC 3030 2: behind a chunk that was refused or out of order the state is not defined until RSET. */
static void set_failed_chunk(struct judge *judge, const struct exchange *exchange,
                             const struct verdict *verdict)
{
    bool chunk = exchange->command == COMMAND_BDAT || exchange->command == COMMAND_BDAT_LAST;
    bool between = verdict->state == STATE_BDAT && !verdict->legal;
    bool restart = exchange->command == COMMAND_RSET || exchange->command == COMMAND_STARTTLS ||
                   command_is_hello(exchange->command);
    if (!chunk && !between && !restart)
        return;
    int code = exchange_code(exchange);
    if (restart && code / 100 == 2)
        judge->failed_chunk.set = false;
    else if (!judge->failed_chunk.set && (chunk || between) && code >= 400 && code != 500 &&
             code != 502)
        judge->failed_chunk =
            (struct landmark){true, exchange->number, exchange->place.line, exchange->command};
}

/* Whether there is nothing about the exchange that rules of order, of pipelining, of replies and of
 * servers look for: it was in order, waited for, and answered as it should be. */
static bool is_plain(const struct judgement *judgement)
{
    const struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    int code = exchange_code(exchange);
    bool forwards = code == 251 || code == 252 || code == 551;
    return judgement->verdict->legal && exchange->command != COMMAND_UNKNOWN &&
           exchange->flags == 0 && exchange->reply_count > 0 && exchange->early.line == 0 &&
           exchange->answered >= exchange->number && !judge->message_runs_on && code != 503 &&
           !forwards && (!judge->servers || judge->servers->count == 0);
}

bool judge_exchange(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict)
{
    struct judgement judgement = {
        .judge = judge,
        .session = session,
        .exchange = exchange,
        .verdict = verdict,
    };
    judge->client_seen = judge->client_seen || exchange->command != COMMAND_CONNECT;
    bool plain = is_plain(&judgement);
    judgement.orphaned = !plain && orphaned_message(&judgement);
    if (!plain && !judgement.orphaned) {
        pipelining_rules(&judgement);
        order_rules(&judgement);
    }
    extension_rules(&judgement);
    syntax_rules(&judgement);
    if (!plain) {
        reply_rules(&judgement);
        forwarding_rules(&judgement);
        server_rules(&judgement);
    }
    line_rules(&judgement);
    safety_rules(&judgement);
    set_landmarks(judge, exchange);
    set_failed_chunk(judge, exchange, verdict);
    session_shape_add(&judge->shape, exchange->command, exchange_code(exchange) / 100);
    return !judgement.failed;
}

bool judge_stray(struct judge *judge, const struct session *session, const struct stray *stray)
{
    static const enum rule_id rules[] = {
        [STRAY_EXTRA] = RULE_reply_extra,
        [STRAY_MALFORMED] = RULE_reply_malformed,
        [STRAY_MIXED] = RULE_reply_mixed_codes,
    };
    struct judgement judgement = {.judge = judge, .session = session};
    struct finding *last = judge->count > 0 ? judge->findings[judge->count - 1] : NULL;
    if (stray->kind == STRAY_CLOSING)
        return true;
    if (stray->kind == STRAY_CHUNK) { /* of a BDAT that has been found fault with, or need not be */
        if (last)
            add_follower(&judgement, last, stray->place.line);
        return !judgement.failed;
    }
    enum rule_id rule = rules[stray->kind];
    /* Replies to what a server has read behind a dot that it took for the end of the message. */
    if (rule == RULE_reply_extra && smuggled_end_taken(&judgement, stray->place.line))
        return !judgement.failed;
    bool runs_on = last && last->rule == &smtpseq_rules[rule] &&
                   judge->last_stray + 1 == stray->order;
    judge->last_stray = stray->order;
    if (runs_on) {
        add_follower(&judgement, last, stray->place.line);
        return !judgement.failed;
    }
    struct finding *finding = make_finding_at(&judgement, rule, &stray->place, &NO_CAUSE);
    if (!finding)
        return false;
    finding->has_state = true;
    finding->state = machine_state(session->machine);
    finding->expected = machine_expects(session->machine);
    if (stray->reply.code > 0) {
        finding->reply.line = stray->reply.line;
        finding->reply.code = stray->reply.code;
        EXCERPT_SET(finding->reply.text, stray->reply.text);
    }
    if (session->behind_auth) { /* it may repeat a secret that was taken for no command */
        finding->reply.secret = true;
        finding->secret_from = finding->end_column - 1;
    }
    if (rule == RULE_reply_mixed_codes)
        say(finding, "%03d in a reply that began with another code", stray->reply.code);
    else if (rule == RULE_reply_extra)
        say(finding, "reply %d to nothing: every command had its answer", stray->reply.code);
    else if (rule == RULE_reply_malformed && stray->reply.code > 0 &&
             !reply_code_valid(stray->reply.code))
        say(finding, "%03d is no reply code: the first digit is 2 to 5, the second 0 to 5",
            stray->reply.code);
    else if (rule == RULE_reply_malformed && stray->reply.code > 0)
        say(finding, "the reply %d has no last line: a line \"%d\" with a blank is missing",
            stray->reply.code, stray->reply.code);
    return true;
}

/* A recording of the server's side alone: its replies answer what is not shown. */
static void forgive_replies(struct judge *judge)
{
    size_t kept = 0;
    for (size_t i = 0; i < judge->count; i++) {
        if (judge->findings[i]->rule == &smtpseq_rules[RULE_reply_extra])
            finding_free(judge->findings[i]);
        else
            judge->findings[kept++] = judge->findings[i];
    }
    judge->count = kept;
}

bool judge_end(struct judge *judge, const struct session *session, const struct session_end *end)
{
    struct judgement judgement = {.judge = judge, .session = session};
    if (!judge->client_seen)
        forgive_replies(judge);
    if (end->truncated) {
        struct finding *finding =
            make_finding_at(&judgement, RULE_session_truncated, &end->place, &NO_CAUSE);
        if (finding) {
            finding->has_state = true;
            finding->state = machine_state(session->machine);
            finding->expected = machine_expects(session->machine);
            if (session->behind_auth && !is_auth(raw_at(&end->place))) /* an answer to it */
                finding->secret_from = finding->column - 1;
            say(finding, end->in_line      ? "the recording ends in the middle of this line"
                         : end->in_content ? "the recording ends in the middle of the message"
                                         : "the recording ends before this command was answered");
        }
    }
    release(judge, judge->count);
    return !judgement.failed;
}
