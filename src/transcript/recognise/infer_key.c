/* infer_key.c - which variable word before the payload tells sessions apart.
 *
 * An id stays the same from a session's greeting to its end, and another session has another. Times
 * and counters change with every line.
 */
#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/recognise/infer_parts.h"

/* Variable words of a mark that are looked at; sessions in the head. */
#define WORDS_MAX  12
#define VALUES_MAX 256

struct slice variable_word_of(const struct event *event, size_t number, bool wide)
{
    bool quoted;
    struct slice prefix = slice_head(event->line, shape_prefix(event, &quoted));
    size_t index = 0;
    while (prefix.size > 0) {
        struct slice token = shape_token(prefix, wide);
        prefix = slice_after(prefix, token.size);
        if (index++ == number)
            return token;
    }
    return SLICE("");
}

/* The token numbers of a shape's variable words; tokens of the line and of the shape are the same.
 */
static size_t word_places(const struct shape *shape, bool wide, size_t places[WORDS_MAX])
{
    struct slice text = {shape->text, shape->size};
    size_t count = 0, token = 0;
    while (text.size > 0) {
        if (text.data[0] == SHAPE_WORD && count < WORDS_MAX)
            places[count++] = token;
        text = slice_after(text, shape_token(text, wide).size);
        token++;
    }
    return count;
}

/* "12:44:59", "2026-11-23T12:44:59.1Z", "1795443196929", but not "192.0.2.1:43650". */
static bool looks_like_time(struct slice word)
{
    size_t digits = 0, dots = 0, marks = 0, letters = 0;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        digits += ascii_digit(c);
        dots += c == '.';
        marks += c == ':' || c == '-' || c == '/' || c == '+';
        letters += !ascii_digit(c) && !strchr(".:-/+", c) && c != 'T' && c != 'Z';
    }
    if (letters > 0)
        return false;
    return dots < 3 && (marks > 0 || digits >= 10 || (dots == 1 && digits >= 6));
}

struct value {
    uint64_t key;
    unsigned commands, replies;
};

/* How well two words, one of each mark, tell sessions apart: the number of sessions, 0 when they do
 * not. */
static size_t separates(const struct guess *guess, size_t client_word, size_t server_word,
                        struct value values[VALUES_MAX])
{
    size_t count = 0, wrong = 0;
    for (size_t i = 0; i < guess->events->count; i++) {
        const struct event *event = &guess->events->list[i];
        int shape = guess->shapes->of_event[i];
        bool client = shape == guess->client && event->code == 0;
        if (!client && (shape != guess->server || event->code == 0))
            continue;
        struct slice word =
            variable_word_of(event, client ? client_word : server_word, guess->shapes->wide);
        if (looks_like_time(word))
            return 0;
        uint64_t key = mark_key(word);
        size_t at = count;
        while (at > 0 && values[at - 1].key != key)
            at--;
        if (at == 0) { /* a new one: it must begin with a greeting, or with the recording */
            if (count == VALUES_MAX)
                return 0;
            wrong += count > 0 && event->code != 220;
            values[count] = (struct value){.key = key};
            at = ++count;
        }
        values[at - 1].commands += client;
        values[at - 1].replies += !client;
    }
    size_t sound = 0;
    for (size_t i = 0; i < count; i++) /* a client may go without a word */
        sound += values[i].replies > 0;
    return wrong * 10 > count || sound < count ? 0 : count;
}

bool guess_key(struct guess *guess)
{
    size_t client_places[WORDS_MAX], server_places[WORDS_MAX];
    bool wide = guess->shapes->wide;
    size_t clients = word_places(&guess->shapes->list[guess->client], wide, client_places);
    size_t servers = word_places(&guess->shapes->list[guess->server], wide, server_places);
    struct value *values = calloc(VALUES_MAX, sizeof *values);
    size_t best = 0;
    if (!values)
        return false;
    for (size_t c = 0; c < clients; c++)
        for (size_t s = 0; s < servers; s++) {
            size_t sessions = separates(guess, client_places[c], server_places[s], values);
            /* Of equals the rightmost: what is nearest to the payload is most its own. */
            if (sessions == 0 || sessions < best)
                continue;
            best = sessions;
            guess->key[0] = (int)c;
            guess->key[1] = (int)s;
        }
    free(values);
    return true;
}
