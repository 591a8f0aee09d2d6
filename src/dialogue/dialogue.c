/* dialogue.c - the lines of one connection after the other: what is a command, what is content.
 *
 * Commands go into the queue as they are seen; pairing.c finds their replies. What stands behind a
 * DATA or an AUTH that has no answer yet may be a command or not: it waits in the queue like the
 * others, and the answer decides.
 */
#include "dialogue/state.h"

#include <stdlib.h>

struct dialogue *dialogue_new(const struct dialogue_sink *sink,
                              const struct dialogue_options *options)
{
    struct dialogue *dialogue = calloc(1, sizeof *dialogue);
    if (!dialogue)
        return NULL;
    dialogue->sink = *sink;
    dialogue->echoes = options->echoes;
    dialogue->one_sided = options->one_sided;
    dialogue->replies_only = options->replies_only;
    dialogue->shares_scanners = options->commands && options->replies;
    dialogue->commands = dialogue->shares_scanners ? options->commands : command_scanner_new();
    dialogue->reply_heads = dialogue->shares_scanners ? options->replies : reply_scanner_new();
    if (!dialogue->commands || !dialogue->reply_heads) {
        dialogue_free(dialogue);
        return NULL;
    }
    return dialogue;
}

void dialogue_free(struct dialogue *dialogue)
{
    if (!dialogue)
        return;
    if (!dialogue->shares_scanners) {
        command_scanner_free(dialogue->commands);
        reply_scanner_free(dialogue->reply_heads);
    }
    queue_free(&dialogue->queue);
    free(dialogue);
}

struct dialogue_count dialogue_count(const struct dialogue *dialogue)
{
    return dialogue->counted;
}

size_t dialogue_memory(const struct dialogue *dialogue)
{
    return sizeof *dialogue + queue_memory(&dialogue->queue);
}

bool copy_location(struct dialogue *dialogue, const struct line *line, size_t word,
                   struct copied_location *location)
{
    location->line = line->number;
    location->column = line->column;
    location->part = line->part;
    location->end_column = end_column_of(line, word);
    return queue_keep(&dialogue->queue, line->raw, KEPT_RAW, &location->raw);
}

void session_begin(struct dialogue *dialogue, uint64_t line)
{
    if (dialogue->began)
        return;
    dialogue->began = true;
    dialogue->sink.begin(dialogue->sink.context, line, dialogue->from_start);
    watch_begin(dialogue);
}

/* What the session has not finished, if anything. */
static struct session_end unfinished(struct dialogue *dialogue)
{
    struct session_end end = {0};
    const struct queue *queue = &dialogue->queue;
    if (dialogue->closed || dialogue->broken)
        return end;
    if (dialogue->content || dialogue->chunk_left > 0) {
        end.truncated = end.in_content = true;
        end.location = queue_location(queue, &dialogue->content_location);
        return end;
    }
    for (size_t i = queue->pending; i < queue->count; i++) {
        if (queue->sent[i].command == COMMAND_QUIT) /* clients need not wait for the 221 */
            return (struct session_end){0};
        if (queue->sent[i].verb.size == 0)
            continue;
        end.truncated = true;
        end.location = queue_location(queue, &queue->sent[i].location);
    }
    if (dialogue->unfinished.line > 0) {
        end.truncated = end.in_line = true;
        end.location = queue_location(queue, &dialogue->unfinished);
    }
    return end;
}

bool session_end(struct dialogue *dialogue)
{
    if (!dialogue->began)
        return true;
    replies_settle(dialogue);
    struct session_end end = unfinished(dialogue);
    content_settle(dialogue);
    struct queue *queue = &dialogue->queue;
    for (size_t i = queue->pending; i < queue->count; i++)
        queue->sent[i].flags |= EXCHANGE_UNANSWERED;
    queue->pending = queue->count;
    pairing_emit(dialogue);
    dialogue->sink.end(dialogue->sink.context, &end);
    queue_clear(queue);
    dialogue->began = dialogue->from_start = dialogue->greeted = dialogue->closed = false;
    dialogue->content = dialogue->rest_is_content = dialogue->in_reply = false;
    dialogue->auth_response = dialogue->separator = dialogue->lmtp = false;
    dialogue->garbled = dialogue->timed_out = false;
    dialogue->chunk_left = dialogue->chunk_refused = 0;
    dialogue->chunk_lines = 0;
    dialogue->recipients = dialogue->emitted = 0;
    dialogue->unfinished = (struct copied_location){0};
    return true;
}

