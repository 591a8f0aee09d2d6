/* auth_watch.c - follows AUTH through a session, and the attempts at it that were none.
 */
#include "check/auth_watch.h"

#include <stdlib.h>

#include "check/auth_words.h"
#include "check/material.h"

/* Words that by their look are secrets, wherever they stand. */
static void add_by_look(struct auth_watch *watch, struct slice text)
{
    for (struct slice word = next_word(&text); word.size > 0; word = next_word(&text)) {
        struct slice bare = bare_word(word);
        if (looks_like_secret(bare) && !is_address(bare))
            material_add(watch->secrets, MECHANISM_OTHER, bare, MATERIAL_ANY);
    }
}

/* The words of the session; NULL when out of memory. */
static struct watched_words *words_of(struct auth_watch *watch)
{
    if (!watch->words)
        watch->words = calloc(1, sizeof *watch->words);
    if (!watch->words)
        watch->secrets->no_memory = true;
    return watch->words;
}

void auth_watch_free(struct auth_watch *watch)
{
    free(watch->words);
    watch->words = NULL;
}

void auth_watch_restart(struct auth_watch *watch)
{
    auth_watch_free(watch);
    *watch = (struct auth_watch){.secrets = watch->secrets};
}

/* Keeps a word that was sent as a command: it is a secret if an AUTH follows. */
static void keep_recent(struct auth_watch *watch, struct slice word)
{
    struct watched_words *words = words_of(watch);
    if (!words)
        return;
    size_t at = words->recent_count++ % WATCH_RECENT;
    words->recent[at].size = word.size < WATCH_RECENT_SIZE ? word.size : WATCH_RECENT_SIZE;
    memcpy(words->recent[at].text, word.data, words->recent[at].size);
}

static void add_recent(struct auth_watch *watch)
{
    struct watched_words *words = watch->words;
    if (!words)
        return;
    for (size_t i = 0; i < words->recent_count && i < WATCH_RECENT; i++)
        material_add(watch->secrets, MECHANISM_OTHER,
                     (struct slice){words->recent[i].text, words->recent[i].size}, MATERIAL_ANY);
    words->recent_count = 0;
}

static void forget_joined(struct auth_watch *watch)
{
    if (watch->words)
        watch->words->joined_size = 0;
}

/* Puts the base64 of PLAIN together that was sent in several lines. */
static void join(struct auth_watch *watch, struct slice text)
{
    struct watched_words *words = words_of(watch);
    if (!words)
        return;
    text = slice_head(slice_trim(text), WATCH_JOINED - words->joined_size);
    if (text.size > 0)
        memcpy(words->joined + words->joined_size, text.data, text.size);
    bool first = words->joined_size == 0;
    words->joined_size += text.size;
    if (!first && text.size > 0)
        material_add_joined(watch->secrets, (struct slice){words->joined, words->joined_size});
}

/* A response that stands where no challenge was: name and password of LOGIN are told apart by their
 * order only. */
static void add_response(struct auth_watch *watch, struct slice text)
{
    enum material_role role = MATERIAL_ANY;
    if (watch->mechanism == MECHANISM_LOGIN)
        role = watch->answers == 0 ? MATERIAL_FIRST : MATERIAL_PASSWORD;
    watch->answers++;
    material_add(watch->secrets, watch->mechanism, text, role);
    if (watch->mechanism != MECHANISM_LOGIN)
        join(watch, text);
}

static void begin_auth(struct auth_watch *watch, enum mechanism mechanism)
{
    add_recent(watch);
    watch->mechanism = mechanism;
    watch->answers = 0;
    if (!watch->answered) /* else its first lines have come as answers */
        forget_joined(watch);
    watch->answered = false;
    watch->tried = watch->close = true;
    watch->in_message = false;
}

