/* check_line.c - how lines were sent: their ends, their length, and the secrets and notes among them.
 *
 * Takes nothing from the dialogue but one decision: a dot that is not between two CR LF is no end of
 * the message, unless the server's reply shows that it took it for one.
 */
#include "dialogue/state.h"
#include "smtp/connection_hints.h"

/* Octets of a long line that are marked: its beginning is what a report shows. */
#define LONG_MARKED  60
/* Lines before a session whose words may be about its connection. */
#define NOTES_BEFORE 40

static void observe(struct dialogue *dialogue, const struct observation *observation)
{
    if (dialogue->sink.observe)
        dialogue->sink.observe(dialogue->sink.context, observation);
}

/* Octets of a line, from one on. */
static struct location location_of(const struct line *line, size_t from, size_t size)
{
    uint32_t begin = line->column + (uint32_t)(line->end_column ? 0 : from);
    return (struct location){
        .line = line->number,
        .column = begin,
        .end_column = line->end_column ? line->end_column : begin + (uint32_t)(size > 0 ? size : 1),
        .part = line->part,
        .raw = slice_head(line->raw, COPIED_RAW_MAX),
    };
}

static void observe_line(struct dialogue *dialogue, enum observation_kind kind,
                         const struct line *line, size_t from, size_t size)
{
    struct observation observation = {
        .kind = kind,
        .order = dialogue->order,
        .location = location_of(line, from, size),
        .server = line->side == SIDE_SERVER,
        .length = line->payload.size + 2,
        .begins = line->column,
    };
    observe(dialogue, &observation);
}

unsigned bare_line_ends(const struct line *line)
{
    bool cr = slice_find(line->payload, '\r') < line->payload.size;
    return (line->end == LINE_END_LF ? EXCHANGE_BARE_LF : 0u) | (cr ? EXCHANGE_BARE_CR : 0u);
}

void check_hole(struct dialogue *dialogue)
{
    dialogue->checks.last_end = LINE_END_UNKNOWN;
    dialogue->checks.odd_dot = dialogue->checks.after_odd_dot = false;
}

/* A dot in a line of the message that some servers take for the end. */
struct odd_dot {
    const char *name; /* NULL: there is none */
    size_t at;        /* where the dot is in the line */
    size_t after;     /* where what follows begins */
};

/* A dot with a NUL beside it, on a line of its own: some servers drop NULs. */
static struct odd_dot dot_with_nul(struct slice text)
{
    if (slice_equal(text, (struct slice){"\0.", 2}))
        return (struct odd_dot){"CR LF NUL . CR LF", 1, 2};
    if (slice_equal(text, (struct slice){".\0", 2}))
        return (struct odd_dot){"CR LF . NUL CR LF", 0, 2};
    return (struct odd_dot){0};
}

/* A dot within a line, or at its end, after a bare CR. */
static struct odd_dot dot_after_cr(const struct line *line)
{
    struct slice text = line->payload;
    const char *found = text.size >= 3 ? memmem(text.data, text.size, "\r.\r", 3) : NULL;
    if (found) {
        size_t at = (size_t)(found - text.data) + 1;
        return (struct odd_dot){"CR . CR", at, at + 2};
    }
    if (!slice_ends(text, SLICE("\r.")))
        return (struct odd_dot){0};
    const char *name = line->end == LINE_END_CRLF ? "CR . CR LF" : "CR . LF";
    return (struct odd_dot){name, text.size - 1, text.size};
}

/* RFC 5321 4.1.1.4: the end is CR LF . CR LF and nothing else. */
static struct odd_dot odd_dot_in(const struct line_checks *checks, const struct line *line)
{
    struct slice text = line->payload;
    bool after_lf = checks->last_end == LINE_END_LF, after_crlf = checks->last_end == LINE_END_CRLF;
    if (text.size == 1 && text.data[0] == '.') {
        if (after_lf && line->end == LINE_END_LF)
            return (struct odd_dot){"LF . LF", 0, 1};
        if (after_lf && line->end == LINE_END_CRLF)
            return (struct odd_dot){"LF . CR LF", 0, 1};
        if (after_crlf && line->end == LINE_END_LF)
            return (struct odd_dot){"CR LF . LF", 0, 1};
        return (struct odd_dot){0};
    }
    if ((after_crlf || after_lf) && slice_starts(text, SLICE(".\r")))
        return (struct odd_dot){after_lf ? "LF . CR" : "CR LF . CR", 0, 2};
    struct odd_dot dot =
        after_crlf && line->end == LINE_END_CRLF ? dot_with_nul(text) : (struct odd_dot){0};
    return dot.name ? dot : dot_after_cr(line);
}

