/* fuzz_dialogue.c - any lines into the dialogue; what comes out must hang together, and be the same when
 * commands and replies are given two at a time.
 *
 * Lines begin with C or S and the rest up to a blank, as in fixtures/rules; "#n" is a note of kind n,
 * an empty line a separator, anything else has no mark. First octet FUZZ_CHOICE + bits: the options.
 */
#include "target.h"

#include "dialogue/dialogue.h"

/* What has been given on. */
struct watch {
    bool open;
    size_t next;   /* number of the next exchange */
    uint64_t hash; /* of all there was */
};

static void add_number(struct watch *watch, uint64_t number)
{
    watch->hash = slice_hash(watch->hash, (struct slice){(const char *)&number, sizeof number});
}

static void add_text(struct watch *watch, struct slice text)
{
    add_number(watch, text.size);
    watch->hash = slice_hash(watch->hash, text);
}

static void add_location(struct watch *watch, const struct location *location)
{
    add_number(watch, location->line);
    if (location->line == 0) /* nowhere: the rest says nothing */
        return;
    add_number(watch, location->column);
    add_number(watch, location->end_column);
    add_text(watch, location->raw);
}

static void on_begin(void *context, uint64_t line, bool from_start)
{
    struct watch *watch = context;
    demand(!watch->open && line > 0);
    watch->open = true;
    watch->next = 0;
    add_number(watch, line * 2 + from_start);
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    struct watch *watch = context;
    demand(watch->open);
    demand(exchange->number == watch->next++);
    demand(exchange->command < COMMAND_COUNT);
    demand(exchange->location.line > 0);
    demand(exchange->answered <= exchange->number ||
           (exchange->flags & (EXCHANGE_MISSING | EXCHANGE_IMPLIED | EXCHANGE_UNANSWERED)) ||
           exchange->number == 0);
    add_number(watch, (uint64_t)exchange->command << 32 | exchange->flags);
    add_number(watch, (uint64_t)exchange_looks_real(exchange) << 63 | exchange->length);
    add_number(watch, exchange->answered);
    add_location(watch, &exchange->location);
    add_location(watch, &exchange->early);
    add_text(watch, exchange->verb);
    add_text(watch, exchange->argument);
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        demand(reply->line > 0 && reply->lines > 0 && reply->code >= 0 && reply->code <= 999);
        add_number(watch, reply->line);
        add_number(watch, (uint64_t)reply->lines << 32 | (unsigned)reply->code);
        add_text(watch, reply->text);
    }
    if (exchange->flags & (EXCHANGE_ASSUMED | EXCHANGE_MISSING | EXCHANGE_UNANSWERED))
        demand(exchange->reply_count == 0 || exchange->command == COMMAND_AUTH ||
               exchange->command == COMMAND_END_OF_DATA || exchange->command == COMMAND_BDAT_LAST);
}

static void on_stray(void *context, const struct stray *stray)
{
    struct watch *watch = context;
    demand(watch->open && stray->kind <= STRAY_MIXED && stray->location.line > 0);
    add_number(watch, stray->kind);
    add_number(watch, stray->order);
    add_location(watch, &stray->location);
}

static void on_end(void *context, const struct session_end *end)
{
    struct watch *watch = context;
    demand(watch->open && (!end->truncated || end->location.line > 0));
    watch->open = false;
    add_number(watch,
               (uint64_t)end->truncated << 2 | (uint64_t)end->in_content << 1 | end->in_line);
    add_location(watch, &end->location);
}

static void set_side(struct line *line)
{
    struct slice text = line->raw;
    size_t mark = slice_find(text, ' ');
    line->payload = slice_after(text, mark + 1);
    line->column = (uint32_t)mark + 2;
    if (text.size == 0) {
        line->side = SIDE_NOTE;
        line->note = NOTE_SEPARATOR;
    } else if (text.data[0] == 'C' || text.data[0] == 'S') {
        line->side = text.data[0] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    } else if (text.data[0] == '#') {
        unsigned kind = text.size > 1 ? (unsigned)(uint8_t)text.data[1] - '0' : 0;
        line->side = SIDE_NOTE;
        line->note = kind <= NOTE_TIMEOUT ? (enum note)kind : NOTE_PLAIN;
    } else {
        line->side = SIDE_UNMARKED;
        line->payload = text;
        line->column = 1;
    }
}

/* Takes the first line off. */
static struct line next_line(struct slice *rest, uint64_t number)
{
    size_t end = slice_find(*rest, '\n');
    struct line line = {
        .raw = slice_head(*rest, end), .number = number, .unended = end == rest->size};
    set_side(&line);
    *rest = slice_after(*rest, end + 1);
    return line;
}

/* Gives a hash of all that comes out. */
static uint64_t play(struct slice rest, const struct dialogue_options *options, bool in_pairs)
{
    struct watch watch = {.hash = SLICE_HASH};
    struct dialogue_sink sink = {&watch, on_begin, on_exchange, on_stray, on_end, NULL};
    struct dialogue *dialogue = dialogue_new(&sink, options);
    demand(dialogue);
    for (uint64_t number = 1; rest.size > 0; number++) {
        struct line line = next_line(&rest, number);
        struct slice after = rest;
        struct line reply = after.size > 0 ? next_line(&after, number + 1) : line;
        bool taken = false;
        if (in_pairs && line.side == SIDE_CLIENT && reply.side == SIDE_SERVER && !reply.unended)
            demand(dialogue_pair(dialogue, &line, &reply, &taken));
        if (taken) {
            rest = after;
            number++;
        } else {
            demand(dialogue_line(dialogue, &line));
        }
    }
    demand(dialogue_finish(dialogue));
    demand(!watch.open);
    dialogue_free(dialogue);
    return watch.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    int choice = fuzz_choice(&rest, 8);
    unsigned bits = choice < 0 ? 0 : (unsigned)choice;
    struct dialogue_options options = {
        .echoes = bits & 1, .one_sided = bits & 2, .replies_only = bits & 4};
    demand(play(rest, &options, false) == play(rest, &options, true));
    return 0;
}
