/* anonymize.c - other words for all that may be private.
 */
#include "export/anonymize.h"

#include <stdlib.h>

#include "smtp/command.h"
#include "smtp/reply.h"

/* Words that stay: those of the protocol and of servers that speak of it. */
static const char *const kept_words[] = {
#define X(name, spelling, ...) spelling,
    COMMANDS(X)
#undef X
#define WORD(word) #word,
#include "export/words.def"
#undef WORD
};

/* A word of the recording and what stands for it. */
struct alias {
    char *word; /* small letters; NULL: the place is free */
    size_t size;
    uint64_t number;
};

struct anonymizer {
    struct alias *aliases; /* open addressing; `capacity` is a power of two */
    size_t capacity, count;
    uint64_t words, addresses;
    struct octet_buffer made; /* the text of a line */
    bool no_memory;
};

static bool is_word(unsigned char c)
{
    return ascii_alphanumeric((char)c) || c >= 0x80;
}

static bool is_kept(struct slice word)
{
    for (size_t i = 0; i < sizeof kept_words / sizeof kept_words[0]; i++)
        if (slice_equal_nocase(word, slice_of(kept_words[i])))
            return true;
    return false;
}

static void put(struct anonymizer *to, struct slice text)
{
    if (!octet_buffer_append(&to->made, text))
        to->no_memory = true;
}

static struct alias *place_of(const struct anonymizer *in, struct slice word, uint64_t hash)
{
    size_t at = (size_t)hash & (in->capacity - 1);
    while (in->aliases[at].word &&
           !slice_equal_nocase(word, (struct slice){in->aliases[at].word, in->aliases[at].size}))
        at = (at + 1) & (in->capacity - 1);
    return &in->aliases[at];
}

static uint64_t hash_of(struct slice word)
{
    uint64_t hash = SLICE_HASH;
    for (size_t i = 0; i < word.size; i++) {
        char c = ascii_lower(word.data[i]);
        hash = slice_hash(hash, (struct slice){&c, 1});
    }
    return hash;
}

static bool grow(struct anonymizer *in)
{
    struct anonymizer larger = {.capacity = in->capacity > 0 ? in->capacity * 2 : 256};
    larger.aliases = calloc(larger.capacity, sizeof *larger.aliases);
    if (!larger.aliases)
        return false;
    for (size_t i = 0; i < in->capacity; i++) {
        struct slice word = {in->aliases[i].word, in->aliases[i].size};
        if (word.data)
            *place_of(&larger, word, hash_of(word)) = in->aliases[i];
    }
    free(in->aliases);
    in->aliases = larger.aliases;
    in->capacity = larger.capacity;
    return true;
}

/* The number of a word, the next one of *count if it is new. */
static uint64_t number_of(struct anonymizer *in, struct slice word, uint64_t *count)
{
    if (2 * in->count >= in->capacity && !grow(in)) {
        in->no_memory = true;
        return 0;
    }
    struct alias *alias = place_of(in, word, hash_of(word));
    if (!alias->word) {
        alias->word = slice_string(word);
        alias->size = word.size;
        alias->number = (*count)++;
        in->count++;
        in->no_memory = in->no_memory || !alias->word;
    }
    return alias->number;
}

/* A word of the same length: "xaab"; digits for digits. */
static void put_alias(struct anonymizer *to, struct slice word)
{
    bool digits = true;
    for (size_t i = 0; i < word.size; i++)
        digits = digits && ascii_digit(word.data[i]);
    uint64_t number = number_of(to, word, &to->words);
    for (size_t i = word.size; i > 0; i--)
        put(to, digits ? SLICE("0") : SLICE("a"));
    if (to->no_memory)
        return;
    char *end = to->made.octets + to->made.size, *begin = end - word.size;
    unsigned base = digits ? 10 : 26;
    for (char *at = end; at-- > begin && number > 0; number /= base)
        *at = (char)((digits ? '0' : 'a') + number % base);
    if (!digits && word.size > 2)
        *begin = 'x';
    if (memcmp(begin, word.data, word.size) == 0) /* not by chance the word itself */
        end[-1] = (char)(digits ? (end[-1] == '9' ? '0' : end[-1] + 1) : 'z');
}