/* One sided recordings: nobody answers, so each command is an exchange of its own. */
static bool emit_assumed(struct dialogue *dialogue, struct sent *sent)
{
    sent->flags |= EXCHANGE_ASSUMED;
    enum command command = sent->command;
    struct copied_location location = sent->location;
    dialogue->queue.pending = dialogue->queue.count;
    dialogue->auth_response = command == COMMAND_AUTH;
    dialogue->closed = command == COMMAND_QUIT;
    if (command == COMMAND_DATA) {
        dialogue->content = true;
        dialogue->content_location = location;
        /* Keeps the place: it is emitted with the dot, or at the end. */
        dialogue->queue.pending = 0;
        return true;
    }
    pairing_emit(dialogue);
    queue_clear(&dialogue->queue);
    return true;
}

bool add_command(struct dialogue *dialogue, const struct line *line,
                 const struct command_line *command, unsigned flags)
{
    struct queue *queue = &dialogue->queue;
    if (queue->count >= KEPT_COMMANDS && !pairing_give_up(dialogue))
        return false;
    dialogue->replies_only = false;
    size_t answered = dialogue->emitted + queue->pending;
    dialogue->last_code = 0;
    struct sent *sent = queue_add(queue);
    if (!sent)
        return false;
    sent->command = command->command;
    sent->flags = flags;
    sent->order = dialogue->order;
    sent->real = command_looks_real(command);
    sent->discardable = false;
    sent->octets = command->octets;
    sent->early.line = 0;
    sent->answered = answered;
    sent->reply_first = sent->reply_count = 0;
    sent->length = line->payload.size + 2;
    sent->flags |= watch_command(dialogue, line);
    if (!copy_location(dialogue, line, command->verb.size, &sent->location) ||
        !queue_keep_part(queue, command->verb, KEPT_COMMAND, line->raw, &sent->location.raw,
                         &sent->verb) ||
        !queue_keep_part(queue, command->argument, KEPT_COMMAND, line->raw, &sent->location.raw,
                         &sent->argument))
        return false;
    if (command->command == COMMAND_BDAT || command->command == COMMAND_BDAT_LAST) {
        dialogue->chunk_left = command->octets;
        dialogue->chunk_refused = 0;
        dialogue->chunk_lines = 0;
        dialogue->content_location = sent->location;
    }
    return dialogue->one_sided ? emit_assumed(dialogue, sent) : true;
}

/* A line of a chunk: counted by octets (RFC 3030 2). A log shows neither CR nor LF, so a line may
 * stand for its length and none, one or two octets more: the chunk ends with the line that can end
 * it. Gives whether the line belonged to the chunk. */
static bool take_chunk_line(struct dialogue *dialogue, const struct line *line,
                            const struct command_line *command)
{
    /* The octets may be left out of the log: then the next thing is a command. Only the first line
     * is looked at, and only for what no message begins with. */
    bool next_command = command->command == COMMAND_BDAT || command->command == COMMAND_BDAT_LAST ||
                        command->command == COMMAND_QUIT || command->command == COMMAND_RSET;
    if (dialogue->chunk_lines == 0 && next_command && command_looks_real(command) &&
        line->payload.size + 2 < dialogue->chunk_left) {
        dialogue->chunk_left = 0;
        dialogue->counted.elided++;
        return false;
    }
    if (dialogue->chunk_lines < CHUNK_LINES_KEPT)
        dialogue->chunk_line[dialogue->chunk_lines] = line->number;
    dialogue->chunk_lines++;
    uint64_t size = line->payload.size + 2;
    dialogue->chunk_left = dialogue->chunk_left > size ? dialogue->chunk_left - size : 0;
    return true;
}

/* Whether a client's line begins a new session although no greeting and no note said so. */
static bool begins_session(const struct dialogue *dialogue, const struct command_line *command)
{
    bool hello = command_is_hello(command->command);
    if (!dialogue->began || !dialogue->separator)
        return false;
    return dialogue->closed || (dialogue->one_sided && hello);
}

/* Lines that are not commands, whatever they look like. Gives whether this is one. */
static bool take_content(struct dialogue *dialogue, const struct line *line,
                         const struct command_line *command)
{
    if (dialogue->chunk_left > 0)
        return take_chunk_line(dialogue, line, command);
    if (dialogue->auth_response) {
        /* One sided, the number of challenges is not known: what is no command answers one. */
        if (dialogue->one_sided && command_looks_real(command)) {
            dialogue->auth_response = false;
            return false;
        }
        dialogue->auth_response = dialogue->one_sided;
        watch_answer(dialogue, line);
        return true;
    }
    /* A part of a line does not tell whether those before it were of the message. */
    return dialogue->rest_is_content && (line->unended || content_takes_rest(dialogue, command));
}

/* A dot among the first lines, which have no answer yet: the recording begins inside a message. */
static bool ends_unseen_message(const struct dialogue *dialogue, const struct command_line *command)
{
    const struct queue *queue = &dialogue->queue;
    if (command->command != COMMAND_END_OF_DATA || dialogue->one_sided || dialogue->from_start ||
        dialogue->greeted || dialogue->emitted + queue->pending > 0)
        return false;
    for (size_t i = 0; i < queue->count; i++)
        if (queue->sent[i].real &&
            (command_is_hello(queue->sent[i].command) || queue->sent[i].command == COMMAND_DATA))
            return false; /* or all was sent in one go */
    return true;
}