/* The challenges of the server. What comes with 235 is one as well (RFC 5802 3). */
static void add_challenges(struct auth_watch *watch, const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        bool last = reply->code == 235 && looks_like_secret(reply->text);
        if (reply->code == 334 || last)
            material_add_challenge(watch->secrets, reply->text);
    }
}

/* A log that leaves AUTH out has the responses in its place. */
static void add_recorded(struct auth_watch *watch, const struct exchange *exchange)
{
    const struct location *location = &exchange->location;
    struct slice shown =
        slice_after(location->raw, location->column > 0 ? location->column - 1 : 0);
    struct slice word = next_word(&shown);
    if (exchange->argument.size == 0 && word.size > 0 && !slice_equal_nocase(word, SLICE("AUTH")))
        material_add(watch->secrets, MECHANISM_OTHER, word, MATERIAL_ANY);
}

static enum hidden watch_auth(struct auth_watch *watch, const struct exchange *exchange)
{
    struct slice rest = exchange->argument;
    struct slice word = next_word(&rest);
    struct slice name = mechanism_prefix(word);
    rest = slice_trim(rest);
    begin_auth(watch, mechanism_in(name.size > 0 ? name : word));
    add_recorded(watch, exchange);
    if (name.size < word.size) /* "AUTH PLAINAGFsaWNl": no blank after it, or no mechanism at all */
        add_response(watch, slice_after(word, name.size));
    if (rest.size > 0)
        add_response(watch, rest);
    add_challenges(watch, exchange);
    if (exchange->reply_count > 1)
        watch->answers += (unsigned)(exchange->reply_count - 1);
    watch->tried = exchange_code(exchange) != 235;
    return rest.size > 0 || name.size < word.size ? HIDDEN_ARGUMENT : HIDDEN_NOTHING;
}

static enum hidden watch_login(struct auth_watch *watch, const struct exchange *exchange)
{
    struct slice rest = exchange->argument;
    struct slice glued = without_auth(exchange->verb);
    bool user = slice_starts_nocase(exchange->verb, SLICE("USER"));
    bool shown = exchange->verb.size <= 6 || glued.size == 0;
    enum mechanism mechanism = mechanism_in(rest);
    if (mechanism == MECHANISM_OTHER)
        mechanism = mechanism_in(slice_after(exchange->verb, 5)); /* AUTH=PLAIN */
    begin_auth(watch, mechanism);
    if (!shown)
        add_response(watch, glued);
    for (struct slice word = next_word(&rest); word.size > 0; word = next_word(&rest)) {
        word = without_auth(word);
        if (!user && word.size > 0)
            material_add(watch->secrets, mechanism, word, MATERIAL_ANY);
    }
    add_challenges(watch, exchange);
    return shown ? HIDDEN_ARGUMENT : HIDDEN_SECRET;
}

static enum hidden watch_unknown(struct auth_watch *watch, const struct exchange *exchange)
{
    struct slice verb = exchange->verb, argument = exchange->argument;
    struct slice second = slice_word(argument); /* after the tag of IMAP */
    if (means_auth(verb) ||
        (slice_equal_nocase(second, SLICE("LOGIN")) && second.size < argument.size))
        return watch_login(watch, exchange);
    if (watch->tried && watch->close && !has_command(verb, argument)) {
        add_response(watch, verb);
        for (struct slice word = next_word(&argument); word.size > 0; word = next_word(&argument))
            material_add(watch->secrets, watch->mechanism, word, MATERIAL_ANY);
        return HIDDEN_SECRET;
    }
    add_by_look(watch, argument);
    secrets_add_named(watch->secrets, argument);
    if (is_verb(verb)) {
        if (argument.size == 0)
            keep_recent(watch, verb);
        return count_words(argument) > 2 && !has_command_words(argument) ? HIDDEN_MESSAGE
                                                                         : HIDDEN_NOTHING;
    }
    if (has_command(verb, argument))
        return HIDDEN_NOTHING;
    bool word = argument.size == 0 && verb.size > 0 && verb.data[verb.size - 1] != ':';
    if (!word) {
        add_by_look(watch, verb);
        return HIDDEN_MESSAGE;
    }
    material_add(watch->secrets, MECHANISM_OTHER, verb, MATERIAL_ANY);
    keep_recent(watch, verb);
    return HIDDEN_SECRET;
}

