/* material.c - the responses and challenges of AUTH (RFC 4616, 5802, 7628, 2831, 2195), by what they
 * have in common: words, some after a name and "=".
 */
#include "check/material.h"

#include "base/phrases.h"

/* Octets between the secrets in a decoded response. */
static bool parts_words(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f || strchr(",;\"'<>(){}", c);
}

/* The longest label of a host name's last part. */
#define LAST_LABEL_MAX 18

static bool is_host(struct slice word)
{
    size_t label = 0, dots = 0;
    bool odd = false, small = false; /* the last label: no domain has digits or mixed case there */
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        if (c == '.') {
            if (label == 0)
                return false;
            dots++;
            label = 0;
            odd = small = false;
            continue;
        }
        if (!ascii_alphanumeric(c) && c != '-')
            return false;
        small = small || (c >= 'a' && c <= 'z');
        odd = odd || ascii_digit(c) || (small && c >= 'A' && c <= 'Z');
        label++;
    }
    return dots > 0 && label > 0 && label <= LAST_LABEL_MAX && !odd;
}

bool is_address(struct slice word)
{
    while (word.size > 0 && strchr("<>,;:.", word.data[word.size - 1]))
        word.size--;
    while (word.size > 0 && strchr("<,;:", word.data[0]))
        word = slice_after(word, 1);
    size_t at = slice_find(word, '@');
    if (at == word.size)
        return is_host(word);
    struct slice host = slice_after(word, at + 1);
    bool plain = host.size > 0;
    for (size_t i = 0; i < host.size; i++)
        plain = plain && host.data[i] >= 'a' && host.data[i] <= 'z';
    return at > 0 && (plain || is_host(host));
}

/* The longest name of a user that is taken for one where a password may stand as well. */
#define NAME_MAX 12

/* What stands in the place of a user's name may be the password all the same. Returns true for what
 * is more likely a name. */
static bool is_name(struct slice word, enum material_role role)
{
    bool small = false, capital = false, other = false;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        bool letter = ascii_alphanumeric(c) && !ascii_digit(c);
        small = small || (c >= 'a' && c <= 'z');
        capital = capital || (i > 0 && c >= 'A' && c <= 'Z');
        other = other || !letter;
    }
    bool mixed = small && capital;
    return is_address(word) ||
           (role == MATERIAL_USER ? !(mixed && other && word.size >= SECRET_PART)
                                  : !mixed && !other && word.size <= NAME_MAX);
}

/* Names in front of "=" whose values are no secrets: users, hosts, settings. */
static bool is_open_value(struct slice name)
{
    static const char *const names[] = {
        "user",    "username",   "authzid", "realm", "host", "port",  "nc",      "qop",    "n", "a",
        "charset", "digest-uri", "maxbuf",  "m",     "i",    "scope", "schemes", "status", "c"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal_nocase(name, slice_of(names[i])))
            return true;
    return false;
}

/* "user:password", as HTTP has it, without the user (RFC 7617 2). */
static struct slice without_user(struct slice word)
{
    size_t colon = slice_find(word, ':');
    return colon > 0 && colon + 1 < word.size ? slice_after(word, colon + 1) : word;
}

/* A word of a decoded response. */
static void add_word(struct secrets *secrets, struct slice word)
{
    word = without_user(word);
    size_t equals = slice_find(word, '=');
    if (equals > 0 && equals + 1 < word.size && equals <= 16) {
        if (is_open_value(slice_head(word, equals)))
            return;
        word = slice_after(word, equals + 1);
    }
    if (word.size >= SECRET_PART && !is_address(word))
        secrets_add_plain(secrets, word);
}

/* All words of a decoded text but the first `open`, which name the user. */
static void add_words(struct secrets *secrets, struct slice text, size_t open)
{
    while (text.size > 0) {
        size_t size = 0;
        while (size < text.size && !parts_words(text.data[size]))
            size++;
        if (size > 0 && open > 0)
            open--;
        else
            add_word(secrets, slice_head(text, size));
        text = slice_after(text, size + 1);
    }
}

/* RFC 4616 2: [authzid] NUL authcid NUL passwd. False if it has another form. */
static bool add_plain(struct secrets *secrets, struct slice message)
{
    size_t first = slice_find(message, '\0');
    if (first == message.size)
        return false;
    struct slice rest = slice_after(message, first + 1);
    size_t second = slice_find(rest, '\0');
    if (second < rest.size)
        rest = slice_after(rest, second + 1);
    else if (first == 0) /* only the name is there: it goes on in the next line */
        return true;
    rest = slice_head(rest, slice_find(rest, '\0'));
    if (!is_placeholder(rest))
        secrets_add_plain(secrets, rest);
    return true;
}

