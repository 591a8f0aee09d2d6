/* secrets.c - a set of parts of secrets, and texts without them.
 */
#include "check/secrets.h"

#include <stdlib.h>

#include "rules/credentials.h"
#include "transcript/formats/octets.h"

/* When the younger half has so many parts it becomes the older one: about 4 MB. */
#define PARTS_MAX ((size_t)1 << 18)
/* Octets of one text that are remembered. */
#define TEXT_MAX  16384
/* Octets of a URL or value that are looked at. */
#define NAMED_MAX 2048

static void parts_free(struct secret_parts *parts)
{
    free(parts->table);
    *parts = (struct secret_parts){0};
}

void secrets_free(struct secrets *secrets)
{
    parts_free(&secrets->young);
    parts_free(&secrets->old);
    free(secrets->room);
    *secrets = (struct secrets){0};
}

/* Where a part stands, or would stand. */
static uint64_t *slot_of(const struct secret_parts *parts, uint64_t part)
{
    size_t mask = parts->capacity - 1;
    size_t at = (size_t)(part * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (parts->table[at] != 0 && parts->table[at] != part)
        at = (at + 1) & mask;
    return &parts->table[at];
}

static bool has_part(const struct secret_parts *parts, uint64_t part)
{
    return parts->count > 0 && *slot_of(parts, part) == part;
}

static bool knows(const struct secrets *secrets, uint64_t part)
{
    return has_part(&secrets->young, part) || has_part(&secrets->old, part);
}

static bool grow(struct secret_parts *parts)
{
    struct secret_parts larger = {.count = parts->count,
                                  .capacity = parts->capacity ? parts->capacity * 2 : 1024};
    larger.table = calloc(larger.capacity, sizeof *larger.table);
    if (!larger.table)
        return false;
    for (size_t i = 0; i < parts->capacity; i++)
        if (parts->table[i] != 0)
            *slot_of(&larger, parts->table[i]) = parts->table[i];
    free(parts->table);
    *parts = larger;
    return true;
}

static void add_part(struct secrets *secrets, uint64_t part)
{
    if (part == 0 || has_part(&secrets->old, part))
        return;
    if (secrets->young.count >= PARTS_MAX) {
        parts_free(&secrets->old);
        secrets->old = secrets->young;
        secrets->young = (struct secret_parts){0};
    }
    if (secrets->young.count * 2 >= secrets->young.capacity && !grow(&secrets->young)) {
        secrets->no_memory = true;
        return;
    }
    uint64_t *slot = slot_of(&secrets->young, part);
    secrets->young.count += *slot == 0;
    *slot = part;
}

/* Blind to case, and to which of its two alphabets base64 was written in (RFC 4648 5). */
static unsigned char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c | 0x20);
    return (unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c);
}

/* The number of the part that begins one octet after another part's, and ends at `last`. */
static uint64_t next_part(uint64_t part, struct slice text, size_t last)
{
    return part << 8 | (last < text.size ? folded(text.data[last]) : 0);
}

/* The number that stands for a text of up to eight octets. */
static uint64_t part_of(struct slice text)
{
    uint64_t part = 0;
    for (size_t i = 0; i < text.size; i++)
        part = next_part(part, text, i);
    return part;
}

/* Octets that are all alike tell nothing: the zeros of NTLM, the stars that a log puts in the place of
 * a password. */
static bool tells(uint64_t part, size_t size)
{
    return part != (part & 0xff) * (UINT64_C(0x0101010101010101) >> (8 * (SECRET_PART - size)));
}

void secrets_add(struct secrets *secrets, struct slice text)
{
    text = slice_head(text, TEXT_MAX);
    uint64_t part = part_of(slice_head(text, SECRET_PART - 1));
    if (text.size < SECRET_PART) {
        if (text.size >= SECRET_SHORT && tells(part, text.size))
            add_part(secrets, part);
        return;
    }
    for (size_t last = SECRET_PART - 1; last < text.size; last++) {
        part = next_part(part, text, last);
        if (tells(part, SECRET_PART))
            add_part(secrets, part);
    }
}

