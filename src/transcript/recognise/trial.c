/* trial.c - reads a sample by a guess, line by line, and lets its dialogue decide.
 */
#include "transcript/recognise/trial.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/recognise/measure.h"
#include "transcript/recognise/score.h"

/* Lines after and before one with an anchor that belong to the sample: messages, marks alone. */
#define ROWS_AFTER  8
#define ROWS_BEFORE 2
#define NO_MATCH    UINT16_MAX

/* The costs of a guess, so that the simpler of two equal readings wins. */
enum {
    COST_SHAPE = 25,
    COST_RARE_SHAPE = 110, /* a further mark that is seen once */
    COST_PROSE = 35,       /* each word of a mark beyond three: marks are short */
    COST_KEY = 30,
    COST_BY_TEXT = 60,      /* side by what the text says ... */
    COST_BOTH_BY_TEXT = 300 /* ... for marks that say it themselves */
};

static const char *const line_ends[] = {
    "\\r\\n", "\\n",    "\\r",        "<CR><LF>",   "<CRLF>",
    "<EOL>",  "<LF>",   "<CR>",       "[nl]",       "<br>",
    "<br/>",  "<br />", "\\015\\012", "\\x0d\\x0a", "\xe2\x90\x8d\xe2\x90\x8a"};

static bool may_end_line(char c)
{
    return c == '\\' || c == '<' || c == '[' || c == '\xe2';
}

/* A line end as loggers write it: its size; 0: none. */
static size_t line_end_at(struct slice text)
{
    if (text.size < 2 || !may_end_line(text.data[0]))
        return 0;
    for (size_t i = 0; i < sizeof line_ends / sizeof line_ends[0]; i++)
        if (slice_starts_nocase(text, slice_of(line_ends[i])))
            return strlen(line_ends[i]);
    return 0;
}

struct slice payload_text(struct slice text, char quote, bool escaped, size_t *next)
{
    for (size_t at = 0; at < text.size; at++) {
        if (text.data[at] != quote && !may_end_line(text.data[at]))
            continue;
        struct slice rest = slice_after(text, at);
        size_t end = line_end_at(rest);
        if (quote && rest.data[0] == quote &&
            (rest.size == 1 || !ascii_alphanumeric(rest.data[1])) &&
            (at == 0 || rest.data[-1] != '\\' || escaped)) {
            *next = text.size;
            return slice_trim(slice_head(text, at > 0 && escaped ? at - 1 : at));
        }
        if (end == 0)
            continue;
        /* Inside a text a line end is one only where SMTP goes on after it. */
        struct slice after = slice_after(rest, end);
        size_t skipped = 0;
        while (skipped < after.size && line_end_at(slice_after(after, skipped)) > 0)
            skipped += line_end_at(slice_after(after, skipped));
        after = slice_after(after, skipped);
        if (slice_trim(after).size > 0 && after.data[0] != quote && !looks_like_reply(after) &&
            command_scan(NULL, after).command == COMMAND_UNKNOWN && after.data[0] != '"' &&
            after.data[0] != '\'')
            continue;
        *next = at + end + skipped;
        return slice_trim(slice_head(text, at));
    }
    *next = text.size;
    return slice_trim(text);
}

static uint64_t payload_hash(const struct anchor *anchor)
{
    size_t next;
    char before = anchor->at > 0 ? anchor->line.data[anchor->at - 1] : '\0';
    bool quoted = before == '"' || before == '\'' || before == '`';
    struct slice text =
        payload_text(slice_after(anchor->line, anchor->at), quoted ? before : '\0',
                     anchor->at > 1 && anchor->line.data[anchor->at - 2] == '\\', &next);
    return slice_hash(SLICE_HASH, text);
}

static bool find_copies(struct trial *trial)
{
    size_t count = trial->anchors->count;
    uint64_t *hashes = calloc(count + 1, sizeof *hashes);
    trial->copies = calloc(count + 1, sizeof *trial->copies);
    trial->read = calloc(count + 1, sizeof *trial->read);
    for (size_t i = 0; hashes && trial->copies && i < count; i++) {
        hashes[i] = payload_hash(&trial->anchors->list[i]);
        size_t first = 0;
        while (hashes[first] != hashes[i])
            first++;
        trial->copies[i] = (int)first;
    }
    free(hashes);
    return hashes && trial->copies && trial->read;
}

