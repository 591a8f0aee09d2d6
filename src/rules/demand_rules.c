/* demand_rules.c - refusals that mean "log in first" or "STARTTLS first" (RFC 4954 6, RFC 3207 4).
 *
 * Servers say it with 530, but also with 503, 550 and 554, so that their words decide. The client is at
 * fault: it went on although AUTH or STARTTLS was offered, had been refused, or could not be offered
 * after HELO. What is refused for want of SPF, DKIM or DMARC is another thing.
 */
#include "base/phrases.h"
#include "base/triples.h"
#include "rules/case.h"

/* Octets of a reply that are looked at. */
#define REPLY_HEAD 400

/* Every phrase below contains one of these; most refusals contain none. */
#define SIGNS(X)       \
    X("tls", 0, 0)     \
    X("ssl", 0, 0)     \
    X("encrypt", 1, 0) \
    X("secure", 3, 0)  \
    X("auth", 0, 0)    \
    X("log", 0, 0)

TRIPLES(find_sign, SIGNS)

enum demand { DEMAND_NONE, DEMAND_LOGIN, DEMAND_TLS };

/* The demand in the words of a refusal. */
static enum demand demand_in(struct slice text)
{
    static const char *const other[] = {"dmarc", "spf", "dkim", "failed", "credentials"};
    static const char *const tls[] = {
        "starttls",          "tls required",      "tls is required",      "tls first",
        "requires tls",      "require tls",       "must use tls",         "encryption required",
        "encryption needed", "encryption is",     "ssl required",         "ssl is required",
        "use ssl",           "secure connection", "encrypted connection",
    };
    static const char *const login[] = {
        "auth first",         "auth command first",  "auth required",     "auth is required",
        "authentication req", "authentication is r", "authentication ne", "authentication first",
        "authenticate first", "authenticate before", "must authenticate", "please authenticate",
        "to authenticate",    "require authentic",   "requires authent",  "use authentication",
        "not authenticated",  "smtp auth",           "need auth",         "must auth",
        "log in first",       "login first",         "login required",    "not logged in",
        "must log in",        "must login",          "please log in",     "please login",
    };
    text = slice_head(text, REPLY_HEAD);
    if (find_sign(text, 0) == text.size || MENTIONS(text, other))
        return DEMAND_NONE;
    return MENTIONS(text, tls) ? DEMAND_TLS : MENTIONS(text, login) ? DEMAND_LOGIN : DEMAND_NONE;
}

/* The demand of the exchange's refusal, if the client has not met it yet. */
static enum demand demand_of(const struct judgement *judgement)
{
    /* An Exchange server offers XEXCH50 to everybody and takes it from its own kind; the message goes
     * on without it. */
    const command_set never = COMMAND_BIT(COMMAND_CONNECT) | COMMAND_BIT(COMMAND_STARTTLS) |
                              COMMAND_BIT(COMMAND_END_OF_DATA) | COMMAND_BIT(COMMAND_QUIT) |
                              COMMAND_BIT(COMMAND_XEXCH50) | HELLO_COMMANDS;
    const struct exchange *exchange = judgement->exchange;
    enum security_state security = judgement->verdict->security;
    bool logged_in = security == SECURITY_STATE_BOTH || security == SECURITY_STATE_AUTHENTICATED;
    int code = exchange_code(exchange);
    if (code < 500 || code == 535 || (COMMAND_BIT(exchange->command) & never))
        return DEMAND_NONE;
    enum demand demand = demand_in(exchange->replies[exchange->reply_count - 1].text);
    if (code == 538) /* RFC 4954 6 */
        demand = DEMAND_TLS;
    else if (code == 530 && demand == DEMAND_NONE)
        demand = DEMAND_LOGIN;
    if (demand == DEMAND_TLS)
        return is_encrypted(judgement) ? DEMAND_NONE : DEMAND_TLS;
    return logged_in || exchange->command == COMMAND_AUTH ? DEMAND_NONE : demand;
}

/* What to do about a missing login, by what the client was offered and did. NULL: what the rule says. */
static const char *login_help(const struct session *session)
{
    if (session->history[EVENT_AUTH_REFUSED].happened)
        return N_(
            "The login was refused: check user name, password and mechanism. Report that reply "
            "to the user and stop, instead of going on without a login.");
    if (session->offer == OFFER_NONE)
        return N_("Send EHLO instead of HELO, and no HELO after it: only the reply to EHLO offers "
                  "AUTH. "
                  "Then log in, and send MAIL.");
    if (session->offer == OFFER_UNKNOWN)
        return NULL;
    if (session_offers(session, EXTENSION_AUTH))
        return N_(
            "Switch authentication on in the client: AUTH belongs between EHLO and MAIL, with a "
            "mechanism of the AUTH line in the reply to EHLO.");
    if (session_offers(session, EXTENSION_STARTTLS))
        return N_("Start TLS and send EHLO again: its reply then offers AUTH. Log in before MAIL.");
    return N_("The server offers no AUTH here: use its submission port (587 or 465) instead of 25, "
              "or a server that takes mail from you without a login.");
}

/* The same for missing TLS. */
static const char *tls_help(const struct session *session)
{
    if (session->history[EVENT_STARTTLS_REFUSED].happened)
        return N_("The server refused STARTTLS and demands TLS: try again later, or use port 465, "
                  "where TLS comes first.");
    if (session->offer == OFFER_NONE)
        return N_("Send EHLO instead of HELO, and no HELO after it: only the reply to EHLO offers "
                  "STARTTLS. Then start TLS, and send EHLO again.");
    if (session->offer == OFFER_LISTED && !session_offers(session, EXTENSION_STARTTLS))
        return N_(
            "The server demands TLS but does not offer STARTTLS here: use port 465, where TLS "
            "comes first, and look for a firewall that removes the keyword.");
    return NULL;
}

void check_login_required(struct judgement *judgement)
{
    if (demand_of(judgement) != DEMAND_LOGIN)
        return;
    struct finding *finding =
        report(judgement, "%s refused (%d): the client has to log in first",
               command_verb(judgement->exchange->command), exchange_code(judgement->exchange));
    if (!finding)
        return;
    finding->predicted = 530; /* RFC 4954 6 */
    finding->help = login_help(judgement->session);
}

void check_starttls_required(struct judgement *judgement)
{
    if (demand_of(judgement) != DEMAND_TLS)
        return;
    struct finding *finding =
        report(judgement, "%s refused (%d): the client has to start TLS first",
               command_verb(judgement->exchange->command), exchange_code(judgement->exchange));
    if (!finding)
        return;
    finding->predicted = judgement->exchange->command == COMMAND_AUTH ? 538 : 530;
    finding->help = tls_help(judgement->session);
}