static void add_decoded(struct secrets *secrets, enum mechanism mechanism, struct slice message,
                        enum material_role role)
{
    bool text = is_plain_text(message);
    bool one_word = text && slice_word(message).size == message.size;
    bool is_first = role == MATERIAL_USER || role == MATERIAL_FIRST;
    if (mechanism != MECHANISM_BEARER && mechanism != MECHANISM_OTHER &&
        add_plain(secrets, message))
        return;
    if (mechanism == MECHANISM_OTHER && message.size > 0 && slice_find(message, '\0') == 0 &&
        add_plain(secrets, message))
        return;
    if (role == MATERIAL_PASSWORD && text)
        secrets_add_plain(secrets, message);
    else if (role == MATERIAL_ANY && one_word && !is_address(message) &&
             slice_find(message, '=') == message.size)
        secrets_add_plain(secrets, without_user(message));
    else if (is_first && one_word && !is_name(message, role))
        secrets_add_plain(secrets, message);
    else if (!is_first)
        /* "user digest" of CRAM-MD5 (RFC 2195 2). */
        add_words(secrets, message, mechanism == MECHANISM_OTHER && text);
}

/* Words as a client sends them that encodes nothing. */
static void add_clear(struct secrets *secrets, struct slice text, enum material_role role)
{
    if (role == MATERIAL_PASSWORD && slice_word(text).size == text.size)
        secrets_add_plain(secrets, text);
    while (text.size > 0) {
        size_t size = 0;
        while (size < text.size && (unsigned char)text.data[size] > ' ')
            size++;
        struct slice word = slice_head(text, size);
        bool first = role == MATERIAL_USER || role == MATERIAL_FIRST;
        bool open = first ? is_name(word, role) : is_address(word);
        if (size >= SECRET_SHORT && !open && !mechanism_is_known(word))
            secrets_add_plain(secrets, word);
        text = slice_after(text, size + 1);
    }
}

/* "Username:" or the like: letters, and one of the words that ask for something. */
static bool is_question(struct slice text)
{
    static const char *const words[] = {"user", "pass", "login", "name", "go ahead", "continue"};
    if (text.size > 24)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!(ascii_alphanumeric(c) && !ascii_digit(c)) && !strchr(" :._-", c) && c != '\0')
            return false;
    }
    return MENTIONS(text, words);
}

void material_add(struct secrets *secrets, enum mechanism mechanism, struct slice text,
                  enum material_role role)
{
    struct material material;
    text = slice_trim(text);
    if (text.size < SECRET_SHORT || is_placeholder(text))
        return;
    bool coded = material_decode(text, &material);
    struct slice message = {material.octets, material.size};
    /* A challenge that the recording has on the wrong side; "mypassword" is none. */
    if (coded && is_question(message) && strchr(":", message.data[message.size - 1]))
        return;
    /* Base64 of a name looks like any other word; as a name it decodes to text. */
    if (coded && (text.size >= SECRET_PART || is_base64(text)) &&
        ((role != MATERIAL_USER && role != MATERIAL_FIRST) || is_plain_text(message)))
        secrets_add(secrets, text);
    bool plain = is_plain_text(message);
    if (coded)
        add_decoded(secrets, mechanism, message, role);
    /* What goes on from the line before begins at any of four digits. */
    for (size_t skipped = 1; coded && skipped < 4 && text.size > SECRET_PART; skipped++)
        if (role == MATERIAL_ANY && material_decode(slice_after(text, skipped), &material))
            add_words(secrets, (struct slice){material.octets, material.size}, 0);
    if (!coded || role == MATERIAL_PASSWORD || !is_base64(text) || !plain)
        add_clear(secrets, text, role);
}

void material_add_joined(struct secrets *secrets, struct slice text)
{
    struct material material;
    if (!material_decode(text, &material))
        return;
    struct slice message = {material.octets, material.size};
    size_t first = slice_find(message, '\0');
    struct slice rest = slice_after(message, first + 1);
    if (slice_find(rest, '\0') < rest.size)
        add_plain(secrets, message);
}

void material_add_challenge(struct secrets *secrets, struct slice text)
{
    struct material material;
    text = slice_trim(text);
    if (slice_word(text).size != text.size || is_question(text) ||
        !material_decode(text, &material))
        return;
    struct slice message = {material.octets, material.size};
    if (is_question(message))
        return;
    secrets_add(secrets, text);
    add_words(secrets, message, 0);
}

/* Adds what of a text stands between addresses and words that end with a colon. */
static void add_text(struct secrets *secrets, struct slice text,
                     void (*add)(struct secrets *, struct slice))
{
    size_t begin = 0, at = 0;
    while (at <= text.size) {
        size_t size = 0;
        while (at + size < text.size && (unsigned char)text.data[at + size] > ' ')
            size++;
        struct slice word = {text.data + at, size};
        bool open = size > 0 && (is_address(word) || word.data[size - 1] == ':');
        if (open || at + size >= text.size) {
            size_t end = open ? at : text.size;
            if (end >= begin + SECRET_PART)
                add(secrets, (struct slice){text.data + begin, end - begin});
            begin = at + size;
        }
        at += size + 1;
    }
}

void material_add_message(struct secrets *secrets, struct slice text)
{
    add_text(secrets, text, secrets_add);
}

void material_add_quote(struct secrets *secrets, struct slice text)
{
    add_text(secrets, text, secrets_add_quote);
}
