/* replies.c - the server's lines, put together to replies.
 */
#include "dialogue/state.h"
#include "smtp/look.h"

/* The place of a reply's line: its code. */
static bool locate_reply(struct dialogue *dialogue, const struct line *line,
                         struct copied_location *location)
{
    size_t word = slice_find(line->payload, ' ');
    location->line = line->number;
    location->column = line->column;
    location->part = line->part;
    location->end_column = line->end_column
                               ? line->end_column
                               : line->column + (uint32_t)(word < 3 && word > 0 ? word : 3);
    return queue_copy(&dialogue->queue, line->raw, COPIED_RAW_MAX, &location->raw);
}

/* A server's line that is wrong in itself; its reply is named once. */
static bool faulty_line(struct dialogue *dialogue, enum stray_kind kind, const struct line *line,
                        const struct reply_line *read)
{
    if (dialogue->reply_faulty && dialogue->session.in_reply)
        return true;
    dialogue->reply_faulty = true;
    struct stray stray = {
        .kind = kind,
        .order = dialogue->order,
        .location = {.line = line->number,
                     .column = line->column,
                     .part = line->part,
                     .end_column = line->column + (uint32_t)(line->payload.size < 3 ? 1 : 3),
                     .raw = line->raw},
        .reply = {.line = line->number, .code = read->code, .lines = 1, .text = read->text},
    };
    session_begin(dialogue, line->number);
    dialogue->sink.stray(dialogue->sink.context, &stray);
    return true;
}

/* "(waits)", "<opens connection>", "[TLS]": how people write what no octet shows. */
static bool opens_bracket(struct slice payload)
{
    return payload.data[0] == '(' || payload.data[0] == '<' || payload.data[0] == '[';
}

static bool is_stage_direction(struct slice payload)
{
    payload = slice_trim(payload);
    if (payload.size < 2)
        return payload.size == 0;
    char last = payload.data[payload.size - 1];
    return (payload.data[0] == '(' && last == ')') || (payload.data[0] == '<' && last == '>') ||
           (payload.data[0] == '[' && last == ']');
}

/* The recording ends in a reply. If that may be the one to the last command, the one before it was too
 * many, or was to a command that is not shown: the last command has none. */
static void take_reply_back(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    struct queued_command *last = &queue->commands[queue->count - 1];
    last->reply_count--;
    queue->reply_count--;
    last->flags &= ~(unsigned)EXCHANGE_MISFIT;
    queue->pending = queue->count - 1;
    dialogue->session.tentative = false;
}

static bool unfinished_reply(struct dialogue *dialogue, const struct line *line)
{
    if (dialogue->session.tentative)
        take_reply_back(dialogue);
    return unfinished_line(dialogue, line);
}

bool replies_line(struct dialogue *dialogue, const struct line *line)
{
    struct queue *queue = &dialogue->queue;
    struct line shown;
    if (line->payload.size > 0 && ascii_space(line->payload.data[0])) {
        shown = without_indent(line);
        line = &shown;
    }
    if (line->unended && reply_may_begin(line->payload, dialogue->session.in_reply))
        return unfinished_reply(dialogue, line);
    dialogue->one_sided = false;
    if (check_line_wanted(line))
        check_reply_line(dialogue, line);
    if (lockstep_reply(dialogue, line))
        return true;
    if (dialogue->echoes && dialogue->session.sending == SENDING_CONTENT &&
        slice_starts(line->payload, SLICE("354")))
        return true; /* the one that has begun the content, once more */
    if (!content_before_reply(dialogue))
        return false;
    struct reply_line read = reply_scan(dialogue->reply_heads, line->payload);
    if (read.kind == REPLY_LINE_NONE) {
        if (dialogue->session.in_reply && looks_elided(line->payload))
            return replies_elided(dialogue);
        if (is_stage_direction(line->payload) || (line->unended && opens_bracket(line->payload)))
            return true;
        if (!faulty_line(dialogue, STRAY_MALFORMED, line, &read))
            return false;
        if (!dialogue->session.in_reply) {
            dialogue->session.garbled = queue->pending < queue->count;
            return true;
        }
    }
    if (!dialogue->session.in_reply) {
        dialogue->session.in_reply = true;
        dialogue->reply_faulty = false;
        dialogue->reply = (struct copied_reply){
            .line = line->number, .order = dialogue->order, .code = read.code};
        if (!locate_reply(dialogue, line, &dialogue->reply_location) ||
            !queue_copy(queue, SLICE(""), 0, &dialogue->reply.text))
            return false;
        if (!reply_code_valid(read.code) && !faulty_line(dialogue, STRAY_MALFORMED, line, &read))
            return false;
    } else {
        if (read.kind != REPLY_LINE_NONE && read.code != dialogue->reply.code) {
            if (!faulty_line(dialogue, STRAY_MIXED, line, &read))
                return false;
            dialogue->reply.code = read.code;
        }
        if (!queue_extend(queue, SLICE("\n"), COPIED_REPLY_MAX, &dialogue->reply.text))
            return false;
    }
    dialogue->reply.lines++;
    dialogue->reply.unended = line->unended;
    if (!queue_extend(queue, read.text, COPIED_REPLY_MAX, &dialogue->reply.text))
        return false;
    return read.kind != REPLY_LINE_LAST || pairing_take(dialogue);
}

