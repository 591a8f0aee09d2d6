/* line_rules.c - how lines were sent: too long, with a bare CR or LF, with a dot that ends the message
 * for some servers only. Each is reported once a session; the lines that are alike follow. */
#include "rules/case.h"

#include <inttypes.h>
#include <stdio.h>

/* Octets that extensions add to a command count if they were offered, or if that is not known. */
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

static size_t octets_allowed(const struct judgement *judgement)
{
    enum command command = judgement->exchange->command;
    bool known = judgement->session->offer != OFFER_UNKNOWN;
    size_t allowed = command == COMMAND_AUTH ? AUTH_MAX : COMMAND_MAX;
    for (size_t i = 0; i < sizeof allowances / sizeof allowances[0]; i++)
        if (allowances[i].command == command &&
            (!known || session_offers(judgement->session, allowances[i].extension)))
            allowed += allowances[i].octets;
    return allowed;
}

static void long_command(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    size_t allowed = octets_allowed(judgement);
    if (exchange->length <= allowed || exchange->command == COMMAND_UNKNOWN ||
        implied(judgement, ONCE_LONG_LINE, exchange->location.line))
        return;
    struct finding *finding = report_once(
        judgement, ONCE_LONG_LINE,
        report(judgement, "%s of %zu octets, CR LF included: a server need not take more than %zu",
               command_verb(exchange->command), exchange->length, allowed));
    if (!finding)
        return;
    finding->predicted = 500; /* RFC 5321 4.5.3.1.9 */
    finding->help =
        N_("Look at what was put into the command: addresses of a list belong into commands "
           "of their own, text into the message.");
}

static void long_content(struct judgement *judgement)
{
    const struct observation *observation = judgement->observation;
    if (implied(judgement, ONCE_LONG_LINE, observation->location.line))
        return;
    struct finding *finding = report_once(
        judgement, ONCE_LONG_LINE,
        report_at(judgement, &observation->location,
                  "a line of the message of %zu octets, CR LF included: more than %d are not "
                  "allowed",
                  observation->length, LINE_OCTETS_MAX));
    add_state(finding, judgement->session);
}

void check_line_too_long(struct judgement *judgement)
{
    if (judgement->exchange)
        long_command(judgement);
    else
        long_content(judgement);
}

static void bare_in_command(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    bool lf = exchange->flags & EXCHANGE_BARE_LF;
    if (implied(judgement, ONCE_CLIENT_NEWLINE, exchange->location.line))
        return;
    struct finding *finding = report_once(
        judgement, ONCE_CLIENT_NEWLINE,
        report(judgement, lf ? N_("%s ended with LF alone") : N_("a bare CR in the line of %s"),
               command_verb(exchange->command)));
    if (finding)
        finding->predicted = 500;
}

static void bare_in_line(struct judgement *judgement)
{
    const struct observation *observation = judgement->observation;
    enum once kind = observation->server ? ONCE_SERVER_NEWLINE : ONCE_CLIENT_NEWLINE;
    static const char *const in_reply[] = {N_("a bare CR in the reply"),
                                           N_("a line of the reply ended with LF alone")};
    static const char *const in_message[] = {N_("a bare CR in the message"),
                                             N_("a line of the message ended with LF alone")};
    bool lf = observation->kind == OBSERVED_BARE_LF;
    if (implied(judgement, kind, observation->location.line))
        return;
    struct finding *finding =
        report_once(judgement, kind,
                    report_at(judgement, &observation->location, "%-s",
                              observation->server ? in_reply[lf] : in_message[lf]));
    judgement->judge->once[kind].order = observation->order;
    add_state(finding, judgement->session);
    if (finding && observation->server)
        finding->fault = FAULT_SERVER;
}

void check_bare_newline(struct judgement *judgement)
{
    if (judgement->exchange)
        bare_in_command(judgement);
    else
        bare_in_line(judgement);
}

/* Words the finding from what is known of the dot by now. */
static void word_smuggled_end(struct judge *judge)
{
    struct finding *finding = judge->once[ONCE_SMUGGLED].finding;
    uint64_t line = judge->smuggled.commands_line;
    /* By whether commands follow: none, after it, from a line on; and whether this server took it. */
    static const char *const texts[][2] = {
        {N_("%s in the message: some servers take it for the end"),
         N_("%s in the message: some servers take it for the end; this one did")},
        {N_("%s in the message: some servers take it for the end and obey the commands after it"),
         N_("%s in the message: some servers take it for the end and obey the commands after it; "
            "this one did")},
        {N_("%s in the message: some servers take it for the end and obey the commands from line "
            "%llu on"),
         N_("%s in the message: some servers take it for the end and obey the commands from line "
            "%llu on; this one did")},
    };
    if (!finding)
        return;
    int obeyed = line == 0 ? 0 : line == finding->line ? 1 : 2;
    reword(judge, finding, texts[obeyed][judge->smuggled.taken], judge->smuggled.dot,
           (unsigned long long)line);
}

bool smuggled_end_taken(struct judgement *judgement, uint64_t line)
{
    judgement->judge->smuggled.taken = true;
    word_smuggled_end(judgement->judge);
    return implied(judgement, ONCE_SMUGGLED, line);
}

/* The reply to a message that ended so. */
static void answered_odd_end(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    struct finding *finding = judgement->judge->once[ONCE_SMUGGLED].finding;
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

/* The LF before an odd dot is one fault with it: takes the finding back that it was by itself. */
static void take_back_newline(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    struct finding *finding = judge->once[ONCE_CLIENT_NEWLINE].finding;
    bool just_before = judge->once[ONCE_CLIENT_NEWLINE].order + 1 == judgement->observation->order;
    if (!finding || !just_before || finding->follower_count > 0 || judge->count == 0 ||
        judge->findings[judge->count - 1] != finding)
        return;
    report_once(judgement, ONCE_CLIENT_NEWLINE, NULL);
    judge->count--;
    finding_free(finding);
}

static void odd_dot(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct observation *observation = judgement->observation;
    if (observation->dot[0] == 'L')
        take_back_newline(judgement);
    if (implied(judgement, ONCE_SMUGGLED, observation->location.line))
        return;
    judge->smuggled.dot = observation->dot;
    judge->smuggled.taken = false;
    judge->smuggled.commands_line = 0;
    struct finding *finding =
        report_once(judgement, ONCE_SMUGGLED,
                    report_at(judgement, &observation->location, "%s", observation->dot));
    add_state(finding, judgement->session);
    word_smuggled_end(judge);
}

void check_smuggled_end(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    if (judgement->exchange) {
        answered_odd_end(judgement);
    } else if (judgement->observation->kind == OBSERVED_ODD_DOT) {
        odd_dot(judgement);
    } else if (judge->smuggled.commands_line == 0) {
        judge->smuggled.commands_line = judgement->observation->location.line;
        word_smuggled_end(judge);
    }
}
