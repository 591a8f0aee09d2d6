/* extension_rules.c - what was used although the server did not offer it, and what a hello drops. */
#include "rules/case.h"

#include <stdio.h>

/* The parameters of MAIL and RCPT and the extension that each needs. */
static const struct {
    const char *name;
    enum extension extension;
} parameters[] = {
    {"SIZE", EXTENSION_SIZE},               /* RFC 1870 */
    {"BODY", EXTENSION_8BITMIME},           /* RFC 6152; BINARYMIME: RFC 3030 */
    {"SMTPUTF8", EXTENSION_SMTPUTF8},       /* RFC 6531 */
    {"RET", EXTENSION_DSN},                 /* RFC 3461 */
    {"ENVID", EXTENSION_DSN},               /* RFC 3461 */
    {"NOTIFY", EXTENSION_DSN},              /* RFC 3461 */
    {"ORCPT", EXTENSION_DSN},               /* RFC 3461 */
    {"AUTH", EXTENSION_AUTH},               /* RFC 4954 5 */
    {"BY", EXTENSION_DELIVERBY},            /* RFC 2852 */
    {"HOLDFOR", EXTENSION_FUTURERELEASE},   /* RFC 4865 */
    {"HOLDUNTIL", EXTENSION_FUTURERELEASE}, /* RFC 4865 */
    {"MT-PRIORITY", EXTENSION_MT_PRIORITY}, /* RFC 6710 */
    {"REQUIRETLS", EXTENSION_REQUIRETLS},   /* RFC 8689 */
    {"RRVS", EXTENSION_RRVS},               /* RFC 7293 */
    {"CONPERM", EXTENSION_CONPERM},         /* RFC 4141 */
};
#define PARAMETER_COUNT (sizeof parameters / sizeof parameters[0])

/* The mechanisms in the AUTH line of the EHLO reply; empty: there is no such list. Old servers write
 * "AUTH=LOGIN" as well: of two lines the first with a list counts. */
static struct slice mechanisms_offered(const struct session *session)
{
    for (struct slice text = session->keywords; text.size > 0;) {
        size_t size = slice_find(text, '\n');
        struct slice line = slice_head(text, size);
        text = slice_after(text, size + 1);
        if (slice_starts_nocase(line, SLICE("AUTH")) && line.size > 5 &&
            (line.data[4] == ' ' || line.data[4] == '='))
            return slice_trim(slice_after(line, 5));
    }
    return SLICE("");
}

/* Returns true if an AUTH line of the EHLO reply lists the mechanism, or where there is no such list. */
static bool mechanism_offered(const struct session *session, struct slice mechanism)
{
    struct slice text = session->keywords;
    bool listed = false;
    while (text.size > 0) {
        size_t size = slice_find(text, '\n');
        struct slice line = slice_head(text, size);
        text = slice_after(text, size + 1);
        if (!slice_starts_nocase(line, SLICE("AUTH")) || line.size < 5 ||
            (line.data[4] != ' ' && line.data[4] != '='))
            continue;
        line = slice_after(line, 5);
        while (line.size > 0) {
            struct slice word = slice_word(line);
            line = slice_after(line, word.size + 1);
            listed = listed || word.size > 0;
            if (slice_equal_nocase(word, mechanism))
                return true;
        }
    }
    return !listed;
}

/* The code of a refusal; 0 if the command was taken, or its reply is not in the recording. */
static int refused_code(const struct judgement *judgement)
{
    return judgement->verdict->taken ? 0 : exchange_code(judgement->exchange);
}

/* What is alike in all findings on commands that were not offered. */
static void add_offer_help(struct finding *finding, const struct session *session)
{
    if (!finding)
        return;
    finding->predicted = 0; /* 500 or 502, RFC 5321 4.2.4; 503 at some */
    if (session->offer == OFFER_NONE)
        finding->help =
            N_("Send EHLO instead of HELO, and no HELO after it: only the reply to EHLO "
               "tells what the server has.");
}

/* The command needs an extension that the server did not offer: the finding, if it is a new one. */
static struct finding *extension_not_offered(struct judgement *judgement, enum extension extension)
{
    const struct session *session = judgement->session;
    const char *verb = command_verb(judgement->exchange->command);
    const char *keyword = extension_keyword(extension);
    if (session->offer == OFFER_UNKNOWN || session_offers(session, extension) ||
        (refused_code(judgement) == 0 && session_lists_nothing(session)))
        return NULL;
    struct finding *finding =
        session->offer == OFFER_NONE
            ? report(judgement,
                     "%s after HELO, which offers no extensions: EHLO would have told whether the "
                     "server has %s",
                     verb, keyword)
            : report(judgement, "%s used, but the server did not offer %s", verb, keyword);
    add_offer_help(finding, session);
    return finding;
}