struct line without_indent(const struct line *line)
{
    struct line shown = *line;
    while (shown.payload.size > 0 && ascii_space(shown.payload.data[0])) {
        shown.payload = slice_after(shown.payload, 1);
        shown.column++;
    }
    return shown;
}

bool unfinished_line(struct dialogue *dialogue, const struct line *line)
{
    return copy_location(dialogue, line, line->payload.size, &dialogue->unfinished);
}

static bool client_line(struct dialogue *dialogue, const struct line *line)
{
    if (dialogue->content)
        return content_line(dialogue, line);
    struct command_line command;
    command_read(dialogue->commands, line->payload, &command);
    if (take_content(dialogue, line, &command))
        return true;
    struct line shown;
    if (line->payload.size > 0 && ascii_space(line->payload.data[0])) {
        shown = without_indent(line); /* an indented transcript, not an indented command */
        line = &shown;
        command_read(dialogue->commands, line->payload, &command);
    }
    if (line->unended && command_may_begin(line->payload))
        return unfinished_line(dialogue, line);
    if (dialogue->one_sided && line->payload.size == 0)
        return true;
    if (!replies_before_client(dialogue, &command))
        return false;
    if (begins_session(dialogue, &command) && !session_end(dialogue))
        return false;
    if (ends_unseen_message(dialogue, &command))
        queue_clear(&dialogue->queue);
    dialogue->separator = false;
    session_begin(dialogue, line->number);
    if (!add_command(dialogue, line, &command, line->unended ? EXCHANGE_UNENDED : 0))
        return false;
    dialogue->doubtful += dialogue->rest_is_content;
    return true;
}

bool dialogue_break_off(struct dialogue *dialogue)
{
    dialogue->broken = true;
    bool done = session_end(dialogue);
    dialogue->broken = dialogue->from_start = false;
    return done;
}

static bool note_line(struct dialogue *dialogue, const struct line *line)
{
    switch (line->note) {
    case NOTE_PLAIN:
    case NOTE_REMARK:
        watch_note(dialogue, line);
        return true;
    case NOTE_SESSION:
        if (!session_end(dialogue))
            return false;
        dialogue->from_start = true;
        watch_note(dialogue, line);
        return true;
    case NOTE_SEPARATOR:
        dialogue->separator = true;
        return true;
    case NOTE_TIMEOUT:
        dialogue->timed_out = true;
        return true;
    case NOTE_CONTENT:
        watch_hole(dialogue);
        if (dialogue->content && !dialogue->one_sided) {
            dialogue->content_location.line = line->number;
            dialogue->content_location.column = 1;
            dialogue->content_location.end_column =
                1 + (uint32_t)slice_head(line->raw, KEPT_RAW).size;
            return queue_keep(&dialogue->queue, line->raw, KEPT_RAW,
                              &dialogue->content_location.raw);
        }
        dialogue->chunk_left = 0;
        return true;
    case NOTE_HOLE:
        return dialogue_break_off(dialogue);
    case NOTE_END:
        return true; /* the conversation ends */
    }
    return true;
}

/* A line without a mark: content where content is due, the rest of a reply where one is open. */
static bool unmarked_line(struct dialogue *dialogue, const struct line *line)
{
    if (dialogue->content || dialogue->chunk_left > 0)
        return client_line(dialogue, line);
    if (dialogue->in_reply) {
        struct reply_line reply = reply_scan(dialogue->reply_heads, line->payload);
        if (reply.kind != REPLY_LINE_NONE && reply.code == dialogue->reply.code)
            return replies_line(dialogue, line);
    }
    dialogue->counted.unplaced++;
    return true;
}

bool dialogue_line(struct dialogue *dialogue, const struct line *line)
{
    dialogue->order += line->side != SIDE_NOTE;
    switch (line->side) {
    case SIDE_CLIENT:
        return client_line(dialogue, line);
    case SIDE_SERVER:
        return replies_line(dialogue, line);
    case SIDE_UNMARKED:
        return unmarked_line(dialogue, line);
    case SIDE_NOTE:
        return note_line(dialogue, line);
    }
    return true;
}

bool dialogue_in_text(const struct dialogue *dialogue)
{
    /* The first line must have been seen: it may be a command. */
    return dialogue->content && dialogue->doubtful == 0 && dialogue->content_lines > 0;
}

bool dialogue_finish(struct dialogue *dialogue)
{
    bool done = session_end(dialogue);
    dialogue->from_start = false;
    return done;
}
