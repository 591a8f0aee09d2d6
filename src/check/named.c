/* named.c - passwords in URLs, and the values of "password=" and the like.
 */
#include "check/named.h"

#include "check/secrets.h"
#include "rules/credentials.h"

/* Octets up to one of these characters. */
static size_t up_to(struct slice text, const char *ends)
{
    size_t size = 0;
    while (size < text.size && (unsigned char)text.data[size] > ' ' &&
           !strchr(ends, text.data[size]))
        size++;
    return size;
}

/* The word that ends before `at`, of what can be the name of a user or of a value. */
static struct slice word_before(struct slice text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && (unsigned char)text.data[begin - 1] > ' ' &&
           !strchr("<>()[]{}\"'/,;&?=:@", text.data[begin - 1]))
        begin--;
    return (struct slice){text.data + begin, at - begin};
}

/* Returns true if a text is one of the words of a list that NULL ends, in whatever case. */
static bool is_one_of(struct slice text, const char *const words[])
{
    for (size_t i = 0; words[i]; i++)
        if (slice_equal_nocase(text, slice_of(words[i])))
            return true;
    return false;
}

/* Words before a colon that make an address of what follows, not a password. */
static bool labels_address(struct slice word)
{
    static const char *const labels[] = {"FROM", "TO",  "mailto", "smtp",
                                         "lmtp", "sip", "rfc822", NULL};
    return is_one_of(word, labels);
}

static bool has_digit_and_letter(struct slice text)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < text.size; i++) {
        digit = digit || ascii_digit(text.data[i]);
        letter = letter || (ascii_alphanumeric(text.data[i]) && !ascii_digit(text.data[i]));
    }
    return digit && letter;
}

/* Returns true if a host stands there and the authority of a URL may end after it. */
static bool host_at(struct slice text)
{
    size_t size = 0;
    bool dot = false;
    while (size < text.size &&
           (ascii_alphanumeric(text.data[size]) || strchr(".-[]", text.data[size])))
        dot = text.data[size++] == '.' || dot;
    bool port = size + 1 < text.size && text.data[size] == ':' && ascii_digit(text.data[size + 1]);
    return size > 0 && (dot || port || size == text.size ||
                        slice_equal_nocase(slice_head(text, size), SLICE("localhost")));
}

/* Octets before the "@" that a host follows; before the last one if it follows none. */
static size_t up_to_host(struct slice text)
{
    size_t last = 0;
    for (size_t at = slice_find(text, '@'); at < text.size;
         at += 1 + slice_find(slice_after(text, at + 1), '@')) {
        last = at;
        if (host_at(slice_after(text, at + 1)))
            break;
    }
    return last;
}

/* The password after the colon of "//user:password@host" (RFC 3986 3.2.1), or "<user:password@host"
 * where a user cannot have a colon (RFC 5321 4.1.2): its octets, or 0. Elsewhere it must look like one. */
static size_t password_at(struct slice text, size_t at)
{
    struct slice rest = slice_head(slice_after(text, at), NAMED_MAX);
    struct slice user = word_before(text, at - 1);
    size_t left = (size_t)(user.data - text.data);
    bool of_url = left >= 2 && text.data[left - 1] == '/' && text.data[left - 2] == '/';
    bool bracketed = left >= 1 && text.data[left - 1] == '<' && user.size > 0 && rest.size > 0 &&
                     rest.data[0] != ':';
    bool of_route = left >= 1 && text.data[left - 1] == '@'; /* "@relay:user@host" */
    struct slice password =
        slice_head(rest, up_to(rest, of_url || bracketed ? "<>\"" : "<>\"/:,;()"));
    password = slice_head(password, up_to_host(password));
    if (of_route || (!of_url && (labels_address(user) || user.size == 0)))
        return 0;
    bool looks = has_digit_and_letter(password) && slice_find(password, '.') == password.size;
    return of_url || bracketed || (password.size >= SECRET_PART && looks) ? password.size : 0;
}

static bool is_among(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c);
}

