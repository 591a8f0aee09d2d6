/* syntax_rules.c - commands whose syntax is wrong (RFC 5321 4.1.2, and the RFCs of the extensions).
 *
 * Logs shorten, redact and decorate what they show, and servers forgive much. So what can be the log's
 * doing counts only where the server has refused the command for its syntax.
 */
#include "rules/case.h"

#include <limits.h>

/* A fault, and its place in the argument. */
struct flaw {
    const char *what; /* NULL: nothing */
    size_t from, to;
};

/* The command under examination. */
struct examined {
    struct slice argument;
    bool refused; /* for its syntax */
    bool taken;
};

static struct flaw flaw_at(const char *what, size_t from, size_t to)
{
    return (struct flaw){what, from, to > from ? to : from + 1};
}

#define NO_FLAW ((struct flaw){0})

/* The codes for wrong syntax: RFC 5321 4.2.2; 553: a mailbox that is not written as one. */
static bool refused_for_syntax(const struct exchange *exchange)
{
    int code = exchange_code(exchange);
    return code == 500 || code == 501 || code == 504 || code == 553 || code == 555;
}

/* Returns true if a log has replaced the text. */
static bool is_redacted(struct slice text)
{
    return slice_contains(text, SLICE(LINE_CUT)) || slice_contains(text, SLICE("**")) ||
           slice_contains(text, SLICE("redacted")) || slice_contains(text, SLICE("hidden")) ||
           slice_contains(text, SLICE("...")) || slice_contains(text, SLICE("&lt;"));
}

static bool is_alnum(char c)
{
    char upper = ascii_upper(c);
    return (upper >= 'A' && upper <= 'Z') || ascii_digit(c);
}

static size_t skip_blanks(struct slice text, size_t at)
{
    while (at < text.size && ascii_space(text.data[at]))
        at++;
    return at;
}

static size_t word_end(struct slice text, size_t at)
{
    return at + slice_word(slice_after(text, at)).size;
}

/* The place of the ">" that ends the path which begins at `at`; the size where there is none. Quoted
 * local parts may hold brackets and blanks (RFC 5321 4.1.2). In *odd the first octet that no path has
 * outside of quotes. */
static size_t path_end(struct slice text, size_t at, size_t *odd)
{
    bool quoted = false;
    *odd = SIZE_MAX;
    for (size_t i = at + 1; i < text.size; i++) {
        char c = text.data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '>')
            return i;
        else if (!quoted && (c == '<' || ascii_space(c)) && *odd == SIZE_MAX)
            *odd = i;
    }
    return text.size;
}

/* Returns true if the parameter begins with a keyword (RFC 5321 4.1.2); "_" is seen in private ones. */
static bool is_parameter(struct slice word)
{
    size_t size = slice_find(word, '=');
    for (size_t i = 0; i < size; i++)
        if (!is_alnum(word.data[i]) && (i == 0 || (word.data[i] != '-' && word.data[i] != '_')))
            return false;
    return size > 0;
}

/* The parameters after the path. */
static struct flaw flaw_in_parameters(const struct examined *command, size_t at)
{
    struct slice text = command->argument;
    if (at < text.size && text.data[at] == '>' && slice_find(slice_after(text, at), ' ') > 0)
        return flaw_at(N_("a second \">\" after the address"), at, at + 1);
    if (at < text.size && !ascii_space(text.data[at]))
        return is_alnum(text.data[at]) || command->refused
                   ? flaw_at(N_("no blank between the address and what follows"), at,
                             word_end(text, at))
                   : NO_FLAW;
    for (at = skip_blanks(text, at); at < text.size; at = skip_blanks(text, word_end(text, at))) {
        struct slice word = slice_word(slice_after(text, at));
        if (!is_parameter(word) && command->refused)
            return flaw_at(N_("what follows the address is no parameter"), at, at + word.size);
    }
    return NO_FLAW;
}

/* From the place on where the path should begin. `blank`: there was a blank before it. */
static struct flaw flaw_in_path(const struct examined *command, const char *prefix, size_t colon,
                                size_t at)
{
    struct slice text = command->argument, rest = slice_after(text, at);
    bool from = prefix[0] == 'F', has_address = slice_find(rest, '@') < rest.size;
    bool blank = at > colon + 1;
    if (rest.size == 0)
        return command->refused ? flaw_at(N_("the address is missing"), colon, colon + 1) : NO_FLAW;
    if (rest.data[0] != '<') {
        if (!has_address && !command->refused)
            return NO_FLAW;
        if (blank)
            return flaw_at(
                from ? N_("a blank after \"FROM:\" and no angle brackets around the address")
                     : N_("a blank after \"TO:\" and no angle brackets around the address"),
                colon + 1, word_end(text, at));
        return flaw_at(N_("no angle brackets around the address"), at, word_end(text, at));
    }
    size_t odd, end = path_end(text, at, &odd);
    if (blank && (end < text.size || has_address))
        return flaw_at(from ? N_("a blank after \"FROM:\"") : N_("a blank after \"TO:\""),
                       colon + 1, at);
    if (end == text.size)
        return has_address || command->refused
                   ? flaw_at(N_("the \">\" that ends the address is missing"), at, text.size)
                   : NO_FLAW;
    bool quotes = slice_find(rest, '"') < rest.size; /* some logs double them */
    if (odd < end && !quotes && (has_address || command->refused))
        return flaw_at(text.data[odd] == '<' ? N_("a second \"<\" in the address")
                                             : N_("a blank in the address"),
                       odd, odd + 1);
    if (end == at + 1 && !from && command->refused)
        return flaw_at(N_("no address between the brackets"), at, end + 1);
    struct slice path = slice_head(slice_after(text, at + 1), end - at - 1);
    if (path.size > 0 && slice_find(path, '@') == path.size && command->refused &&
        !slice_equal_nocase(path, SLICE("postmaster")))
        return flaw_at(N_("an address without \"@\" and domain"), at, end + 1);
    return flaw_in_parameters(command, end + 1);
}

