/* judge.c - takes a session through the rules, one exchange at a time. */
#include "rules/case.h"

#include <stdlib.h>

struct judge *judge_new(const struct finding_sink *sink, const struct server_set *servers)
{
    struct judge *judge = calloc(1, sizeof *judge);
    if (!judge)
        return NULL;
    judge->sink = *sink;
    judge->servers = servers;
    return judge;
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

uint64_t judge_settled(const struct judge *judge)
{
    return judge->settled;
}

size_t judge_memory(const struct judge *judge)
{
    size_t sum = sizeof *judge + judge->capacity * sizeof(struct finding *);
    for (size_t i = 0; i < judge->count; i++)
        sum += finding_memory(judge->findings[i]);
    return sum;
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

static void mark_landmark(struct landmark *landmark, const struct exchange *exchange)
{
    landmark->set = true;
    landmark->number = exchange->number;
    landmark->line = exchange->location.line;
    landmark->command = exchange->command;
}

/* Codes that answer one command only. */
static bool is_distinct(const struct exchange *exchange, int code)
{
    return code == 220 || code == 354 || code == 221 || code == 235 ||
           (code == 250 && exchange->replies[exchange->reply_count - 1].lines > 1);
}

/* The exchanges that later ones are measured against. */
static void set_landmarks(struct judge *judge, const struct exchange *exchange, int code)
{
    const command_set sync = HELLO_COMMANDS | COMMAND_BIT(COMMAND_DATA) |
                             COMMAND_BIT(COMMAND_VRFY) | COMMAND_BIT(COMMAND_EXPN) |
                             COMMAND_BIT(COMMAND_TURN) | COMMAND_BIT(COMMAND_QUIT) |
                             COMMAND_BIT(COMMAND_NOOP) | /* RFC 2920 3.1 */
                             COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_ATRN); /* RFC 4954 4 */
    if (sync & COMMAND_BIT(exchange->command))
        mark_landmark(&judge->last_sync, exchange);
    if (exchange->command == COMMAND_STARTTLS)
        mark_landmark(&judge->last_starttls, exchange);
    if (exchange->flags & EXCHANGE_MISSING)
        mark_landmark(&judge->last_missing, exchange);
    if (judge->certain.set && judge->certain.number + 1 == exchange->number)
        mark_landmark(&judge->after_certain, exchange);
    if (is_distinct(exchange, code) && !(exchange->flags & EXCHANGE_MISFIT)) {
        mark_landmark(&judge->certain, exchange);
        judge->after_certain.set = false;
        judge->out_of_step = false;
    }
}

/* RFC 3030 2: behind a chunk that was refused or out of order the state is not defined until RSET. */
static void set_failed_chunk(struct judge *judge, const struct exchange *exchange,
                             const struct verdict *verdict, int code)
{
    const command_set chunks = COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_BDAT_LAST);
    const command_set restarts =
        COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_STARTTLS) | HELLO_COMMANDS;
    command_set here = COMMAND_BIT(exchange->command);
    bool between = verdict->state == STATE_BDAT && !verdict->legal;
    if ((restarts & here) && code / 100 == 2)
        judge->failed_chunk.set = false;
    else if (((chunks & here) || between) && !judge->failed_chunk.set && code >= 400 &&
             code != 500 && code != 502)
        mark_landmark(&judge->failed_chunk, exchange);
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

/* Whether there is nothing to say of the words either: no parameter, no flaw, no password. */
static bool has_plain_words(const struct exchange *exchange)
{
    if (exchange->length > COMMAND_MAX)
        return false;
    switch (exchange->command) {
    case COMMAND_MAIL:
        return envelope_is_plain(exchange->argument, SLICE("FROM:"));
    case COMMAND_RCPT:
        return envelope_is_plain(exchange->argument, SLICE("TO:"));
    case COMMAND_DATA:
    case COMMAND_END_OF_DATA:
    case COMMAND_RSET:
    case COMMAND_QUIT:
        return exchange->argument.size == 0;
    default:
        return false;
    }
}

static void apply_rules(struct judgement *judgement, bool plain)
{
    judgement->orphaned = !plain && orphaned_message(judgement);
    if (!plain && !judgement->orphaned) {
        pipelining_rules(judgement);
        order_rules(judgement);
    }
    extension_rules(judgement);
    syntax_rules(judgement);
    if (!plain) {
        reply_rules(judgement);
        forwarding_rules(judgement);
        server_rules(judgement);
    }
    line_rules(judgement);
    safety_rules(judgement);
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
    if (!plain || !has_plain_words(exchange))
        apply_rules(&judgement, plain);
    int code = exchange_code(exchange);
    set_landmarks(judge, exchange, code);
    set_failed_chunk(judge, exchange, verdict, code);
    session_shape_add(&judge->shape, exchange->command, code / 100);
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
            add_follower(&judgement, last, stray->location.line);
        return !judgement.failed;
    }
    enum rule_id rule = rules[stray->kind];
    /* Replies to what a server has read behind a dot that it took for the end of the message. */
    if (rule == RULE_reply_extra && smuggled_end_taken(&judgement, stray->location.line))
        return !judgement.failed;
    bool runs_on =
        last && last->rule == &smtpseq_rules[rule] && judge->last_stray + 1 == stray->order;
    judge->last_stray = stray->order;
    if (runs_on) {
        add_follower(&judgement, last, stray->location.line);
        return !judgement.failed;
    }
    struct finding *finding = make_finding_at(&judgement, rule, &stray->location, &NO_CAUSE);
    if (!finding)
        return false;
    finding->has_state = true;
    finding->state = machine_state(&session->machine);
    finding->expected = machine_expects(&session->machine);
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
            make_finding_at(&judgement, RULE_session_truncated, &end->location, &NO_CAUSE);
        if (finding) {
            finding->has_state = true;
            finding->state = machine_state(&session->machine);
            finding->expected = machine_expects(&session->machine);
            if (session->behind_auth && !is_auth(raw_at(&end->location))) /* an answer to it */
                finding->secret_from = finding->column - 1;
            say(finding, end->in_line      ? "the recording ends in the middle of this line"
                         : end->in_content ? "the recording ends in the middle of the message"
                                           : "the recording ends before this command was answered");
        }
    }
    give_findings(judge, judge->count);
    return !judgement.failed;
}