static bool find_rows(struct trial *trial)
{
    const struct anchors *anchors = trial->anchors;
    struct slice head = anchors->sample;
    size_t most = anchors->anchored * (1 + ROWS_AFTER + ROWS_BEFORE) + 1, next = 0;
    size_t after = 0;
    struct trial_row before[ROWS_BEFORE] = {{{0}, 0, -1}};
    size_t waiting = 0;
    trial->rows = calloc(most, sizeof *trial->rows);
    trial->words = calloc(most, sizeof *trial->words);
    if (!trial->rows || !trial->words)
        return false;
    for (uint32_t number = 0; head.size > 0; number++) {
        struct trial_row row = {head_line(&head), number, -1};
        if (next < anchors->count && anchors->list[next].number == number) {
            row.anchor = (int)next;
            while (next < anchors->count && anchors->list[next].number == number)
                next++;
            for (size_t i = 0; i < waiting; i++)
                trial->rows[trial->row_count++] = before[i];
            waiting = 0;
            after = ROWS_AFTER;
            trial->rows[trial->row_count++] = row;
        } else if (after > 0) {
            after--;
            trial->rows[trial->row_count++] = row;
        } else {
            if (waiting == ROWS_BEFORE)
                memmove(before, before + 1, (ROWS_BEFORE - 1) * sizeof before[0]);
            else
                waiting++;
            before[waiting - 1] = row;
        }
    }
    return true;
}

bool trial_begin(struct trial *trial, const struct anchors *anchors, const struct shapes *shapes)
{
    *trial = (struct trial){.anchors = anchors, .shapes = shapes};
    learn_tail(anchors, trial->tail);
    trial->marks = calloc(shapes->count + 1, sizeof *trial->marks);
    if (!trial->marks || !find_copies(trial) || !find_rows(trial)) {
        trial_end(trial);
        return false;
    }
    return true;
}

void trial_end(struct trial *trial)
{
    for (size_t i = 0; i < SHAPES_MAX; i++)
        free(trial->lengths[i]);
    free(trial->rows);
    free(trial->words);
    free(trial->copies);
    free(trial->read);
    free(trial->marks);
    *trial = (struct trial){0};
}

/* Where the payload of a row begins by the mark of a shape; NO_MATCH: it has another. */
static uint16_t length_of(struct trial *trial, int shape, size_t row)
{
    if (!trial->lengths[shape]) {
        uint16_t *lengths = calloc(trial->row_count + 1, sizeof *lengths);
        if (!lengths) {
            trial->no_memory = true;
            return NO_MATCH;
        }
        const struct shape *text = &trial->shapes->list[shape];
        bool fits = shape_mark(text, text->size, trial->shapes->wide, 0, &trial->marks[shape]);
        for (size_t i = 0; i < trial->row_count; i++) {
            struct mark_found found;
            size_t quote;
            bool has = fits && mark_match(&trial->marks[shape], trial->rows[i].line, &found) &&
                       found.length < NO_MATCH;
            if (has && text->quoted &&
                !literal_begins(slice_after(trial->rows[i].line, found.length), &quote))
                has = false;
            lengths[i] = has ? (uint16_t)found.length : NO_MATCH;
        }
        trial->lengths[shape] = lengths;
    }
    return trial->lengths[shape][row];
}

bool trial_has(struct trial *trial, int shape, size_t row)
{
    return length_of(trial, shape, row) != NO_MATCH;
}

size_t trial_words(struct trial *trial, int shape, size_t row, struct slice words[], size_t most)
{
    if (!trial_has(trial, shape, row))
        return 0;
    struct slice line = trial->rows[row].line;
    struct row_words *known = &trial->words[row];
    if (known->shape != shape + 1) {
        struct slice found[WORDS_MAX];
        known->shape = shape + 1;
        known->count = (uint16_t)mark_words(&trial->marks[shape], line, found, WORDS_MAX);
        for (size_t i = 0; i < known->count; i++) {
            known->words[i].at = (uint16_t)(found[i].data - line.data);
            known->words[i].size = (uint16_t)found[i].size;
        }
    }
    size_t count = known->count < most ? known->count : most;
    for (size_t i = 0; i < count; i++)
        words[i] = slice_head(slice_after(line, known->words[i].at), known->words[i].size);
    return count;
}

/* The mark that takes most of the row, as an index into guess->marks; -1: none does. */
static int mark_of(struct trial *trial, const struct guess *guess, size_t row)
{
    int best = -1;
    uint16_t most = 0;
    for (size_t i = 0; i < guess->count; i++) {
        uint16_t length = length_of(trial, guess->marks[i].shape, row);
        if (length == NO_MATCH || (best >= 0 && length <= most))
            continue;
        most = length;
        best = (int)i;
    }
    return best;
}

