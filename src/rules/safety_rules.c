/* safety_rules.c - passwords: sent without TLS, and left in the recording.
 *
 * Every session in a CI log runs against localhost, and logs do not say whether TLS was there from
 * the beginning: whatever points to either keeps auth-without-tls quiet.
 */
#include "rules/case.h"

/* Returns true if the password itself has been sent: with AUTH, or because the server asked for it. */
static bool password_was_sent(const struct exchange *exchange, enum mechanism mechanism)
{
    struct slice word = slice_word(exchange->argument);
    struct slice response = slice_trim(slice_after(exchange->argument, word.size));
    if (mechanism == MECHANISM_PLAIN && response.size > 1)
        return true;
    if (exchange_code(exchange) == 501) /* RFC 4954 4: the client has cancelled it with "*" */
        return false;
    unsigned asked = mechanism == MECHANISM_LOGIN && response.size == 0 ? 2 : 1;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        if (exchange->replies[i].code == 235)
            return true;
        if (exchange->replies[i].code == 334 && --asked == 0)
            return i + 1 < exchange->reply_count; /* else it ended there, or was given up */
    }
    return false;
}

void check_auth_without_tls(struct judgement *judgement)
{
    const struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    enum mechanism mechanism = mechanism_in(exchange->argument);
    bool password = mechanism == MECHANISM_PLAIN || mechanism == MECHANISM_LOGIN;
    enum security_state security = judgement->verdict->security;
    bool encrypted = security == SECURITY_STATE_ENCRYPTED || security == SECURITY_STATE_BOTH;
    /* Without the greeting the recording may have begun after STARTTLS. */
    if (!password || encrypted || judge->encrypted || judge->loopback || !judge->greeted ||
        !password_was_sent(exchange, mechanism) ||
        implied(judgement, ONCE_NO_TLS, exchange->location.line))
        return;
    report_once(judgement, ONCE_NO_TLS,
                report(judgement, "AUTH %s without TLS: whoever sees the packets has the password",
                       mechanism == MECHANISM_PLAIN ? "PLAIN" : "LOGIN"));
}

/* A secret that can be read in the recording. */
static void found_secret(struct judgement *judgement, const struct location *location,
                         enum mechanism mechanism)
{
    if (implied(judgement, ONCE_SECRET, location->line))
        return;
    struct finding *finding = report_once(
        judgement, ONCE_SECRET,
        report_at(judgement, location,
                  mechanism == MECHANISM_BEARER
                      ? N_("the recording holds the token that was sent with AUTH")
                      : N_("the recording holds the password that was sent with AUTH")));
    if (finding)
        finding->hidden_from = location->column > 0 ? location->column - 1 : 0;
}

/* The initial response of AUTH, or an answer to it that was taken for a command. */
static void credentials_in_command(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    struct slice secret = exchange_secret(exchange, judgement->verdict);
    bool answer = judgement->verdict->secret;
    if (answer) {
        /* Nobody asked, so that only the order tells name and password of LOGIN apart. */
        judge->answers++;
    } else {
        judge->mechanism = mechanism_in(exchange->argument);
        judge->answers = secret.size > 0 && judge->mechanism == MECHANISM_LOGIN;
    }
    if (!holds_credentials(judge->mechanism, secret, answer && judge->answers > 1))
        return;
    struct location location = exchange->location;
    size_t argument = answer ? SIZE_MAX : argument_at(exchange);
    if (argument != SIZE_MAX) {
        location.column =
            (uint32_t)(argument + (size_t)(secret.data - exchange->argument.data)) + 1;
        location.end_column = location.column + (uint32_t)secret.size;
    }
    found_secret(judgement, &location, judge->mechanism);
}

/* What an answer to a challenge of AUTH reveals. */
static void credentials_in_answer(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct observation *observation = judgement->observation;
    enum mechanism mechanism = judge->mechanism;
    unsigned number = observation->number;
    if (observation->argument.size > 0) {
        mechanism = mechanism_in(observation->argument);
        struct slice word = slice_word(observation->argument);
        number += observation->argument.size > word.size;
    } else if (number == 0) {
        number = ++judge->answers;
    }
    int asked = observation->challenge.size > 0 ? asks_for_password(observation->challenge) : -1;
    bool password = asked < 0 ? number > 1 : asked > 0;
    if (holds_credentials(mechanism, observation->text, password))
        found_secret(judgement, &observation->location, mechanism);
}

void check_credentials(struct judgement *judgement)
{
    if (judgement->observation)
        credentials_in_answer(judgement);
    else if (judgement->exchange->command == COMMAND_AUTH || judgement->verdict->secret)
        credentials_in_command(judgement);
}
