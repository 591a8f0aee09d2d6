/* safety_rules.c - passwords: sent without TLS, and left in the recording.
 *
 * Every session in a CI log runs against localhost, and logs do not say whether TLS was there from
 * the beginning: whatever points to either keeps auth-without-tls quiet.
 */
#include "rules/case.h"

#include "smtp/connection_hints.h"

/* What greeting and hello say of where the server is. "Hello NAME [ADDRESS]": the name is what the
 * client said, so that only the rest counts. */
static void learn_from_reply(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    if (judgement->judge->loopback || exchange->reply_count == 0)
        return;
    /* What a log puts before a line is often the peer's address. */
    const struct location *location = &exchange->location;
    struct slice prefix =
        slice_head(location->raw, location->column > 0 ? location->column - 1 : 0);
    struct slice text = exchange->replies[exchange->reply_count - 1].text;
    text = slice_head(text, slice_find(text, '\n'));
    struct slice name = exchange->argument;
    size_t at = 0;
    while (name.size > 0 && at + name.size <= text.size &&
           !slice_starts_nocase(slice_after(text, at), name))
        at++;
    bool echoed = name.size > 0 && at > 0 && at + name.size <= text.size;
    struct slice before = echoed ? slice_head(text, at) : text;
    struct slice behind = echoed ? slice_after(text, at + name.size) : SLICE("");
    judgement->judge->loopback =
        names_loopback(prefix) || names_loopback(before) || names_loopback(behind);
}

/* Whether the password itself has been sent: with AUTH, or because the server asked for it. */
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

static void auth_without_tls(struct judgement *judgement)
{
    struct judge *judge = judgement->judge;
    const struct exchange *exchange = judgement->exchange;
    const struct session *session = judgement->session;
    enum mechanism mechanism = mechanism_in(exchange->argument);
    bool password = mechanism == MECHANISM_PLAIN || mechanism == MECHANISM_LOGIN;
    enum security_state security = judgement->verdict->security;
    bool encrypted = security == SECURITY_STATE_ENCRYPTED || security == SECURITY_STATE_BOTH;
    /* Without the greeting the recording may have begun behind STARTTLS. */
    if (!password || encrypted || judge->encrypted || judge->loopback || !judge->greeted ||
        !password_was_sent(exchange, mechanism) ||
        stands(judgement, STANDING_NO_TLS, exchange->location.line))
        return;
    const struct past *hello = session_before(session, PAST_HELLO);
    bool offered = session_offers(session, EXTENSION_STARTTLS) && hello->happened;
    struct cause cause = offered ? cause_at(hello, "the server offered STARTTLS") : NO_CAUSE;
    struct finding *finding =
        stand(judgement, STANDING_NO_TLS, make_finding(judgement, RULE_auth_without_tls, &cause));
    say(finding, "AUTH %s without TLS: whoever sees the packets has the password",
        mechanism == MECHANISM_PLAIN ? "PLAIN" : "LOGIN");
}

/* A secret that can be read in the recording. */
static void found_secret(struct judgement *judgement, const struct location *location,
                         const char *what)
{
    if (stands(judgement, STANDING_SECRET, location->line))
        return;
    struct finding *finding =
        stand(judgement, STANDING_SECRET,
              make_finding_at(judgement, RULE_credentials_in_transcript, location, &NO_CAUSE));
    if (!finding)
        return;
    finding->secret_from = location->column > 0 ? location->column - 1 : 0;
    say(finding, "the recording holds the %s that was sent with AUTH", what);
}

static const char *what_is_held(enum mechanism mechanism)
{
    return mechanism == MECHANISM_BEARER ? "token" : "password";
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
    found_secret(judgement, &location, what_is_held(judge->mechanism));
}

void answer_rules(struct judgement *judgement, const struct observation *observation)
{
    struct judge *judge = judgement->judge;
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
        found_secret(judgement, &observation->location, what_is_held(mechanism));
}

void safety_rules(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    if (exchange->command == COMMAND_CONNECT) {
        judgement->judge->greeted = true;
        learn_from_reply(judgement);
    } else if (command_is_hello(exchange->command)) {
        learn_from_reply(judgement);
    } else if (exchange->command == COMMAND_AUTH) {
        auth_without_tls(judgement);
        credentials_in_command(judgement);
    } else if (judgement->verdict->secret) {
        credentials_in_command(judgement);
    }
}
