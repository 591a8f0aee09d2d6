/* log_prefix.c - finds out what all lines begin with. */
#include "transcript/recognise/log_prefix.h"

#include "smtp/look.h"
#include "transcript/formats/format.h"
#include "transcript/recognise/shape.h"

/* Lines that are compared, and how many of them, in percent, must agree. */
#define LINES_MAX     256
#define LINES_LEAST   5
#define AGREE_PERCENT 90

/* The lines under comparison, and how far into each one the prefix reaches. */
struct sample {
    struct slice lines[LINES_MAX];
    size_t at[LINES_MAX];
    bool out[LINES_MAX]; /* does not have the prefix */
    size_t count, in;
};

static void take_sample(struct sample *sample, struct slice head)
{
    while (head.size > 0 && sample->count < LINES_MAX) {
        struct slice line = head_line(&head);
        if (slice_trim(line).size == 0)
            continue;
        sample->lines[sample->count++] = line;
    }
    sample->in = sample->count;
}

static bool has_digit(struct slice word)
{
    for (size_t i = 0; i < word.size; i++)
        if (ascii_digit(word.data[i]))
            return true;
    return false;
}

/* How a token of one line is found in another. */
enum token_kind { TOKEN_BLANK, TOKEN_SAME, TOKEN_NUMBER };

static bool has_token(struct slice text, struct slice token, enum token_kind kind)
{
    struct slice other = shape_token(text, true);
    if (other.size == 0)
        return false;
    if (kind == TOKEN_BLANK)
        return ascii_space(other.data[0]);
    if (kind == TOKEN_SAME)
        return slice_equal(other, token);
    return word_octet(other.data[0], true) && has_digit(other);
}

/* Returns true if enough lines go on with such a token. */
static bool agreed(const struct sample *sample, struct slice token, enum token_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < sample->count; i++)
        count +=
            !sample->out[i] && has_token(slice_after(sample->lines[i], sample->at[i]), token, kind);
    return count * 100 >= sample->count * AGREE_PERCENT;
}

/* Moves all lines past the token; returns the least number of octets it had. */
static size_t advance(struct sample *sample, struct slice token, enum token_kind kind)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < sample->count; i++) {
        struct slice rest = slice_after(sample->lines[i], sample->at[i]);
        size_t size = shape_token(rest, true).size;
        if (sample->out[i])
            continue;
        if (!has_token(rest, token, kind)) {
            sample->out[i] = true;
            sample->in--;
            continue;
        }
        sample->at[i] += size;
        least = size < least ? size : least;
    }
    return least;
}

/* Follows the tokens of one line as long as the others agree. `whole` is the part up to the last
 * blank: what follows it may be the beginning of the program's own text. */
static void follow(struct sample *sample, size_t reference, struct mark *whole)
{
    struct mark prefix = {.wide = true};
    *whole = prefix;
    for (;;) {
        struct slice token =
            shape_token(slice_after(sample->lines[reference], sample->at[reference]), true);
        if (token.size == 0)
            return;
        bool word = word_octet(token.data[0], true);
        enum token_kind kind = ascii_space(token.data[0]) ? TOKEN_BLANK : TOKEN_SAME;
        if (kind == TOKEN_SAME && word && !agreed(sample, token, kind) && has_digit(token))
            kind = TOKEN_NUMBER;
        if (!agreed(sample, token, kind))
            return;
        size_t least = advance(sample, token, kind);
        struct slice blanks = slice_head(token, least);
        if (sample->out[reference])
            return;
        if (kind == TOKEN_BLANK) {
            /* Of more blanks the others may be the program's: " -> ". */
            *whole = prefix;
            if (!mark_add(whole, PART_TEXT, blanks, false) ||
                !mark_add(&prefix, PART_SPACE, SLICE(""), false))
                return;
        } else if (!mark_add(&prefix, kind == TOKEN_NUMBER ? PART_RUN : PART_TEXT,
                             kind == TOKEN_NUMBER ? SLICE("") : token, false)) {
            return;
        }
    }
}

bool log_prefix_learn(struct slice head, struct mark *prefix)
{
    struct sample sample = {0};
    take_sample(&sample, head);
    if (sample.count < LINES_LEAST)
        return false;
    prefix->count = 0;
    /* A line from the middle: the first ones may be something else's. */
    for (size_t quarter = 2; quarter < 4 && prefix->count == 0; quarter++) {
        for (size_t i = 0; i < sample.count; i++) {
            sample.at[i] = 0;
            sample.out[i] = false;
        }
        follow(&sample, sample.count * quarter / 4, prefix);
    }
    return prefix->count > 0;
}

bool log_prefix_shorten(struct mark *prefix)
{
    size_t count = prefix->count - (prefix->count > 0);
    while (count > 0 && prefix->parts[count - 1].kind != PART_SPACE)
        count--;
    if (count < 2)
        return false;
    /* Of more blanks the others may be the program's. */
    prefix->count = count;
    prefix->parts[count - 1].kind = PART_BLANK;
    return true;
}

bool log_prefix_has_arrow(const struct mark *prefix)
{
    static const char *const arrows[] = {">>", "<<", "->", "<-", "=>", "<=", "~>", "<~"};
    struct slice text = SLICE("");
    for (size_t i = 0; i < prefix->count; i++)
        if (prefix->parts[i].kind == PART_TEXT)
            text = (struct slice){prefix->text,
                                  (size_t)prefix->parts[i].offset + prefix->parts[i].size};
    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++)
        if (slice_contains(text, slice_of(arrows[i])))
            return true;
    return false;
}
