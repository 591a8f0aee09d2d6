/* line_rules.c - how lines were sent: too long, with a bare CR or LF, with a dot that ends the message
 * for some servers only. Of each kind one finding for a session; the lines that are alike follow. */
#include "rules/case.h"

#include <stdio.h>

bool stands(struct judgement *judgement, enum standing standing, uint64_t line)
{
    bool made = judgement->judge->standing[standing].made;
    struct finding *finding = judgement->judge->standing[standing].finding;
    if (finding && finding->follower_count < FOLLOWERS_MAX)
        add_follower(judgement, finding, line);
    return made;
}

struct finding *stand(struct judgement *judgement, enum standing standing, struct finding *finding)
{
    judgement->judge->standing[standing].made = finding != NULL;
    judgement->judge->standing[standing].finding = finding;
    return finding;
}

/* The first finding of its kind. NULL: there is one already, or out of memory. */
static struct finding *begin(struct judgement *judgement, enum standing standing, enum rule_id rule,
                             const struct location *location)
{
    if (stands(judgement, standing, location->line))
        return NULL;
    struct finding *finding = judgement->exchange
                                  ? make_finding(judgement, rule, &NO_CAUSE)
                                  : make_finding_at(judgement, rule, location, &NO_CAUSE);
    stand(judgement, standing, finding);
    if (finding && !judgement->exchange) {
        finding->has_state = true;
        finding->state = machine_state(&judgement->session->machine);
    }
    return finding;
}

/* What extensions add to a command counts where they were offered, or nobody knows. */
#define AUTH_MAX 12288 /* RFC 4954 4 */

static const struct {
    enum command command;
    enum extension extension;
    unsigned octets;
} allowances[] = {
    {COMMAND_MAIL, EXTENSION_SIZE, 26},          /* RFC 1870 3 */
    {COMMAND_MAIL, EXTENSION_8BITMIME, 17},      /* RFC 6152 2 */
    {COMMAND_MAIL, EXTENSION_AUTH, 500},         /* RFC 4954 3 */
    {COMMAND_MAIL, EXTENSION_SMTPUTF8, 10},      /* RFC 6531 3.1 */
    {COMMAND_MAIL, EXTENSION_DSN, 120},          /* RFC 3461 4.3, 4.4: RET, and ENVID of 100 */
    {COMMAND_MAIL, EXTENSION_DELIVERBY, 17},     /* RFC 2852 4 */
    {COMMAND_MAIL, EXTENSION_FUTURERELEASE, 34}, /* RFC 4865 3 */
    {COMMAND_MAIL, EXTENSION_MT_PRIORITY, 15},   /* RFC 6710 3 */
    {COMMAND_MAIL, EXTENSION_REQUIRETLS, 11},    /* RFC 8689 2 */
    {COMMAND_RCPT, EXTENSION_DSN, 540},          /* RFC 3461 4.1, 4.2: NOTIFY, and ORCPT of 500 */
    {COMMAND_RCPT, EXTENSION_RRVS, 40},          /* RFC 7293 3 */
    {COMMAND_VRFY, EXTENSION_SMTPUTF8, 10},      /* RFC 6531 3.1 */
    {COMMAND_EXPN, EXTENSION_SMTPUTF8, 10},
};

static size_t most_octets(const struct judgement *judgement)
{
    enum command command = judgement->exchange->command;
    bool known = session_offer(judgement->session) != OFFER_UNKNOWN;
    size_t most = command == COMMAND_AUTH ? AUTH_MAX : COMMAND_MAX;
    for (size_t i = 0; i < sizeof allowances / sizeof allowances[0]; i++)
        if (allowances[i].command == command &&
            (!known || session_offers(judgement->session, allowances[i].extension)))
            most += allowances[i].octets;
    return most;
}

static void long_command(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    size_t most = most_octets(judgement);
    if (exchange->length <= most || exchange->command == COMMAND_UNKNOWN)
        return;
    struct finding *finding =
        begin(judgement, STANDING_LONG_LINE, RULE_line_too_long, &exchange->location);
    if (finding)
        finding->predicted = 500; /* RFC 5321 4.5.3.1.9 */
    say(finding, "%s of %zu octets, CR LF included: a server need not take more than %zu",
        command_verb(exchange->command), exchange->length, most);
}

static void bare_in_command(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    bool lf = exchange->flags & EXCHANGE_BARE_LF;
    struct finding *finding =
        begin(judgement, STANDING_CLIENT_NEWLINE, RULE_bare_newline, &exchange->location);
    if (finding)
        finding->predicted = 500;
    say(finding, lf ? "%s ended with LF alone" : "a bare CR in the line of %s",
        command_verb(exchange->command));
}

