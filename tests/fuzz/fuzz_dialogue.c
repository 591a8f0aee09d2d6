/* fuzz_dialogue.c - any lines into the dialogue; what comes out must hang together.
 *
 * Lines begin with C or S and the rest up to a blank, as in fixtures/rules; "#n" is a note of kind n,
 * an empty line a separator, anything else has no mark. First octet FUZZ_CHOICE + bits: the options.
 */
#include "target.h"

#include "dialogue/dialogue.h"

/* What has been given on. */
struct watch {
    bool open;
    size_t next; /* number of the next exchange */
};

static void on_begin(void *context, uint64_t line, bool from_start)
{
    struct watch *watch = context;
    (void)from_start;
    demand(!watch->open && line > 0);
    *watch = (struct watch){.open = true};
}

static void on_exchange(void *context, const struct exchange *exchange)
{
    struct watch *watch = context;
    demand(watch->open);
    demand(exchange->number == watch->next++);
    demand(exchange->command < COMMAND_COUNT);
    demand(exchange->place.line > 0);
    demand(exchange->answered <= exchange->number ||
           (exchange->flags & (EXCHANGE_MISSING | EXCHANGE_IMPLIED | EXCHANGE_UNANSWERED)) ||
           exchange->number == 0);
    for (size_t i = 0; i < exchange->reply_count; i++)
        demand(exchange->replies[i].line > 0 && exchange->replies[i].lines > 0 &&
               exchange->replies[i].code >= 0 && exchange->replies[i].code <= 999);
    if (exchange->flags & (EXCHANGE_ASSUMED | EXCHANGE_MISSING | EXCHANGE_UNANSWERED))
        demand(exchange->reply_count == 0 || exchange->command == COMMAND_AUTH ||
               exchange->command == COMMAND_END_OF_DATA || exchange->command == COMMAND_BDAT_LAST);
}

static void on_stray(void *context, const struct stray *stray)
{
    const struct watch *watch = context;
    demand(watch->open && stray->kind <= STRAY_MIXED && stray->place.line > 0);
}

static void on_end(void *context, const struct session_end *end)
{
    struct watch *watch = context;
    demand(watch->open && (!end->truncated || end->place.line > 0));
    watch->open = false;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    int choice = fuzz_choice(&rest, 8);
    unsigned bits = choice < 0 ? 0 : (unsigned)choice;
    struct dialogue_options options = {
        .echoes = bits & 1, .one_sided = bits & 2, .replies_only = bits & 4};
    struct watch watch = {0};
    struct dialogue_sink sink = {&watch, on_begin, on_exchange, on_stray, on_end, NULL};
    struct dialogue *dialogue = dialogue_new(&sink, &options);
    demand(dialogue);
    for (uint64_t number = 1; rest.size > 0; number++) {
        size_t end = slice_find(rest, '\n');
        struct line line = {
            .raw = slice_head(rest, end), .number = number, .unended = end == rest.size};
        set_side(&line);
        demand(dialogue_line(dialogue, &line));
        rest = slice_after(rest, end + 1);
    }
    demand(dialogue_finish(dialogue));
    demand(!watch.open);
    dialogue_free(dialogue);
    return 0;
}