bool envelope_is_plain(struct slice text, struct slice prefix)
{
    enum { AT = 1, BREAKS_PATH = 2 };
    static const unsigned char kinds[UCHAR_MAX + 1] = {
        ['@'] = AT,          [' '] = BREAKS_PATH, ['\t'] = BREAKS_PATH,
        ['"'] = BREAKS_PATH, ['<'] = BREAKS_PATH, ['>'] = BREAKS_PATH,
    };
    if (text.size < prefix.size + 4 || text.data[prefix.size] != '<' ||
        text.data[text.size - 1] != '>' || !slice_starts_nocase(text, prefix))
        return false;
    const unsigned char *octet = (const unsigned char *)text.data + prefix.size + 1;
    const unsigned char *end = (const unsigned char *)text.data + text.size - 1;
    unsigned kind = 0;
    for (; end - octet >= 4; octet += 4)
        kind |= kinds[octet[0]] | kinds[octet[1]] | kinds[octet[2]] | kinds[octet[3]];
    for (; octet < end; octet++)
        kind |= kinds[*octet];
    return kind == AT;
}

/* MAIL and RCPT: "FROM:" or "TO:", then the path, then parameters. */
static struct flaw flaw_in_envelope(const struct examined *command, const char *prefix)
{
    struct slice text = command->argument, word = slice_of(prefix);
    if (envelope_is_plain(text, word))
        return NO_FLAW;
    bool from = prefix[0] == 'F', has_address = slice_find(text, '@') < text.size;
    word.size--; /* without the colon */
    if (!slice_starts_nocase(text, word)) {
        if (text.size == 0 ? !command->refused : !has_address && !command->refused)
            return NO_FLAW;
        return flaw_at(from ? N_("\"FROM:\" is missing") : N_("\"TO:\" is missing"), 0,
                       word_end(text, 0));
    }
    size_t colon = skip_blanks(text, word.size);
    if (colon == text.size || text.data[colon] != ':')
        return has_address || command->refused
                   ? flaw_at(from ? N_("the colon after \"FROM\" is missing")
                                  : N_("the colon after \"TO\" is missing"),
                             0, word.size)
                   : NO_FLAW;
    if (colon > word.size)
        return flaw_at(N_("a blank before the colon"), word.size, colon);
    return flaw_in_path(command, prefix, colon, skip_blanks(text, colon + 1));
}

/* EHLO and its like: one name or address literal (RFC 5321 4.1.1.1). Clients say all kinds of names;
 * what is wrong with them is said when the server minded. */
static struct flaw flaw_in_hello(const struct examined *command)
{
    struct slice text = command->argument;
    size_t end = word_end(text, 0), second = skip_blanks(text, end);
    if (text.size == 0)
        return command->refused ? flaw_at(N_("the name of the client is missing"), 0, 0) : NO_FLAW;
    if (second < text.size)
        return is_alnum(text.data[second]) || command->refused
                   ? flaw_at(N_("more than one word"), second, text.size)
                   : NO_FLAW;
    if (!command->refused || text.data[0] == '[')
        return NO_FLAW;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (!is_alnum(text.data[i]) && c != '.' && c != '-' && c < 0x80)
            return flaw_at(N_("no host name has this character"), i, i + 1);
    }
    return NO_FLAW;
}

/* BDAT: a number, perhaps LAST (RFC 3030 2). */
static struct flaw flaw_in_chunk(const struct examined *command)
{
    struct slice text = command->argument;
    size_t digits = 0;
    while (digits < text.size && ascii_digit(text.data[digits]))
        digits++;
    if (digits == 0)
        return command->refused
                   ? flaw_at(N_("the size of the chunk is missing"), 0, word_end(text, 0))
                   : NO_FLAW;
    size_t last = skip_blanks(text, digits);
    struct slice rest = slice_after(text, last);
    if (rest.size > 0 && (last == digits || !slice_equal_nocase(rest, SLICE("LAST"))) &&
        command->refused)
        return flaw_at(N_("only LAST may follow the size of the chunk"), digits, text.size);
    return NO_FLAW;
}