/* Encodes `text` after `shift` octets that are not known. Returns how many characters it takes. */
static size_t encode(struct slice text, size_t shift, char *coded)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t octets = shift + text.size;
    for (size_t i = 0; i < octets; i += 3) {
        uint32_t group = 0;
        for (size_t at = i; at < i + 3; at++)
            group = group << 8 |
                    (at >= shift && at < octets ? (unsigned char)text.data[at - shift] : 0u);
        for (size_t k = 0; k < 4; k++)
            coded[i / 3 * 4 + k] = digits[group >> (18 - 6 * k) & 0x3f];
    }
    return (8 * octets + 5) / 6;
}

void secrets_add_plain(struct secrets *secrets, struct slice text)
{
    char coded[4 * (NAMED_MAX + 2) / 3 + 8];
    secrets_add(secrets, text);
    text = slice_head(text, NAMED_MAX);
    if (text.size < SECRET_SHORT)
        return;
    for (size_t shift = 0; shift < 3; shift++) {
        /* Only the characters that nothing before or after the text has a share in. */
        size_t begin = shift == 0 ? 0 : shift + 1;
        size_t end = encode(text, shift, coded) - ((shift + text.size) % 3 != 0);
        struct slice sure = {coded + begin, end - begin};
        if (sure.size >= SECRET_PART)
            secrets_add(secrets, sure);
    }
    size_t whole = encode(text, 0, coded);
    while (whole % 4 != 0)
        coded[whole++] = '=';
    secrets_add(secrets, (struct slice){coded, whole});
}

/* Returns true if the octet ends a word that may be a short secret. */
static bool ends_word(char c)
{
    return !ascii_alphanumeric(c) && !strchr("@.-_+/=%~", c);
}

/* A short secret that stands as a word at that place: its octets, or 0. */
static size_t short_at(const struct secrets *secrets, struct slice text, size_t at)
{
    if (at > 0 && !ends_word(text.data[at - 1]))
        return 0;
    for (size_t size = SECRET_SHORT; size < SECRET_PART && at + size <= text.size; size++) {
        bool ends = at + size == text.size || ends_word(text.data[at + size]) ||
                    (text.data[at + size] == '.' &&
                     (at + size + 1 == text.size || ascii_space(text.data[at + size + 1])));
        if (ends && knows(secrets, part_of((struct slice){text.data + at, size})))
            return size;
    }
    return 0;
}

/* A part that stands there in hex, as in the row of a dump: what it takes, or 0. */
static size_t hex_at(const struct secrets *secrets, struct slice text, size_t at)
{
    uint64_t part = 0;
    size_t end = at;
    for (size_t i = 0; i < SECRET_PART; i++) {
        for (size_t k = 0; i > 0 && k < 2 && end < text.size; k++)
            end += text.data[end] == ' ' || text.data[end] == ':';
        if (end + 2 > text.size || hex_digit(text.data[end]) < 0 ||
            hex_digit(text.data[end + 1]) < 0)
            return 0;
        char octet = (char)(hex_digit(text.data[end]) * 16 + hex_digit(text.data[end + 1]));
        part = next_part(part, (struct slice){&octet, 1}, 0);
        end += 2;
    }
    return knows(secrets, part) ? end - at : 0;
}

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

/* The octets of what the text itself says is a secret; 0: it does not. */
static size_t named_at(struct slice text, size_t at)
{
    if (at == 0 || !may_precede_value(text.data[at - 1]))
        return 0;
    size_t size = text.data[at - 1] == ':' ? password_at(text, at) : 0;
    return size > 0 ? size : value_at(text, at);
}

