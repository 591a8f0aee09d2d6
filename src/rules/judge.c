/* judge.c - takes a session through the rules, one event at a time.
 *
 * Which rules an event goes to is said by their rows alone: the plan adds up what the rows see of each
 * command, and an exchange that shows nothing of that is done with.
 */
#include "rules/case.h"
#include "rules/sights.h"

#include <stdlib.h>

struct judge *judge_new(const struct finding_sink *sink, const struct server_set *servers,
                        const struct plan *plan)
{
    struct judge *judge = calloc(1, sizeof *judge);
    if (!judge)
        return NULL;
    judge->sink = *sink;
    judge->servers = servers;
    judge->plan = plan;
    return judge;
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    for (size_t i = 0; i < judge->count; i++)
        finding_free(judge->findings[i]);
    events_free(judge->seen, SEEN_COUNT);
    free(judge->findings);
    free(judge);
}

uint64_t judge_settled(const struct judge *judge)
{
    return judge->settled;
}

bool judge_tell(struct judge *judge)
{
    for (size_t i = 0; i < judge->count && judge->client_seen; i++) {
        struct finding *finding = judge->findings[i];
        if (finding->told || finding == judge->once[ONCE_SMUGGLED].finding)
            continue; /* the latter may turn out to be worse */
        struct finding *copy = finding_copy(finding);
        if (!copy)
            return false;
        finding->told = true;
        judge->sink.finding(judge->sink.context, copy);
    }
    return true;
}

bool judge_holds(const struct judge *judge)
{
    size_t told = 0;
    while (told < judge->count && judge->findings[told]->told)
        told++;
    return told < judge->count;
}

size_t judge_memory(const struct judge *judge)
{
    size_t sum = sizeof *judge + judge->capacity * sizeof(struct finding *) +
                 events_memory(judge->seen, SEEN_COUNT);
    for (size_t i = 0; i < judge->count; i++)
        sum += finding_memory(judge->findings[i]);
    return sum;
}

bool judge_begin(struct judge *judge, uint64_t session_number)
{
    struct judge fresh = {
        .sink = judge->sink,
        .servers = judge->servers,
        .plan = judge->plan,
        .findings = judge->findings,
        .capacity = judge->capacity,
        .session_number = session_number,
    };
    memcpy(fresh.seen, judge->seen, sizeof fresh.seen); /* their memory */
    *judge = fresh;
    events_reset(judge->seen, SEEN_COUNT);
    return true;
}

/* Returns true if what else the rule needs is so. */
static bool needs_are_met(const struct judgement *judgement, unsigned needs)
{
    const struct verdict *verdict = judgement->verdict;
    if ((needs & NEED_IN_ORDER) && (!verdict->legal || verdict->unclear))
        return false;
    return !(needs & NEED_UNEXPLAINED) || !judgement->explained;
}

/* Calls the checks of the rows that see the event. */
static void apply_rules(struct judgement *judgement, const struct plan_row *row)
{
    bool unseen_refusal = judgement->sights & SIGHT(UNSEEN_REFUSAL);
    sight_set sights = judgement->sights & ~SIGHT(OUT_OF_ORDER);
    size_t broken = judgement->broken && !unseen_refusal
                        ? (size_t)(judgement->broken - smtpseq_rules)
                        : RULE_COUNT;
    if (judgement->judge->withheld)
        return;
    for (size_t i = 0; i < row->count; i++) {
        size_t rule = row->rules[i];
        if ((!(row->sees[i] & sights) && rule != broken) ||
            !needs_are_met(judgement, smtpseq_rules[rule].needs))
            continue;
        judgement->rule = (enum rule_id)rule;
        judgement->cause = rule_checks[rule].cause(judgement);
        rule_checks[rule].check(judgement);
    }
}

/* Finds the rule that an exchange out of order breaks, and whether the client could know. */
static void find_order_rule(struct judgement *judgement)
{
    const struct verdict *verdict = judgement->verdict;
    const struct rule *rule =
        rule_of_order(verdict->state, verdict->security, judgement->exchange->command);
    if (!rule)
        return;
    judgement->rule = (enum rule_id)(rule - smtpseq_rules);
    judgement->order_cause = rule_checks[judgement->rule].cause(judgement);
    judgement->broken = rule;
    if (refused_unseen(judgement))
        judgement->sights |= SIGHT(UNSEEN_REFUSAL);
}

bool judge_exchange(struct judge *judge, const struct session *session,
                    const struct exchange *exchange, const struct verdict *verdict)
{
    const struct plan_row *row = &judge->plan->exchanges[exchange->command];
    judge->client_seen = judge->client_seen || exchange->command != COMMAND_CONNECT;
    sight_set sights = sights_of(judge, session, exchange, verdict);
    bool done = true;
    if (sights & row->seen) { /* most exchanges show nothing that a rule of their command sees */
        struct judgement judgement = {
            .judge = judge,
            .session = session,
            .exchange = exchange,
            .verdict = verdict,
            .sights = sights,
        };
        if (sights & SIGHT(OUT_OF_ORDER))
            find_order_rule(&judgement);
        apply_rules(&judgement, row);
        done = !judgement.failed;
    }
    remember(judge, exchange, verdict);
    session_shape_add(&judge->shape, exchange->command, exchange_code(exchange) / 100);
    return done && !judge->no_memory;
}