/* AUTH: a mechanism, perhaps one word of base64 or "=" (RFC 4954 4). */
static struct flaw flaw_in_auth(const struct examined *command)
{
    struct slice text = command->argument;
    size_t end = word_end(text, 0), response = skip_blanks(text, end);
    struct slice rest = slice_after(text, response);
    if (!command->refused)
        return NO_FLAW;
    if (text.size == 0)
        return flaw_at(N_("the mechanism is missing"), 0, 0);
    if (rest.size == 0 || slice_equal(rest, SLICE("=")) || is_base64(rest) || rest.data[0] == '[' ||
        rest.data[0] == '<' || rest.data[0] == '*')
        return NO_FLAW;
    return flaw_at(N_("the initial response is not base64"), response, text.size);
}

static struct flaw find_flaw(enum command kind, const struct examined *command)
{
    switch (kind) {
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        return flaw_in_envelope(command, "FROM:");
    case COMMAND_RCPT:
        return flaw_in_envelope(command, "TO:");
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        return flaw_in_hello(command);
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        return flaw_in_chunk(command);
    case COMMAND_AUTH:
        return flaw_in_auth(command);
    case COMMAND_DATA:
    case COMMAND_RSET:
    case COMMAND_QUIT:
    case COMMAND_STARTTLS:
        return command->argument.size > 0 && command->refused
                   ? flaw_at(N_("nothing may follow it"), 0, command->argument.size)
                   : NO_FLAW;
    case COMMAND_VRFY: /* RFC 5321 4.1.1.6; 502: the server has no VRFY at all */
    case COMMAND_EXPN:
        return command->argument.size == 0 && (command->refused || command->taken)
                   ? flaw_at(N_("the argument is missing"), 0, 0)
                   : NO_FLAW;
    case COMMAND_ETRN:
        return command->argument.size == 0 && command->refused
                   ? flaw_at(N_("the argument is missing"), 0, 0)
                   : NO_FLAW;
    default:
        return NO_FLAW;
    }
}

/* How to write the command; NULL: as the rule says. */
static const char *help_for(enum command command)
{
    switch (command) {
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        return N_("Send one word: the full name of the client's host, or its address as a literal "
                  "such "
                  "as [192.0.2.1].");
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
        return N_(
            "Write BDAT, the size of the chunk in octets, and LAST after it on the final chunk.");
    case COMMAND_AUTH:
        return N_(
            "Write AUTH, one mechanism of the EHLO reply, and at most one word of base64 (\"=\" "
            "for "
            "an empty one).");
    case COMMAND_VRFY:
    case COMMAND_EXPN:
    case COMMAND_ETRN:
        return N_("Write the name or address that is asked for after the verb.");
    case COMMAND_DATA:
    case COMMAND_RSET:
    case COMMAND_QUIT:
    case COMMAND_STARTTLS:
        return N_("Send the verb alone, with nothing after it.");
    default:
        return NULL;
    }
}

/* Returns true if the exchange shows the whole command as it was sent. */
static bool is_whole(const struct exchange *exchange)
{
    enum { BLANKS_MAX = 16 };
    const unsigned unknown = EXCHANGE_UNANSWERED | EXCHANGE_MISSING | EXCHANGE_GARBLED |
                             EXCHANGE_MISFIT | EXCHANGE_IMPLIED | EXCHANGE_UNENDED;
    size_t kept = exchange->verb.size + exchange->argument.size + BLANKS_MAX;
    return !(exchange->flags & unknown) && kept >= exchange->length;
}

/* The same flaw in the same command again says nothing new. */
static struct cause same_flaw(const struct exchange *exchange, const struct flaw *flaw)
{
    struct cause cause = {.number = SIZE_MAX / 2 + (size_t)exchange->command};
    for (const char *c = flaw->what; *c; c++)
        cause.detail = cause.detail * 31 + (unsigned char)*c;
    return cause;
}

void check_malformed_command(struct judgement *judgement)
{
    const struct exchange *exchange = judgement->exchange;
    struct examined command = {exchange->argument, refused_for_syntax(exchange),
                               judgement->verdict->taken};
    if (judgement->verdict->secret || !is_whole(exchange))
        return;
    if (!judgement->verdict->legal && !exchange_looks_real(exchange))
        return; /* text that only looks like a command; or its place is fault enough */
    struct flaw flaw = find_flaw(exchange->command, &command);
    if (!flaw.what || is_redacted(exchange->argument))
        return;
    const char *verb = command_verb(exchange->command);
    bool forgiven = judgement->verdict->taken && exchange_code(exchange) > 0;
    judgement->cause = same_flaw(exchange, &flaw);
    struct finding *finding =
        forgiven ? report(judgement, "%s: %-s; taken here, but strict servers answer 501", verb,
                          flaw.what)
                 : report(judgement, "%s: %-s", verb, flaw.what);
    mark_argument(finding, exchange, flaw.from, flaw.to);
    if (!finding)
        return;
    finding->predicted = 501; /* RFC 5321 4.2.4 */
    finding->help = help_for(exchange->command);
}