/* Values of XCLIENT that are no secrets: https://www.postfix.org/XCLIENT_README.html */
static void watch_xclient(struct auth_watch *watch, struct slice text)
{
    static const char *const names[] = {"NAME",  "ADDR",     "PORT",     "PROTO", "HELO",
                                        "IDENT", "DESTADDR", "DESTPORT", "SOURCE"};
    for (struct slice word = next_word(&text); word.size > 0; word = next_word(&text)) {
        size_t equals = slice_find(word, '=');
        struct slice value = slice_after(word, equals + 1);
        bool open = false;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            open = open || slice_equal_nocase(slice_head(word, equals), slice_of(names[i]));
        if (!open || looks_like_secret(value))
            material_add(watch->secrets, MECHANISM_OTHER, value, MATERIAL_ANY);
    }
}

/* A verb in capitals with at most one word after it: more likely a command than text. */
static bool is_shouted(const struct exchange *exchange)
{
    struct slice verb = exchange->verb, argument = exchange->argument;
    if (exchange->command == COMMAND_VRFY || exchange->command == COMMAND_EXPN)
        return count_words(argument) == 1 && !looks_like_secret(argument);
    for (size_t i = 0; i < verb.size; i++)
        if (verb.data[i] >= 'a' && verb.data[i] <= 'z')
            return false;
    return exchange->command == COMMAND_UNKNOWN && is_verb(verb) && verb.size <= 10 &&
           count_words(argument) <= 1 && !looks_like_secret(argument);
}

/* RFC 4467 7: ";URLAUTH=<access>:<mech>:<token>". A "+" in it may be shown as a blank. */
static void add_url_tokens(struct auth_watch *watch, struct slice text)
{
    for (struct slice word = next_word(&text); word.size > 0; word = next_word(&text)) {
        const char *last = memrchr(word.data, ':', word.size);
        size_t at = last ? (size_t)(last - word.data) + 1 : 0;
        bool path = last && memchr(last, '/', word.size - at + 1); /* of the URL itself */
        if (last && !path)
            material_add(watch->secrets, MECHANISM_OTHER, slice_after(word, at), MATERIAL_ANY);
    }
}

/* Returns true if the client has gone on with commands: some words of text are commands as well, "help me". */
static bool ends_message(const struct exchange *exchange)
{
    switch (exchange->command) {
    case COMMAND_HELP:
    case COMMAND_VRFY:
    case COMMAND_EXPN:
    case COMMAND_NOOP:
    case COMMAND_ETRN:
    case COMMAND_ATRN:
    case COMMAND_TURN:
    case COMMAND_XFORWARD:
        return exchange->argument.size == 0;
    case COMMAND_AUTH:
        return mechanism_prefix(exchange->argument).size > 0;
    default:
        return exchange_looks_real(exchange);
    }
}

/* What stands right before a command in its line: where a chunk of BDAT ends in the middle of a line,
 * the rest of it was read as a command. */
static struct slice end_of_chunk(const struct location *location)
{
    size_t end = location->column > 0 ? location->column - 1 : 0, begin = end;
    const char *raw = location->raw.data;
    while (begin > 0 && end <= location->raw.size && ascii_base64(raw[begin - 1]) >= 0)
        begin--;
    return (struct slice){raw + begin, end <= location->raw.size ? end - begin : 0};
}