static bool reads_like_command(struct dialogue *dialogue, struct slice text)
{
    struct command_line command = command_scan(dialogue->commands, text);
    return command.command != COMMAND_END_OF_DATA && command_looks_real(&command);
}

/* Returns true if there is an odd dot in the line. */
static bool check_dot(struct dialogue *dialogue, const struct line *line)
{
    struct line_checks *checks = &dialogue->checks;
    struct odd_dot dot = {0};
    if (checks->command_end == LINE_END_CRLF && line->end != LINE_END_UNKNOWN)
        dot = odd_dot_in(checks, line);
    if (!dot.name) {
        if (checks->after_odd_dot && reads_like_command(dialogue, line->payload)) {
            observe_line(dialogue, OBSERVED_AFTER_ODD_DOT, line, 0, line->payload.size);
            checks->after_odd_dot = false;
        }
        return false;
    }
    struct observation observation = {
        .kind = OBSERVED_ODD_DOT,
        .order = dialogue->order,
        .location = location_of(line, dot.at, 1),
        .length = line->payload.size + 2,
        .begins = line->column,
        .dot = dot.name,
    };
    observe(dialogue, &observation);
    checks->after_odd_dot = true;
    checks->odd_dot = dot.after >= line->payload.size;
    if (reads_like_command(dialogue, slice_after(line->payload, dot.after))) {
        observe_line(dialogue, OBSERVED_AFTER_ODD_DOT, line, dot.after,
                     line->payload.size - dot.after);
        checks->after_odd_dot = false;
    }
    return true;
}

/* A line that stands for more than one, because a log did not undo its escapes. */
static bool is_several_lines(struct slice text)
{
    return slice_contains(text, SLICE("\\n")) || slice_contains(text, SLICE("<CR>")) ||
           slice_contains(text, SLICE("<CRLF>")) || slice_contains(text, SLICE(LINE_CUT));
}

bool check_content_line(struct dialogue *dialogue, const struct line *line, bool *dot)
{
    struct line_checks *checks = &dialogue->checks;
    bool stuffed = line->payload.size > 1 && line->payload.data[0] == '.';
    if (line->payload.size - stuffed + 2 > LINE_OCTETS_MAX && !is_several_lines(line->payload))
        observe_line(dialogue, OBSERVED_LONG_LINE, line, 0, LONG_MARKED);
    if (line->end == LINE_END_UNKNOWN) {
        check_hole(dialogue);
        return true;
    }
    checks->odd_dot = false;
    bool odd = check_dot(dialogue, line);
    size_t cr = slice_find(line->payload, '\r');
    checks->last_end = line->end;
    if (odd)
        *dot = false;
    if (checks->odd_dot) {
        checks->odd_location = (struct copied_location){.line = line->number,
                                                        .column = line->column,
                                                        .end_column = line->column + 1,
                                                        .part = line->part};
        return queue_copy(&dialogue->queue, line->raw, COPIED_RAW_MAX, &checks->odd_location.raw);
    }
    if (!odd && cr < line->payload.size)
        observe_line(dialogue, OBSERVED_BARE_CR, line, cr, 1);
    else if (!odd && line->end == LINE_END_LF)
        observe_line(dialogue, OBSERVED_BARE_LF, line, 0, line->payload.size);
    return true;
}

void check_reply_line(struct dialogue *dialogue, const struct line *line)
{
    if (line->end == LINE_END_UNKNOWN)
        return;
    size_t cr = slice_find(line->payload, '\r');
    if (cr == line->payload.size && line->end == LINE_END_CRLF)
        return;
    session_begin(dialogue, line->number);
    if (cr < line->payload.size)
        observe_line(dialogue, OBSERVED_BARE_CR, line, cr, 1);
    else
        observe_line(dialogue, OBSERVED_BARE_LF, line, 0, line->payload.size);
}