static uint64_t key_of(struct trial *trial, const struct guess *guess, int shape, size_t row)
{
    struct slice words[WORDS_MAX];
    uint64_t key = 0;
    if (guess->keys[0].index < 0)
        return 0;
    int count = (int)trial_words(trial, shape, row, words, WORDS_MAX);
    for (size_t i = 0; i < 2; i++) {
        int word = key_word(guess->keys[i], count);
        if (word >= 0)
            key = key == 0 ? mark_key(words[word]) : slice_hash(key, words[word]);
    }
    return key;
}

/* One reading of the sample under way. */
struct walk {
    struct trial *trial;
    struct guess *guess;
    struct score score;
    uint64_t last_key;
    enum side last_side;
    bool in_group; /* the line before was read, or belongs to one that was */
};

static struct score_session *session_at(struct walk *walk, uint64_t key)
{
    for (size_t i = 0; i < walk->score.session_count; i++)
        if (walk->score.sessions[i].key == key)
            return &walk->score.sessions[i];
    return NULL;
}

/* Notes that the payload of the row's anchor at or after `at` has been read. */
static void mark_read(struct walk *walk, const struct trial_row *row, size_t at)
{
    const struct anchors *anchors = walk->trial->anchors;
    for (int i = row->anchor; i >= 0 && (size_t)i < anchors->count; i++) {
        if (anchors->list[i].number != row->number)
            break;
        if (anchors->list[i].at >= at)
            walk->trial->read[walk->trial->copies[i]] = true;
    }
}

/* Whose a line is whose mark both sides have. */
static enum side side_by_text(const struct score_session *session, struct slice text)
{
    if (looks_like_reply(text) && !(session && session->content && session->dot))
        return SIDE_SERVER;
    if (session && (session->content || session->answering))
        return SIDE_CLIENT;
    return command_scan(NULL, text).command != COMMAND_UNKNOWN ? SIDE_CLIENT : SIDE_NOTE;
}

/* "250-a 250-b 250 c" in one line: its last part is what the reply comes to. */
static struct slice last_part(struct slice text)
{
    if (text.size < 8 || !looks_like_reply(text) || text.data[3] != '-')
        return text;
    for (size_t at = text.size - 4; at >= 5; at--)
        if (memcmp(text.data + at, text.data, 3) == 0 && text.data[at + 3] == ' ')
            return slice_after(text, at);
    return text;
}

static bool has_words(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (ascii_alphanumeric(text.data[i]))
            return true;
    return false;
}

static void read_payload(struct walk *walk, const struct trial_row *row, size_t at,
                         struct line *line, unsigned mark)
{
    struct slice text = slice_after(row->line, at);
    size_t quote, next;
    char sign = '\0';
    bool escaped = false;
    if (literal_begins(text, &quote)) {
        sign = text.data[quote];
        escaped = quote > 0 && text.data[quote - 1] == '\\';
        text = slice_after(text, quote + 1);
    }
    enum side side = line->side;
    do {
        struct slice piece = payload_text(text, sign, escaped, &next);
        text = slice_after(text, next);
        if (!sign && text.size == 0)
            piece = slice_trim(tail_cut(piece, walk->trial->tail));
        line->payload = piece;
        if (side == SIDE_UNMARKED)
            line->side = side_by_text(session_at(walk, line->session), piece);
        if (line->side == SIDE_SERVER)
            line->payload = last_part(piece);
        score_line(&walk->score, line, mark);
    } while (has_words(text));
    walk->last_key = line->session;
    walk->last_side = line->side;
    walk->in_group = line->side != SIDE_NOTE;
    if (walk->in_group)
        mark_read(walk, row, at);
}

/* A line without a mark: goes on with a reply, or with the group before it, or is left out. */
static void read_bare(struct walk *walk, const struct trial_row *row, struct line *line)
{
    struct score_session *session = session_at(walk, walk->last_key);
    struct slice text = slice_trim(row->line);
    bool reply = looks_like_reply(text);
    int code = reply ? reply_code(text) : 0;
    line->session = walk->last_key;
    line->payload = text;
    if (session && session->open != 0 && code == session->open)
        line->side = SIDE_SERVER;
    else if (session && session->content && walk->last_side == SIDE_CLIENT)
        line->side = SIDE_CLIENT;
    else
        line->side = SIDE_NOTE;
    if (line->side == SIDE_NOTE) {
        walk->in_group = false;
        return;
    }
    score_line(&walk->score, line, 0);
    mark_read(walk, row, 0);
}