/* The octets of the secret that begins at that place; 0: none does. `part`: the one that does. */
static size_t secret_at(const struct secrets *secrets, bool any, struct slice text, size_t at,
                        uint64_t part)
{
    if (any && at + SECRET_PART <= text.size && knows(secrets, part))
        return SECRET_PART;
    size_t size = any ? hex_at(secrets, text, at) : 0;
    if (size > 0)
        return size;
    size = named_at(text, at);
    return size == 0 && any && at > 0 && text.data[at - 1] == ':' ? 0
           : size == 0 && any                                     ? short_at(secrets, text, at)
                                                                  : size;
}

void secrets_add_named(struct secrets *secrets, struct slice text)
{
    for (size_t at = 1; at < text.size; at++) {
        size_t size = named_at(text, at);
        if (size > 0)
            secrets_add_plain(secrets, (struct slice){text.data + at, size});
    }
}

/* Returns true if a value may begin there: a separator stands before it, with blanks and a quote. */
static bool follows_separator(struct slice text, size_t at)
{
    size_t before = at;
    while (before > 0 && at - before < 4 && is_among(text.data[before - 1], " \"'"))
        before--;
    return before > 0 && is_among(text.data[before - 1], ":=>");
}

/* The next place from `at` on where a text may name a secret. */
static size_t next_name(struct slice text, size_t at)
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

/* The next secret from `at` on: where it begins and ends. False if there is none. */
static bool next_secret(const struct secrets *secrets, struct slice text, size_t at, size_t *begin,
                        size_t *end)
{
    bool any = secrets_any(secrets), found = false;
    uint64_t part = part_of(slice_head(slice_after(text, at), SECRET_PART - 1));
    for (; at < text.size && (!found || at <= *end); at++) {
        at = any ? at : next_name(text, at);
        if (at >= text.size || (found && at > *end))
            break;
        part = next_part(part, text, at + SECRET_PART - 1);
        size_t size = secret_at(secrets, any, text, at, part);
        if (size > 0 && !found)
            *begin = *end = at;
        found = found || size > 0;
        if (size > 0 && at + size > *end)
            *end = at + size;
    }
    return found;
}

/* Makes room for a text of that size. */
static bool make_room(struct secrets *secrets, size_t size)
{
    if (size <= secrets->room_size)
        return true;
    char *larger = realloc(secrets->room, size);
    if (!larger) {
        secrets->no_memory = true;
        return false;
    }
    secrets->room = larger;
    secrets->room_size = size;
    return true;
}

/* Moves marks into a secret to where REDACTED begins or ends, and those after it along. */
static void move_marks(size_t marks[2], const size_t old[2], size_t begin, size_t end, size_t out)
{
    for (size_t i = 0; i < 2; i++) {
        if (old[i] > begin && old[i] <= end)
            marks[i] = i == 0 && old[i] < end ? out : out + strlen(REDACTED);
        else if (old[i] == begin)
            marks[i] = out;
        else if (old[i] > end)
            marks[i] = out + strlen(REDACTED) + (old[i] - end);
    }
}

struct slice secrets_blank(struct secrets *secrets, struct slice text, size_t marks[2])
{
    size_t begin, end, from = 0, out = 0;
    const size_t old[2] = {marks ? marks[0] : 0, marks ? marks[1] : 0};
    if (text.size == 0 || !next_secret(secrets, text, 0, &begin, &end))
        return text;
    do {
        size_t before = begin - from;
        if (!make_room(secrets, out + before + strlen(REDACTED) + (text.size - end)))
            return SLICE(REDACTED);
        memcpy(secrets->room + out, text.data + from, before);
        out += before;
        if (marks)
            move_marks(marks, old, begin, end, out);
        memcpy(secrets->room + out, REDACTED, strlen(REDACTED));
        out += strlen(REDACTED);
        from = end;
    } while (next_secret(secrets, text, from, &begin, &end));
    memcpy(secrets->room + out, text.data + from, text.size - from);
    return (struct slice){secrets->room, out + text.size - from};
}
