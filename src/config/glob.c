/* glob.c - matches a list of tokens as a nondeterministic automaton: all states at once, so that no
 * pattern takes exponential time.
 */
#include "config/glob.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/catalogue.h"

/* The longest pattern. Every octet becomes at most two tokens; "folder/" and "name" bring more. */
#define PATTERN_MAX 1024
#define TOKENS_MAX  (2 * PATTERN_MAX + 4)

enum token_kind {
    TOKEN_SET,     /* one octet of the set */
    TOKEN_REST,    /* the other octets of a character of UTF-8, if there are any */
    TOKEN_IN_NAME, /* any octets but / */
    TOKEN_ANY,     /* any octets */
    TOKEN_FOLDERS  /* nothing, or octets that end with / */
};

struct token {
    enum token_kind kind;
    uint32_t set[8];
};

struct glob {
    size_t count;
    struct token tokens[];
};

static void set_add(struct token *token, unsigned char octet)
{
    token->set[octet / 32] |= UINT32_C(1) << octet % 32;
}

static bool set_has(const struct token *token, unsigned char octet)
{
    return token->set[octet / 32] >> octet % 32 & 1;
}

static struct token *add(struct glob *glob, enum token_kind kind)
{
    struct token *token = &glob->tokens[glob->count++];
    *token = (struct token){.kind = kind};
    return token;
}

/* Adds "[...]". Returns its length; 0 if there is no end. */
static size_t add_class(struct glob *glob, struct slice text)
{
    struct token *token = add(glob, TOKEN_SET);
    size_t at = 1;
    bool none = at < text.size && (text.data[at] == '!' || text.data[at] == '^');
    at += none;
    for (bool first = true; at < text.size && (text.data[at] != ']' || first); first = false) {
        unsigned char from = (unsigned char)text.data[at++], to = from;
        if (at + 1 < text.size && text.data[at] == '-' && text.data[at + 1] != ']') {
            to = (unsigned char)text.data[at + 1];
            at += 2;
        }
        for (unsigned octet = from; octet <= to; octet++)
            set_add(token, (unsigned char)octet);
    }
    if (at >= text.size)
        return 0;
    for (size_t i = 0; none && i < 8; i++)
        token->set[i] = ~token->set[i];
    token->set['/' / 32] &= ~(UINT32_C(1) << '/' % 32);
    return at + 1;
}

/* Adds a run of stars. Returns its length. */
static size_t add_stars(struct glob *glob, struct slice pattern, size_t at)
{
    size_t stars = 0;
    while (at + stars < pattern.size && pattern.data[at + stars] == '*')
        stars++;
    bool begins = at == 0 || pattern.data[at - 1] == '/';
    if (stars == 1)
        add(glob, TOKEN_IN_NAME);
    else if (begins && at + stars < pattern.size && pattern.data[at + stars] == '/')
        add(glob, TOKEN_FOLDERS);
    else
        add(glob, TOKEN_ANY);
    return stars + (glob->tokens[glob->count - 1].kind == TOKEN_FOLDERS);
}

/* Adds the token at `at`. Returns its length; 0 with *error set. */
static size_t add_next(struct glob *glob, struct slice pattern, size_t at, const char **error)
{
    size_t length = 1;
    switch (pattern.data[at]) {
    case '*':
        return add_stars(glob, pattern, at);
    case '?': {
        struct token *token = add(glob, TOKEN_SET);
        memset(token->set, 0xff, sizeof token->set);
        token->set['/' / 32] &= ~(UINT32_C(1) << '/' % 32);
        add(glob, TOKEN_REST);
        return 1;
    }
    case '[':
        length = add_class(glob, slice_after(pattern, at));
        if (length == 0)
            *error = N_("a ] is missing");
        return length;
    case '\\':
        if (at + 1 == pattern.size)
            *error = N_("nothing follows the last \\");
        else
            set_add(add(glob, TOKEN_SET), (unsigned char)pattern.data[at + 1]);
        return at + 1 == pattern.size ? 0 : 2;
    default:
        set_add(add(glob, TOKEN_SET), (unsigned char)pattern.data[at]);
        return 1;
    }
}

struct glob *glob_new(struct slice pattern, const char **error)
{
    *error = pattern.size == 0            ? N_("it is empty")
             : pattern.size > PATTERN_MAX ? N_("it is too long")
                                          : NULL;
    struct glob *glob = *error ? NULL : malloc(sizeof *glob + TOKENS_MAX * sizeof glob->tokens[0]);
    if (!glob)
        return NULL;
    glob->count = 0;
    size_t at = slice_starts(pattern, SLICE("./")) ? 2 : 0;
    size_t slash = at + slice_find(slice_after(pattern, at), '/');
    if (slash + 1 >= pattern.size) /* a name, or a folder */
        add(glob, TOKEN_FOLDERS);
    at += slash == at; /* "/name": of this folder */
    while (at < pattern.size && !*error)
        at += add_next(glob, pattern, at, error);
    if (!*error && pattern.data[pattern.size - 1] == '/')
        add(glob, TOKEN_ANY);
    if (*error) {
        free(glob);
        return NULL;
    }
    struct glob *smaller = realloc(glob, sizeof *glob + glob->count * sizeof glob->tokens[0]);
    return smaller ? smaller : glob;
}

void glob_free(struct glob *glob)
{
    free(glob);
}

/* Adds the states that are reached without an octet: a token that may match nothing more is
 * skipped. `boundary`: a folder or a name can begin here. */
static void skip_empty(const struct glob *glob, bool states[], bool boundary)
{
    for (size_t i = 0; i < glob->count; i++) {
        enum token_kind kind = glob->tokens[i].kind;
        if (states[i] && kind != TOKEN_SET && (kind != TOKEN_FOLDERS || boundary))
            states[i + 1] = true;
    }
}

/* Computes the states after one more octet. */
static void step(const struct glob *glob, const bool now[], bool next[], unsigned char octet)
{
    memset(next, 0, glob->count + 1);
    for (size_t i = 0; i < glob->count; i++) {
        const struct token *token = &glob->tokens[i];
        if (!now[i])
            continue;
        switch (token->kind) {
        case TOKEN_SET:
            next[i + 1] = next[i + 1] || set_has(token, octet);
            break;
        case TOKEN_REST:
            next[i] = next[i] || (octet & 0xc0) == 0x80;
            break;
        case TOKEN_IN_NAME:
            next[i] = next[i] || octet != '/';
            break;
        default:
            next[i] = true;
            break;
        }
    }
}

bool glob_matches(const struct glob *glob, struct slice path)
{
    bool now[TOKENS_MAX + 1], next[TOKENS_MAX + 1];
    memset(now, 0, glob->count + 1);
    now[0] = true;
    skip_empty(glob, now, true);
    for (size_t i = 0; i < path.size; i++) {
        step(glob, now, next, (unsigned char)path.data[i]);
        memcpy(now, next, glob->count + 1);
        skip_empty(glob, now, path.data[i] == '/');
    }
    return now[glob->count];
}