/* Returns true if the guess reads one of the line's anchors, or a copy of it. */
static bool is_read(void *context, size_t first)
{
    const struct trial *trial = context;
    const struct anchors *anchors = trial->anchors;
    bool read = false;
    for (size_t i = first;
         i < anchors->count && anchors->list[i].number == anchors->list[first].number; i++)
        read = read || trial->read[trial->copies[i]];
    return read;
}

/* Words of a mark that are prose: each beyond three. What marks that mirror each other both begin with is
 * the log's, however long. */
static long prose(const struct guess *guess, const struct shape *shape)
{
    struct slice text = {shape->text, shape->size};
    const struct shape *mains[] = {&guess->shapes->list[guess->client],
                                   &guess->shapes->list[guess->server]};
    bool wide = guess->shapes->wide;
    size_t common = 0;
    for (size_t i = 0; i < 2 && guess->bonus > 0; i++) {
        size_t size = 0;
        if (mains[i] != shape)
            shape_common(text, (struct slice){mains[i]->text, mains[i]->size}, wide, &size);
        common = size > common ? size : common;
    }
    text = slice_after(text, common);
    long words = 0;
    while (text.size > 0) {
        struct slice token = shape_token(text, wide);
        words += token.data[0] != SHAPE_WORD && token.size > 1 && word_octet(token.data[0], false);
        text = slice_after(text, token.size);
    }
    return words > 3 ? (words - 3) * COST_PROSE : 0;
}

static long cost_of(const struct guess *guess)
{
    long cost = 0;
    size_t by_text = 0;
    for (size_t i = 0; i < guess->count; i++) {
        const struct shape *shape = &guess->shapes->list[guess->marks[i].shape];
        bool further =
            guess->marks[i].shape != guess->client && guess->marks[i].shape != guess->server;
        cost += further && shape->lines <= 1 ? COST_RARE_SHAPE : COST_SHAPE;
        cost += prose(guess, shape);
        by_text += guess->marks[i].side == SIDE_UNMARKED;
    }
    for (size_t i = 0; i < 2; i++)
        cost += guess->keys[i].index >= 0 ? COST_KEY : 0;
    return cost + (by_text > 1 ? COST_BOTH_BY_TEXT : by_text > 0 ? COST_BY_TEXT : 0);
}

/* Returns true if the line has a server's mark that the client's begins with, the empty one above all, and
 * is no reply: it may be anything. */
static bool is_no_reply(struct trial *trial, const struct guess *guess, int mark, size_t row)
{
    int index = guess->marks[mark].shape;
    const struct shape *server = &trial->shapes->list[index];
    const struct shape *client = &trial->shapes->list[guess->client];
    if (guess->marks[mark].side != SIDE_SERVER || server->quoted ||
        !slice_starts((struct slice){client->text, client->size},
                      (struct slice){server->text, server->size}))
        return false;
    struct slice line = trial->rows[row].line;
    return !looks_like_reply(slice_trim(slice_after(line, length_of(trial, index, row))));
}

void trial_run(struct trial *trial, struct guess *guess)
{
    struct walk walk = {.trial = trial, .guess = guess};
    memset(trial->read, 0, trial->anchors->count * sizeof *trial->read);
    for (size_t i = 0; i < trial->row_count; i++) {
        const struct trial_row *row = &trial->rows[i];
        struct line line = {.number = row->number + 1, .raw = row->line};
        int mark = mark_of(trial, guess, i);
        if (mark < 0 || is_no_reply(trial, guess, mark, i)) {
            read_bare(&walk, row, &line);
            continue;
        }
        line.side = guess->marks[mark].side;
        line.session = key_of(trial, guess, guess->marks[mark].shape, i);
        read_payload(&walk, row, length_of(trial, guess->marks[mark].shape, i), &line,
                     (unsigned)mark + 1);
    }
    long points = score_finish(&walk.score);
    long missed = anchors_left_out(trial->anchors, is_read, trial);
    guess->cost = cost_of(guess);
    guess->points = points - missed - guess->cost + guess->bonus;
    guess->doubted = missed > 0 || walk.score.penalties > (long)walk.score.greeted * COST_SESSION;
    guess->commands = walk.score.commands;
    guess->replies = walk.score.replies;
    guess->pairs = walk.score.pairs;
    guess->sure_pairs = walk.score.sure_pairs;
}