bool smuggled_end_taken(struct judgement *judgement, uint64_t line)
{
    struct judge *judge = judgement->judge;
    struct finding *finding = judge->standing[STANDING_SMUGGLED].finding;
    if (finding && !judge->smuggled_end_taken) {
        size_t used = strlen(finding->message);
        snprintf(finding->message + used, sizeof finding->message - used, "; this one did");
        judge->smuggled_end_taken = true;
    }
    return stands(judgement, STANDING_SMUGGLED, line);
}

/* The reply to a message that ended so. */
static void answered_odd_end(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    struct finding *finding = judgement->judge->standing[STANDING_SMUGGLED].finding;
    if (!finding || exchange->reply_count == 0)
        return;
    smuggled_end_taken(judgement, exchange->location.line);
    if (finding->line != exchange->location.line)
        return;
    const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
    finding->reply.line = reply->line;
    finding->reply.code = reply->code;
    EXCERPT_SET(finding->reply.text, reply->text);
}

void line_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    bool at_fault = judgement->client_at_fault; /* with what was said, not with how */
    if (judgement->orphaned)
        return;
    if (exchange->length > COMMAND_MAX)
        long_command(judgement);
    if (exchange->flags & (EXCHANGE_BARE_LF | EXCHANGE_BARE_CR))
        bare_in_command(judgement);
    if (exchange->flags & EXCHANGE_ODD_END)
        answered_odd_end(judgement);
    judgement->client_at_fault = at_fault;
}

static void long_content(struct judgement *judgement, const struct observation *observation)
{
    struct finding *finding =
        begin(judgement, STANDING_LONG_LINE, RULE_line_too_long, &observation->location);
    say(finding,
        "a line of the message of %zu octets, CR LF included: more than %d are not allowed",
        observation->length, LINE_OCTETS_MAX);
}

static void bare_newline(struct judgement *judgement, const struct observation *observation)
{
    bool lf = observation->kind == OBSERVED_BARE_LF;
    struct finding *finding =
        begin(judgement, observation->server ? STANDING_SERVER_NEWLINE : STANDING_CLIENT_NEWLINE,
              RULE_bare_newline, &observation->location);
    if (!finding)
        return;
    if (observation->server)
        finding->fault = FAULT_SERVER;
    else
        judgement->judge->standing[STANDING_CLIENT_NEWLINE].order = observation->order;
    say(finding, lf ? "a line of %s ended with LF alone" : "a bare CR in %s",
        observation->server ? "the reply" : "the message");
}

/* The LF before an odd dot is one fault with it: takes the finding back that it was by itself. */
static void take_back_newline(struct judgement *judgement, const struct observation *observation)
{
    struct judge *judge = judgement->judge;
    struct finding *finding = judge->standing[STANDING_CLIENT_NEWLINE].finding;
    bool just_before = judge->standing[STANDING_CLIENT_NEWLINE].order + 1 == observation->order;
    if (!finding || !just_before || finding->follower_count > 0 || judge->count == 0 ||
        judge->findings[judge->count - 1] != finding)
        return;
    stand(judgement, STANDING_CLIENT_NEWLINE, NULL);
    judge->count--;
    finding_free(finding);
}

static void smuggled_end(struct judgement *judgement, const struct observation *observation)
{
    if (observation->dot[0] == 'L')
        take_back_newline(judgement, observation);
    struct finding *finding =
        begin(judgement, STANDING_SMUGGLED, RULE_smuggled_end_of_data, &observation->location);
    say(finding, "%s in the message: some servers take it for the end", observation->dot);
}

static void behind_smuggled_end(struct judgement *judgement, const struct observation *observation)
{
    struct judge *judge = judgement->judge;
    struct finding *finding = judge->standing[STANDING_SMUGGLED].finding;
    if (!finding || judge->smuggled_commands)
        return;
    judge->smuggled_commands = true;
    size_t used = strlen(finding->message);
    char *end = finding->message + used;
    if (observation->location.line == finding->line)
        snprintf(end, sizeof finding->message - used, " and obey the commands behind it");
    else
        snprintf(end, sizeof finding->message - used, " and obey the commands from line %llu on",
                 (unsigned long long)observation->location.line);
}

bool judge_observation(struct judge *judge, const struct session *session,
                       const struct observation *observation)
{
    struct judgement judgement = {.judge = judge, .session = session};
    switch (observation->kind) {
    case OBSERVED_LOOPBACK:
        judge->loopback = true;
        break;
    case OBSERVED_TLS:
        judge->encrypted = true;
        break;
    case OBSERVED_ANSWER:
        answer_rules(&judgement, observation);
        break;
    case OBSERVED_LONG_LINE:
        long_content(&judgement, observation);
        break;
    case OBSERVED_BARE_LF:
    case OBSERVED_BARE_CR:
        bare_newline(&judgement, observation);
        break;
    case OBSERVED_ODD_DOT:
        smuggled_end(&judgement, observation);
        break;
    case OBSERVED_BEHIND_ODD_DOT:
        behind_smuggled_end(&judgement, observation);
        break;
    }
    return !judgement.failed;
}