/* Adds the AUTH command whose challenge is answered. */
static void add_challenge(struct dialogue *dialogue, size_t auth, struct observation *observation)
{
    struct queue *queue = &dialogue->queue;
    if (auth >= queue->count || queue->commands[auth].command != COMMAND_AUTH)
        return;
    struct exchange exchange;
    queue_exchange(queue, auth, &exchange);
    observation->argument = exchange.argument;
    observation->number = (unsigned)exchange.reply_count;
    if (exchange.reply_count > 0)
        observation->challenge = exchange.replies[exchange.reply_count - 1].text;
}

void check_answer(struct dialogue *dialogue, const struct line *line)
{
    struct observation observation = {
        .kind = OBSERVED_ANSWER,
        .location = location_of(line, 0, line->payload.size),
        .length = line->payload.size + 2,
        .begins = line->column,
        .text = line->payload,
    };
    if (!dialogue->one_sided)
        add_challenge(dialogue, dialogue->queue.pending, &observation);
    observe(dialogue, &observation);
}

void check_early_answer(struct dialogue *dialogue, size_t index)
{
    struct exchange exchange;
    queue_exchange(&dialogue->queue, index, &exchange);
    struct observation observation = {
        .kind = OBSERVED_ANSWER,
        .location = exchange.location,
        .length = exchange.length,
        .text = exchange.verb,
    };
    add_challenge(dialogue, index - 1, &observation);
    observe(dialogue, &observation);
}

static void pass_on(struct dialogue *dialogue, unsigned hints)
{
    hints &= ~dialogue->checks.hints;
    dialogue->checks.hints |= hints;
    struct observation observation = {.kind = OBSERVED_LOOPBACK};
    if (hints & HINT_LOOPBACK)
        observe(dialogue, &observation);
    observation.kind = OBSERVED_TLS;
    if (hints & HINT_TLS)
        observe(dialogue, &observation);
}

/* `next`: they are about the session that follows. */
static void take_hints(struct dialogue *dialogue, unsigned hints, bool next, uint64_t line)
{
    struct line_checks *checks = &dialogue->checks;
    if (!next) {
        pass_on(dialogue, hints);
    } else if (hints != 0) {
        checks->next_hints |= hints;
        checks->next_line = line;
    }
}

static bool is_between(const struct dialogue *dialogue)
{
    return !dialogue->session.began || dialogue->session.closed;
}

void check_tls(struct dialogue *dialogue, uint64_t line)
{
    take_hints(dialogue, HINT_TLS, is_between(dialogue), line);
}

void check_note(struct dialogue *dialogue, const struct line *line)
{
    bool next = is_between(dialogue);
    /* Behind the first commands notes tell of other things. */
    if (!next && dialogue->session.emitted > 1)
        return;
    take_hints(dialogue, connection_hints_in(line->payload), next, line->number);
}

void check_begin(struct dialogue *dialogue, uint64_t line)
{
    struct line_checks *checks = &dialogue->checks;
    /* What stands far before it is about another connection. */
    bool near = line < checks->next_line + NOTES_BEFORE;
    unsigned hints = near ? checks->next_hints : 0;
    *checks = (struct line_checks){0};
    pass_on(dialogue, hints);
}

/* The 220 to STARTTLS has come and the next thing must be a handshake, which no line shows. */
static void observe_clear(struct dialogue *dialogue, enum observation_kind kind,
                          struct location location)
{
    struct observation observation = {.kind = kind, .order = dialogue->order, .location = location};
    observe(dialogue, &observation);
}

void check_clear_command(struct dialogue *dialogue, const struct line *line)
{
    if (dialogue->session.handshake && dialogue->wire)
        observe_clear(dialogue, OBSERVED_CLEAR_COMMAND,
                      location_of(line, 0, slice_word(line->payload).size));
    dialogue->session.handshake = false;
}

bool check_clear_reply(struct dialogue *dialogue)
{
    if (!dialogue->session.handshake)
        return false;
    if (!dialogue->session.clear_reply)
        observe_clear(dialogue, OBSERVED_CLEAR_REPLY,
                      queue_location(&dialogue->queue, &dialogue->reply_location));
    dialogue->session.clear_reply = true;
    return true;
}

void check_foreign(struct dialogue *dialogue, const struct line *line)
{
    session_begin(dialogue, line->number);
    struct observation observation = {
        .kind = OBSERVED_FOREIGN,
        .order = dialogue->order,
        .location = location_of(line, 0, line->payload.size),
        .text = line->payload,
    };
    observe(dialogue, &observation);
}