/* An IPv4 address at the head of a text. Returns its octets. */
static size_t ipv4_size(struct slice text)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        size_t digits = 0;
        while (digits < 3 && at + digits < text.size && ascii_digit(text.data[at + digits]))
            digits++;
        at += digits;
        if (digits == 0 || (part < 3 && (at >= text.size || text.data[at] != '.')))
            return 0;
        at += part < 3;
    }
    return at < text.size && is_word((unsigned char)text.data[at]) ? 0 : at;
}

static void put_ipv4(struct anonymizer *to, struct slice address)
{
    char room[32];
    if (slice_starts(address, SLICE("127."))) {
        put(to, address);
        return;
    }
    uint64_t number = number_of(to, address, &to->addresses) + 1;
    int size = number < 255
                   ? snprintf(room, sizeof room, "192.0.2.%u", (unsigned)number)
                   : snprintf(room, sizeof room, "198.51.100.%u", (unsigned)(number % 255));
    put(to, (struct slice){room, (size_t)size});
}

/* A text of which nothing is known; `numbers`: they stay where they are no part of a word. */
static void put_text(struct anonymizer *to, struct slice text, bool numbers)
{
    while (text.size > 0 && !to->no_memory) {
        size_t size = ipv4_size(text);
        if (size > 0) {
            put_ipv4(to, slice_head(text, size));
            text = slice_after(text, size);
            continue;
        }
        bool digits = true;
        for (; size < text.size && is_word((unsigned char)text.data[size]); size++)
            digits = digits && ascii_digit(text.data[size]);
        struct slice word = slice_head(text, size > 0 ? size : 1);
        if (size == 0 || (digits && numbers) || is_kept(word))
            put(to, word);
        else
            put_alias(to, word);
        text = slice_after(text, word.size);
    }
}

/* "5.7.1 " at the head of a reply's text. */
static size_t enhanced_size(struct slice text)
{
    size_t size = 0, dots = 0;
    while (size < text.size && (ascii_digit(text.data[size]) || text.data[size] == '.'))
        dots += text.data[size++] == '.';
    bool is_one = dots == 2 && size >= 5 && strchr("245", text.data[0]) && text.data[1] == '.';
    return is_one ? size : 0;
}

static void put_reply(struct anonymizer *to, struct slice text)
{
    size_t head = text.size >= 3 && reply_code(slice_head(text, 3)) > 0 ? 3 : 0;
    head += head > 0 && text.size > head && (text.data[head] == ' ' || text.data[head] == '-');
    head += head > 3 ? enhanced_size(slice_after(text, head)) : 0;
    put(to, slice_head(text, head));
    struct slice rest = slice_after(text, head);
    bool challenge = slice_starts(text, SLICE("334"));
    bool size =
        slice_starts_nocase(rest, SLICE("SIZE ")) || slice_starts_nocase(rest, SLICE("LIMITS "));
    if (challenge && rest.size > 0)
        put(to, slice_equal(rest, SLICE("VXNlcm5hbWU6")) || slice_equal(rest, SLICE("UGFzc3dvcmQ6"))
                    ? rest
                    : SLICE("[redacted]"));
    else
        put_text(to, rest, size);
}

/* What is between angle brackets is an address; outside of them numbers are sizes and counts. */
static void put_command(struct anonymizer *to, struct slice text)
{
    while (text.size > 0 && !to->no_memory) {
        size_t open = slice_find(text, '<');
        put_text(to, slice_head(text, open), true);
        text = slice_after(text, open);
        size_t close = slice_find(text, '>');
        put_text(to, slice_head(text, close), false);
        text = slice_after(text, close);
    }
}

static bool anonymize_line(struct anonymizer *by, struct said_session *session,
                           struct said_line *line)
{
    struct slice text = said_text(session, line);
    by->made.size = 0;
    if (line->side == SIDE_SERVER)
        put_reply(by, text);
    else if (line->content)
        put_text(by, text, false);
    else
        put_command(by, text);
    return !by->no_memory && said_set(session, line, octet_buffer_text(&by->made));
}

bool anonymize(struct transcript *transcript)
{
    struct anonymizer by = {0};
    bool done = true;
    for (size_t s = 0; s < transcript->count && done; s++)
        for (size_t i = 0; i < transcript->sessions[s].count && done; i++)
            done = anonymize_line(&by, &transcript->sessions[s], &transcript->sessions[s].lines[i]);
    for (size_t i = 0; i < by.capacity; i++)
        free(by.aliases[i].word);
    free(by.aliases);
    octet_buffer_free(&by.made);
    return done;
}