static enum hidden watch_message(struct auth_watch *watch, const struct exchange *exchange)
{
    char line[512];
    size_t verb = exchange->command == COMMAND_UNKNOWN ? exchange->verb.size : 0;
    struct slice head = slice_head(exchange->verb, verb < 255 ? verb : 255);
    struct slice tail = slice_head(exchange->argument, 255);
    if (head.size > 0)
        memcpy(line, head.data, head.size);
    line[head.size] = ' ';
    if (tail.size > 0)
        memcpy(line + head.size + 1, tail.data, tail.size);
    material_add_message(watch->secrets, (struct slice){line, head.size + 1 + tail.size});
    material_add_message(watch->secrets, end_of_chunk(&exchange->location));
    return HIDDEN_MESSAGE;
}

/* The argument of a command that takes any words, or none. */
static enum hidden watch_words(struct auth_watch *watch, const struct exchange *exchange)
{
    struct slice argument = exchange->argument;
    size_t length;
    bool topic = exchange->command == COMMAND_HELP &&
                 command_of_verb(argument, &length) != COMMAND_UNKNOWN && length == argument.size;
    bool names = exchange->command == COMMAND_VRFY || exchange->command == COMMAND_EXPN ||
                 exchange->command == COMMAND_ETRN || exchange->command == COMMAND_ATRN;
    if (argument.size <= SECRET_SHORT || topic || is_address(argument))
        return HIDDEN_NOTHING;
    if (names || !watch->tried || !watch->close) {
        add_by_look(watch, argument);
        return HIDDEN_NOTHING;
    }
    for (struct slice word = next_word(&argument); word.size > 0; word = next_word(&argument))
        material_add(watch->secrets, watch->mechanism, word, MATERIAL_ANY);
    return HIDDEN_ARGUMENT;
}

static enum hidden watch_command(struct auth_watch *watch, const struct exchange *exchange)
{
    switch (exchange->command) {
    case COMMAND_MAIL:
    case COMMAND_SEND:
    case COMMAND_SOML:
    case COMMAND_SAML:
        if (slice_find(exchange->argument, '=') < exchange->argument.size)
            secrets_add_named(watch->secrets, exchange->argument);
        return HIDDEN_NOTHING;
    case COMMAND_AUTH:
        return watch_auth(watch, exchange);
    case COMMAND_UNKNOWN:
        return watch_unknown(watch, exchange);
    case COMMAND_XCLIENT:
    case COMMAND_XFORWARD:
        watch_xclient(watch, exchange->argument);
        return HIDDEN_NOTHING;
    case COMMAND_BURL:
    case COMMAND_BURL_LAST:
        add_url_tokens(watch, exchange->argument);
        secrets_add_named(watch->secrets, exchange->argument);
        return HIDDEN_NOTHING;
    case COMMAND_EHLO:
    case COMMAND_HELO:
    case COMMAND_LHLO:
        secrets_add_named(watch->secrets, exchange->argument);
        return HIDDEN_NOTHING;
    case COMMAND_CONNECT:
        for (size_t i = 0; i < exchange->reply_count; i++)
            secrets_add_named(watch->secrets, exchange->replies[i].text);
        return HIDDEN_NOTHING;
    case COMMAND_RCPT:
        if (exchange_code(exchange) == 251 || exchange_code(exchange) == 551)
            secrets_add_named(watch->secrets, exchange->replies[exchange->reply_count - 1].text);
        return HIDDEN_NOTHING;
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
    case COMMAND_END_OF_DATA:
        return HIDDEN_NOTHING;
    default:
        return watch_words(watch, exchange);
    }
}

/* The recording may lack the line that a reply repeats, or have more of a command than is read. */
static void add_repeated(struct auth_watch *watch, const struct exchange *exchange)
{
    const struct location *location = &exchange->location;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        struct slice text = exchange->replies[i].text;
        if (exchange->replies[i].code >= 500 || slice_word(text).size == text.size)
            add_by_look(watch, text);
    }
    if (exchange->command != COMMAND_AUTH)
        add_by_look(watch,
                    slice_after(location->raw, location->column > 0 ? location->column - 1 : 0));
}