void check_auth_not_offered(struct judgement *judgement)
{
    const struct session *session = judgement->session;
    struct slice mechanism = slice_word(judgement->exchange->argument);
    char first = mechanism.size > 0 ? ascii_upper(mechanism.data[0]) : '[';
    /* Logs may hide all of it, or end in the middle of it. */
    bool shown = (ascii_digit(first) || (first >= 'A' && first <= 'Z')) &&
                 !(judgement->exchange->flags & EXCHANGE_UNENDED);
    struct finding *missing = extension_not_offered(judgement, EXTENSION_AUTH);
    if (missing && is_encrypted(judgement) && session->offer == OFFER_LISTED)
        missing->help =
            N_("The server offers no AUTH inside TLS either: use its submission port (587 or "
               "465) instead of 25, or leave AUTH out if it takes your mail without a login.");
    if (!session_offers(session, EXTENSION_AUTH) || !shown || mechanism_offered(session, mechanism))
        return;
    struct slice listed = slice_head(mechanisms_offered(session), 80);
    struct finding *finding =
        report(judgement, "AUTH with a mechanism that the server did not offer; it offers %.*s",
               (int)listed.size, listed.data);
    if (!finding)
        return;
    finding->predicted = 504; /* RFC 4954 4 */
    finding->help = N_("Choose one of the mechanisms in the AUTH line of the latest EHLO reply.");
}

void check_starttls_not_offered(struct judgement *judgement)
{
    extension_not_offered(judgement, EXTENSION_STARTTLS);
}

void check_bdat_not_offered(struct judgement *judgement)
{
    extension_not_offered(judgement, EXTENSION_CHUNKING);
}

/* The verbs of extensions without a rule of their own are their keywords as well. */
void check_extension_not_offered(struct judgement *judgement)
{
    const struct session *session = judgement->session;
    const char *verb = command_verb(judgement->exchange->command);
    if (session->offer == OFFER_UNKNOWN ||
        (session->offer == OFFER_LISTED && session_lists(session, slice_of(verb))))
        return;
    struct finding *finding =
        session->offer == OFFER_NONE
            ? report(judgement, "%s after HELO, which offers no extensions", verb)
            : report(judgement, "%s used, but the server did not offer it", verb);
    add_offer_help(finding, session);
}

/* The part of the argument after the address: "FROM:<a b@c> SIZE=1" has a blank in the address. */
static struct slice parameters_of(struct slice argument)
{
    bool in_brackets = false, quoted = false;
    if (slice_find(argument, ' ') == argument.size) /* most have none */
        return SLICE("");
    for (size_t i = 0; i < argument.size; i++) {
        char c = argument.data[i];
        if (c == '\\' && quoted)
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '<')
            in_brackets = true;
        else if (!quoted && c == '>')
            in_brackets = false;
        else if (!quoted && !in_brackets && c == ' ' && i > 0 && argument.data[i - 1] != ':')
            return slice_after(argument, i + 1);
    }
    return SLICE("");
}

static void check_parameter(struct judgement *judgement, struct slice word)
{
    const struct session *session = judgement->session;
    struct slice name = slice_head(word, slice_find(word, '='));
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        if (!slice_equal_nocase(name, slice_of(parameters[i].name)))
            continue;
        enum extension extension = parameters[i].extension;
        if (slice_equal_nocase(word, SLICE("BODY=BINARYMIME")))
            extension = EXTENSION_BINARYMIME;
        if (session_offers(session, extension))
            return;
        judgement->cause.detail = (unsigned)i + 1;
        struct finding *finding =
            report(judgement, "%s with %s%s, but the server did not offer %s",
                   command_verb(judgement->exchange->command), parameters[i].name,
                   name.size < word.size ? "=" : "", extension_keyword(extension));
        if (finding)
            finding->predicted = 555; /* RFC 5321 4.1.1.11 */
        size_t from = (size_t)(word.data - judgement->exchange->argument.data);
        mark_argument(finding, judgement->exchange, from, from + word.size);
        return;
    }
}

void check_parameter_not_offered(struct judgement *judgement)
{
    if (judgement->session->offer == OFFER_UNKNOWN)
        return;
    struct slice rest = parameters_of(judgement->exchange->argument);
    while (rest.size > 0) {
        struct slice word = slice_word(rest);
        rest = slice_after(rest, word.size + 1);
        bool whole = rest.size > 0 || !(judgement->exchange->flags & EXCHANGE_UNENDED);
        if (word.size > 0 && whole)
            check_parameter(judgement, word);
    }
}

/* A hello that is accepted drops the transaction (RFC 5321 4.1.4): the accepted recipients will get
 * nothing. */
void check_transaction_abandoned(struct judgement *judgement)
{
    enum session_state state = judgement->verdict->state;
    if (judgement->verdict->taken && (state == STATE_RCPT || state == STATE_BDAT))
        report(judgement, "%s drops the open transaction and its accepted recipients",
               command_verb(judgement->exchange->command));
}