bool replies_elided(struct dialogue *dialogue)
{
    return queue_extend(&dialogue->queue, SLICE("\n" LINE_CUT), COPIED_REPLY_MAX,
                        &dialogue->reply.text);
}

/* A reply whose last line never came. */
static bool break_off_reply(struct dialogue *dialogue)
{
    if (!dialogue->session.in_reply)
        return true;
    if (!dialogue->reply_faulty)
        pairing_stray(dialogue, STRAY_MALFORMED, &dialogue->reply_location, &dialogue->reply);
    return replies_elided(dialogue) && pairing_take(dialogue);
}

void replies_settle(struct dialogue *dialogue)
{
    if (dialogue->session.in_reply && dialogue->session.tentative)
        take_reply_back(dialogue);
    dialogue->session.in_reply = false;
    dialogue->session.tentative = false;
    pairing_emit(dialogue);
}

/* The client goes on: a line that was no reply was taken for one, and what a server has thrown away
 * will not be answered. */
static void give_up_waiting(struct dialogue *dialogue)
{
    struct queue *queue = &dialogue->queue;
    if (dialogue->session.garbled && queue->pending < queue->count) {
        queue->commands[queue->pending++].flags |= EXCHANGE_GARBLED;
        dialogue->session.garbled = false;
    }
    if (dialogue->session.timed_out && dialogue->session.doubtful > 0 &&
        dialogue->session.sending == SENDING_REST)
        dialogue->session.sending =
            SENDING_COMMANDS; /* it has waited for answers: those were commands */
    while (dialogue->session.timed_out && queue->pending < queue->count)
        queue->commands[queue->pending++].flags |= EXCHANGE_MISSING;
    dialogue->session.timed_out = false;
    while (queue->pending < queue->count && queue->commands[queue->pending].discardable)
        queue->commands[queue->pending++].flags |= EXCHANGE_UNANSWERED;
    pairing_emit(dialogue);
}

bool replies_before_client(struct dialogue *dialogue, const struct command_line *command)
{
    if (!break_off_reply(dialogue))
        return false;
    give_up_waiting(dialogue);
    struct queue *queue = &dialogue->queue;
    bool hello = command_is_hello(command->command);
    if (dialogue->session.held_greeting && !greeting_waits_for(command->command))
        return greeting_begins_session(dialogue);
    if (dialogue->session.tentative) {
        struct queued_command *last = &queue->commands[queue->count - 1];
        struct copied_reply reply = queue->replies[last->reply_first + last->reply_count - 1];
        dialogue->session.tentative = false;
        if (reply.code == 220 && hello && dialogue->session.emitted <= 1) {
            /* It was the greeting of a second connection after all. */
            last->reply_count = 0;
            last->flags &= ~(unsigned)EXCHANGE_MISFIT;
            queue->pending = queue->count - 1;
            if (!session_end(dialogue))
                return false;
            greeting_pass_on(dialogue, &dialogue->tentative_location, &reply);
            return true;
        }
        pairing_emit(dialogue);
    }
    return true;
}
