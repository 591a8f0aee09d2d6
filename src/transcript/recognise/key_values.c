/* key_values.c - what the variable words of marks are: ids of sessions, times, numbers.
 */
#include "transcript/recognise/key_values.h"

#include "smtp/command.h"

/* Variable words of a mark that are looked at. */
#define WORDS_MAX 24

struct value {
    uint64_t hash;
    bool client, server;
    bool begins; /* its first line may be the first of a session */
};

/* What the words of a log are that may be the key of its sessions. */
struct key_values {
    struct value list[64];
    size_t count, last, lines;
    size_t clock; /* lines in which it is a time */
    bool returns; /* one comes again after another */
    bool too_many;
};

/* "10:11:12", "10:11:12.345" */
static bool is_time(struct slice word)
{
    size_t groups = 0;
    for (; word.size >= 2 && ascii_digit(word.data[0]) && ascii_digit(word.data[1]); groups++) {
        word = slice_after(word, 2);
        if (word.size == 0 || word.data[0] != ':')
            break;
        word = slice_after(word, 1);
    }
    return groups >= 1 && (word.size == 0 || word.data[0] == '.');
}

/* Returns true if the word is a time, or hours, minutes or seconds: 00 to 59 beside a colon. */
static bool is_of_clock(struct slice word, struct slice line)
{
    struct slice rest = slice_after(line, (size_t)(word.data - line.data) + word.size);
    bool colon =
        (word.data > line.data && word.data[-1] == ':') || (rest.size > 0 && rest.data[0] == ':');
    bool part = colon && word.size == 2 && word.data[0] >= '0' && word.data[0] <= '5' &&
                ascii_digit(word.data[1]);
    return part || is_time(word);
}

static bool may_begin_session(const struct anchor *anchor)
{
    struct slice payload = slice_after(anchor->line, anchor->at);
    if (anchor->code != 0)
        return anchor->code == 220 || anchor->code == 421 || anchor->code == 554;
    return command_is_hello(command_scan(NULL, payload).command);
}

static void add_value(struct key_values *values, const struct trial *trial, size_t row,
                      struct slice word, enum side side)
{
    const struct anchor *anchor = &trial->anchors->list[trial->rows[row].anchor];
    uint64_t hash = mark_key(word);
    size_t at = 0;
    while (at < values->count && values->list[at].hash != hash)
        at++;
    if (at == sizeof values->list / sizeof values->list[0]) {
        values->too_many = true;
        return;
    }
    if (at == values->count)
        values->list[values->count++] =
            (struct value){.hash = hash, .begins = may_begin_session(anchor)};
    else
        values->returns = values->returns || at != values->last;
    values->list[at].client = values->list[at].client || side != SIDE_SERVER;
    values->list[at].server = values->list[at].server || side != SIDE_CLIENT;
    values->last = at;
    values->lines++;
    values->clock += is_of_clock(word, trial->rows[row].line);
}

bool may_be_key(struct trial *trial, const struct guess *guess, struct key_rule rule)
{
    struct key_values values = {.count = 0};
    for (size_t row = 0; row < trial->row_count && !values.too_many; row++)
        for (size_t i = 0; i < guess->count; i++) {
            struct slice words[WORDS_MAX];
            int found = trial->rows[row].anchor < 0
                            ? 0
                            : (int)trial_words(trial, guess->marks[i].shape, row, words, WORDS_MAX);
            int word = key_word(rule, found);
            if (word >= 0)
                add_value(&values, trial, row, words[word], guess->marks[i].side);
        }
    size_t both = 0, begins = 0, count = values.count;
    for (size_t i = 0; i < count; i++) {
        both += values.list[i].client && values.list[i].server;
        begins += i > 0 && values.list[i].begins;
    }
    return !values.too_many && count >= 2 && both * 2 >= count && count * 10 <= values.lines * 6 &&
           values.clock < values.lines && (values.returns || begins * 2 >= count - 1);
}