enum hidden auth_watch_closely(struct auth_watch *watch, const struct exchange *exchange,
                               const struct verdict *verdict)
{
    const command_set content = COMMAND_BIT(COMMAND_DATA) | COMMAND_BIT(COMMAND_BDAT) |
                                COMMAND_BIT(COMMAND_BDAT_LAST) | COMMAND_BIT(COMMAND_BURL) |
                                COMMAND_BIT(COMMAND_BURL_LAST);
    const command_set onward = content | COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT);
    command_set here = COMMAND_BIT(exchange->command);
    enum hidden hidden;
    if (watch->in_message && exchange->command == COMMAND_END_OF_DATA)
        watch->in_message = false;
    watch->in_message = watch->in_message && !ends_message(exchange);
    if (watch->in_message && !is_shouted(exchange))
        hidden = watch_message(watch, exchange);
    else
        hidden = watch_command(watch, exchange);
    if ((watch->tried && watch->close) || watch->refused)
        add_repeated(watch, exchange);
    if ((onward & here) && verdict->taken)
        watch->close = watch->refused = false;
    if ((content & here) && exchange_code(exchange) >= 400)
        watch->in_message = watch->refused = true;
    return verdict->secret && hidden == HIDDEN_NOTHING ? HIDDEN_SECRET : hidden;
}

void auth_watch_note(struct auth_watch *watch, struct slice text)
{
    static const char *const verbs[] = {"AUTH ", "auth "};
    for (size_t i = 0; i < 2; i++) {
        struct slice rest = text;
        const char *found;
        while (rest.size > 0 && (found = memmem(rest.data, rest.size, verbs[i], 5))) {
            rest = slice_after(rest, (size_t)(found - rest.data) + 5);
            struct slice left = rest, name = bare_word(next_word(&left));
            struct slice response = bare_word(next_word(&left));
            if (!mechanism_is_known(name))
                continue;
            watch->tried = watch->close = true;
            if (looks_like_secret(response)) /* in an offer more mechanisms follow */
                material_add(watch->secrets, mechanism_in(name), response, MATERIAL_FIRST);
        }
    }
}

/* Replies to AUTH and its responses (RFC 4954 4, 6). */
static bool answers_auth(int code)
{
    return code == 235 || code == 334 || code == 432 || code == 454 || code == 534 || code == 535 ||
           code == 538;
}

void auth_watch_stray(struct auth_watch *watch, const struct stray *stray)
{
    const struct location *location = &stray->location;
    if (!watch->tried && !watch->refused && !answers_auth(stray->reply.code))
        return;
    add_by_look(watch, stray->reply.text);
    add_by_look(watch, slice_after(location->raw, location->column > 0 ? location->column - 1 : 0));
}

void auth_watch_answer(struct auth_watch *watch, const struct observation *answer)
{
    enum mechanism mechanism = watch->mechanism;
    if (answer->argument.size > 0)
        mechanism = mechanism_in(answer->argument);
    int asked = answer->challenge.size > 0 ? asks_for_password(answer->challenge) : -1;
    unsigned number = answer->number > 0 ? answer->number : ++watch->answers;
    if (answer->argument.size > slice_word(answer->argument).size)
        number++;
    enum material_role role = MATERIAL_ANY;
    if (mechanism == MECHANISM_LOGIN)
        role = asked == 1 || (asked < 0 && number > 1) ? MATERIAL_PASSWORD
               : asked == 0 || number == 1             ? MATERIAL_USER
                                                       : MATERIAL_ANY;
    material_add_challenge(watch->secrets, answer->challenge);
    if (answer->number <= 1) {
        struct slice rest = answer->argument;
        next_word(&rest);
        forget_joined(watch);
        join(watch, rest);
    }
    material_add(watch->secrets, mechanism, answer->text, role);
    join(watch, answer->text);
    watch->tried = watch->close = watch->answered = true;
    add_recent(watch);
}