/* Returns true if a word names a value that is secret: "password", "smtp_password", "client-secret". */
static bool names_secret(struct slice word)
{
    static const char *const names[] = {"pass",  "pw",        "urlauth", "auth",
                                        "login", "signature", "sig",     NULL};
    static const char *const parts[] = {
        "passw",  "passphrase", "passe",   "kennwort",   "pwd",        "secret",     "token",
        "apikey", "api_key",    "api-key", "access_key", "access-key", "credential", NULL};
    if (is_one_of(word, names))
        return true;
    for (size_t i = 0; parts[i]; i++)
        if (slice_contains_nocase(word, slice_of(parts[i])))
            return true;
    return false;
}

/* Where the name of the value at `at` ends: before "=", ": \"" and the like, or as "<password>". 0: none. */
static size_t end_of_name(struct slice text, size_t at, char *quote, bool *colon)
{
    size_t end = at;
    *quote = '\0';
    if (end > 0 && is_among(text.data[end - 1], "\"'"))
        *quote = text.data[--end];
    while (end > 0 && text.data[end - 1] == ' ')
        end--;
    if (end > 1 && text.data[end - 1] == '>' && text.data[end - 2] == '=')
        end--;
    if (end == at && end > 0 && text.data[end - 1] == '>') {
        struct slice tag = word_before(text, end - 1);
        return tag.data > text.data && tag.data[-1] == '<' ? end - 1 : 0;
    }
    if (end == 0 || !is_among(text.data[end - 1], "=:"))
        return 0;
    *colon = text.data[--end] == ':';
    while (end > 0 && text.data[end - 1] == ' ')
        end--;
    return end > 0 && is_among(text.data[end - 1], "\"'") ? end - 1 : end;
}

/* The value after "password=" and the like: its octets, or 0. After a colon and no quote it must look
 * like a secret: "Password: wrong". */
static size_t value_at(struct slice text, size_t at)
{
    static const char *const results[] = {"pass", "fail",  "none", "yes", "no",
                                          "true", "false", "null", NULL};
    char quote;
    bool colon = false;
    size_t end = end_of_name(text, at, &quote, &colon);
    if (end == 0 || !names_secret(word_before(text, end)))
        return 0;
    struct slice value = slice_after(text, at);
    value = quote ? slice_head(value, slice_find(value, quote))
                  : slice_head(value, up_to(value, "<>\"'&;,"));
    if (text.data[at - 1] == '>' && !slice_starts(slice_after(text, at + value.size), SLICE("</")))
        return 0;
    bool looks = value.size >= SECRET_PART && has_digit_and_letter(value);
    if (!quote && (colon || (at >= 2 && text.data[at - 1] == ' ')) && !looks)
        return 0;
    /* "AUTH=PLAIN LOGIN" of old servers offers mechanisms. */
    return is_one_of(value, results) || mechanism_is_known(value) ? 0 : value.size;
}

/* A value follows one of these. Asked of every octet of a text that is shown. */
static bool may_precede_value(char c)
{
    return c == ':' || c == '=' || c == '"' || c == '\'' || c == '>' || c == ' ';
}

size_t named_at(struct slice text, size_t at)
{
    if (at == 0 || !may_precede_value(text.data[at - 1]))
        return 0;
    size_t size = text.data[at - 1] == ':' ? password_at(text, at) : 0;
    return size > 0 ? size : value_at(text, at);
}

/* Returns true if a value may begin there: a separator stands before it, with blanks and a quote. */
static bool follows_separator(struct slice text, size_t at)
{
    size_t before = at;
    while (before > 0 && at - before < 4 && is_among(text.data[before - 1], " \"'"))
        before--;
    return before > 0 && is_among(text.data[before - 1], ":=>");
}

size_t next_name(struct slice text, size_t at)
{
    at = at > 0 ? at : 1;
    if (at >= text.size || follows_separator(text, at))
        return at;
    struct slice rest = slice_after(text, at - 1);
    size_t next = slice_find(rest, ':');
    rest = slice_head(rest, next);
    next = slice_find(rest, '=');
    next = slice_find(slice_head(rest, next), '>');
    return at + next;
}