bool judge_may_pass(const struct judge *judge, const struct session *session,
                    const struct exchange *exchange)
{
    return !(judge->plan->exchanges[exchange->command].seen & SIGHT(ANY)) &&
           shows_nothing(judge, session, exchange);
}

bool judge_pass(struct judge *judge, const struct exchange *exchange, const struct verdict *verdict)
{
    judge->client_seen = true;
    remember(judge, exchange, verdict);
    session_shape_add(&judge->shape, exchange->command, exchange_code(exchange) / 100);
    return !judge->no_memory;
}

bool judge_stray(struct judge *judge, const struct session *session, const struct stray *stray)
{
    static const sight_set sights[] = {
        [STRAY_EXTRA] = SIGHT(STRAY_EXTRA),
        [STRAY_MALFORMED] = SIGHT(STRAY_MALFORMED),
        [STRAY_MIXED] = SIGHT(STRAY_MIXED),
        [STRAY_CHUNK] = 0,
        [STRAY_CLOSING] = 0,
    };
    struct judgement judgement = {
        .judge = judge,
        .session = session,
        .stray = stray,
        .sights = sights[stray->kind],
    };
    /* A refusal of octets of a BDAT that has been found fault with, or need not be. */
    if (stray->kind == STRAY_CHUNK && judge->count > 0 && !judge->withheld)
        add_follower(&judgement, judge->findings[judge->count - 1], stray->location.line);
    apply_rules(&judgement, &judge->plan->others);
    return !judgement.failed;
}

bool judge_observation(struct judge *judge, const struct session *session,
                       const struct observation *observation)
{
    static const sight_set sights[] = {
        [OBSERVED_LONG_LINE] = SIGHT(LONG_LINE),
        [OBSERVED_BARE_LF] = SIGHT(BARE_NEWLINE),
        [OBSERVED_BARE_CR] = SIGHT(BARE_NEWLINE),
        [OBSERVED_ODD_DOT] = SIGHT(ODD_DOT),
        [OBSERVED_AFTER_ODD_DOT] = SIGHT(AFTER_ODD_DOT),
        [OBSERVED_ANSWER] = SIGHT(ANSWER),
        [OBSERVED_LOOPBACK] = 0,
        [OBSERVED_TLS] = 0,
        [OBSERVED_CLEAR_REPLY] = SIGHT(CLEAR_REPLY),
        [OBSERVED_CLEAR_COMMAND] = SIGHT(CLEAR_COMMAND),
        [OBSERVED_FOREIGN] = SIGHT(FOREIGN),
    };
    struct judgement judgement = {
        .judge = judge,
        .session = session,
        .observation = observation,
        .sights = sights[observation->kind],
    };
    judge->loopback = judge->loopback || observation->kind == OBSERVED_LOOPBACK;
    judge->encrypted = judge->encrypted || observation->kind == OBSERVED_TLS;
    apply_rules(&judgement, &judge->plan->others);
    return !judgement.failed;
}

/* Takes back the findings from that line on; not what the file holds, however it is read. */
static void take_back_findings(struct judge *judge, const struct line_copy *from)
{
    size_t left = 0;
    for (size_t i = 0; i < judge->count; i++) {
        const struct finding *finding = judge->findings[i];
        bool before = finding->line < from->line ||
                      (finding->line == from->line && finding->column < from->column);
        if (finding->fault != FAULT_RECORDING && finding->part == from->part && !before)
            finding_free(judge->findings[i]);
        else
            judge->findings[left++] = judge->findings[i];
    }
    judge->count = left;
    for (int i = 0; i < ONCE_COUNT; i++)
        judge->once[i].finding = NULL;
}

bool judge_unreadable(struct judge *judge, const struct session *session,
                      const struct line_copy *from, const char *reading, bool withhold)
{
    struct judgement judgement = {
        .judge = judge,
        .session = session,
        .unreadable = from,
        .reading = reading,
        .sights = SIGHT(UNREADABLE),
    };
    if (withhold)
        take_back_findings(judge, from);
    apply_rules(&judgement, &judge->plan->others);
    judge->withheld = withhold;
    return !judgement.failed;
}

/* A recording of the server's side alone: its replies answer what is not shown. */
static void forgive_replies(struct judge *judge)
{
    size_t left = 0;
    for (size_t i = 0; i < judge->count; i++) {
        if (judge->findings[i]->rule == &smtpseq_rules[RULE_reply_extra])
            finding_free(judge->findings[i]);
        else
            judge->findings[left++] = judge->findings[i];
    }
    judge->count = left;
}

bool judge_end(struct judge *judge, const struct session *session, const struct session_end *end)
{
    struct judgement judgement = {
        .judge = judge,
        .session = session,
        .end = end,
        .sights = end->truncated ? SIGHT(TRUNCATED) : 0,
    };
    if (!judge->client_seen)
        forgive_replies(judge);
    apply_rules(&judgement, &judge->plan->others);
    pass_on_findings(judge, judge->count);
    return !judgement.failed;
}
