/* secrets.c - a set of parts of secrets, and texts without them.
 */
#include "check/secrets.h"

#include <stdlib.h>

#include "check/named.h"
#include "transcript/formats/octets.h"

/* When the younger half has so many parts it becomes the older one: about 4 MB. */
#define PARTS_MAX ((size_t)1 << 18)
/* Octets of one text that are remembered. */
#define TEXT_MAX  16384

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
    if (secrets->told) {
        secrets->told(secrets->context, text, false);
        return;
    }
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

/* The number for two parts of which one follows the other. */
static uint64_t joined(uint64_t first, uint64_t second)
{
    return ((first ^ (second << 7 | second >> 57)) * UINT64_C(0x9e3779b97f4a7c15)) | 1;
}

static bool is_of_words(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ' && (!ascii_alphanumeric(text.data[i]) || ascii_digit(text.data[i])))
            return false;
    return true;
}

void secrets_add_quote(struct secrets *secrets, struct slice text)
{
    text = slice_trim(slice_head(text, TEXT_MAX));
    if (secrets->told) {
        secrets->told(secrets->context, text, true);
        return;
    }
    secrets->quotes = true;
    if (text.size < 2 * SECRET_PART) {
        secrets_add(secrets, text);
        return;
    }
    for (size_t at = 0; at + SECRET_PART <= text.size; at++) {
        struct slice first = {text.data + at, SECRET_PART};
        struct slice second = slice_head(slice_after(text, at + SECRET_PART), SECRET_PART);
        if (!is_of_words(first) && tells(part_of(first), SECRET_PART))
            add_part(secrets, part_of(first));
        if (second.size == SECRET_PART)
            add_part(secrets, joined(part_of(first), part_of(second)));
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

/* The octets of the secret that begins at that place; 0: none does. `part`: the one that does. */
static size_t secret_at(const struct secrets *secrets, bool any, struct slice text, size_t at,
                        uint64_t part)
{
    if (any && at + SECRET_PART <= text.size && knows(secrets, part))
        return SECRET_PART;
    if (secrets->quotes && at + 2 * SECRET_PART <= text.size &&
        knows(secrets,
              joined(part, part_of((struct slice){text.data + at + SECRET_PART, SECRET_PART}))))
        return 2 * SECRET_PART;
    size_t size = any ? hex_at(secrets, text, at) : 0;
    if (size > 0)
        return size;
    size = named_at(text, at);
    bool after_colon = at > 0 && text.data[at - 1] == ':';
    return size > 0 || !any || after_colon ? size : short_at(secrets, text, at);
}

void secrets_add_named(struct secrets *secrets, struct slice text)
{
    for (size_t at = 1; at < text.size; at++) {
        size_t size = named_at(text, at);
        if (size > 0)
            secrets_add_plain(secrets, (struct slice){text.data + at, size});
    }
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
