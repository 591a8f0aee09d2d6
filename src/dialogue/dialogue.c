/* dialogue.c - the lines of one connection after the other: what is a command, what is content.
 *
 * Commands go into the queue as they are seen; pairing.c finds their replies. What comes after a
 * DATA or an AUTH that has no answer yet may be a command or not: it waits in the queue like the
 * others, and the answer decides.
 */
#include "dialogue/state.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "smtp/reply.h"

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
    return queue_copy(&dialogue->queue, line->raw, COPIED_RAW_MAX, &location->raw);
}

void session_begin(struct dialogue *dialogue, uint64_t line)
{
    if (dialogue->session.began)
        return;
    dialogue->session.began = true;
    dialogue->sink.begin(dialogue->sink.context, line, dialogue->session.from_start);
    check_begin(dialogue, line);
}

/* The unfinished part of the session, if there is one. */
static struct session_end unfinished(struct dialogue *dialogue)
{
    struct session_end end = {0};
    const struct queue *queue = &dialogue->queue;
    if (dialogue->session.closed || dialogue->broken)
        return end;
    if (sends_content(dialogue) || (chunk_is_open(dialogue) && !dialogue->session.chunk.answered)) {
        end.truncated = end.in_content = true;
        end.location = queue_location(queue, &dialogue->session.content_location);
        return end;
    }
    for (size_t i = queue->pending; i < queue->count; i++) {
        if (queue->commands[i].command == COMMAND_QUIT) /* clients need not wait for the 221 */
            return (struct session_end){0};
        if (queue->commands[i].verb.size == 0)
            continue;
        end.truncated = true;
        end.location = queue_location(queue, &queue->commands[i].location);
    }
    if (dialogue->session.unfinished.line > 0) {
        end.truncated = end.in_line = true;
        end.location = queue_location(queue, &dialogue->session.unfinished);
    }
    return end;
}

bool session_end(struct dialogue *dialogue)
{
    if (!dialogue->session.began)
        return true;
    bool greeted_again = dialogue->session.held_greeting && dialogue->queue.count == 0;
    replies_settle(dialogue);
    struct session_end end = unfinished(dialogue);
    content_settle(dialogue);
    struct queue *queue = &dialogue->queue;
    for (size_t i = queue->pending; i < queue->count; i++)
        queue->commands[i].flags |= EXCHANGE_UNANSWERED;
    queue->pending = queue->count;
    pairing_emit(dialogue);
    dialogue->sink.end(dialogue->sink.context, &end);
    queue_clear(queue);
    dialogue->session = (struct current_session){0};
    if (!greeted_again)
        return true;
    greeting_pass_on(dialogue, &dialogue->held_location, &dialogue->held_reply);
    return session_end(dialogue); /* it was the greeting of a session that has nothing else */
}

/* One sided recordings: nobody answers, so each command is an exchange of its own. */
static bool emit_assumed(struct dialogue *dialogue, struct queued_command *queued)
{
    queued->flags |= EXCHANGE_ASSUMED;
    enum command command = queued->command;
    struct copied_location location = queued->location;
    dialogue->queue.pending = dialogue->queue.count;
    if (command == COMMAND_AUTH)
        dialogue->session.sending = SENDING_RESPONSE;
    else if (dialogue->session.sending == SENDING_RESPONSE)
        dialogue->session.sending = SENDING_COMMANDS;
    dialogue->session.closed = command == COMMAND_QUIT;
    if (command == COMMAND_DATA) {
        dialogue->session.sending = SENDING_CONTENT;
        dialogue->session.content_location = location;
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
    if (queue->count >= QUEUED_COMMANDS_MAX && !pairing_give_up(dialogue))
        return false;
    dialogue->replies_only = false;
    size_t answered = dialogue->session.emitted + queue->pending;
    dialogue->last_code = 0;
    struct queued_command *queued = queue_add(queue);
    if (!queued)
        return false;
    /* Whole from the beginning: out of memory, it is passed on with what there is of it. */
    *queued = (struct queued_command){
        .command = command->command,
        .flags = flags,
        .order = dialogue->order,
        .real = command_looks_real(command),
        .octets = command->octets,
        .answered = answered,
        .length = line->payload.size + 2,
    };
    queued->flags |= check_command_line(dialogue, line);
    if (!copy_location(dialogue, line, command->verb.size, &queued->location) ||
        !queue_copy_part(queue, command->verb, COPIED_COMMAND_MAX, line->raw, &queued->location.raw,
                         &queued->verb) ||
        !queue_copy_part(queue, command->argument, COPIED_COMMAND_MAX, line->raw,
                         &queued->location.raw, &queued->argument))
        return false;
    if (command->command == COMMAND_BDAT || command->command == COMMAND_BDAT_LAST)
        chunk_begin(dialogue, queued);
    return dialogue->one_sided ? emit_assumed(dialogue, queued) : true;
}

/* Returns true if a client's line begins a new session although no greeting and no note said so. */
static bool begins_session(const struct dialogue *dialogue, const struct command_line *command)
{
    bool hello = command_is_hello(command->command);
    if (dialogue->session.began && dialogue->session.disconnected && hello)
        return true;
    if (!dialogue->session.began || !dialogue->session.separator)
        return false;
    return dialogue->session.closed || (dialogue->one_sided && hello);
}

/* The answer to a challenge of AUTH. Returns true if the line is one. */
static bool take_response(struct dialogue *dialogue, const struct line *line,
                          const struct command_line *command)
{
    /* One sided, the number of challenges is not known: what is no command answers one. */
    bool ends = !dialogue->one_sided || command_looks_real(command);
    if (ends)
        dialogue->session.sending = SENDING_COMMANDS;
    if (ends && dialogue->one_sided)
        return false;
    check_answer(dialogue, line);
    return true;
}

/* Lines that are not commands, whatever they look like. Returns true if this is one; if not, *command
 * is what *line is, or what is left of it after a chunk. */
static bool take_content(struct dialogue *dialogue, struct line *line, struct command_line *command)
{
    switch (dialogue->session.sending) {
    case SENDING_CHUNK: {
        struct line whole = *line;
        if (chunk_line(dialogue, &whole, command, line))
            return true;
        if (line->payload.size < whole.payload.size)
            command_read(dialogue->commands, line->payload, command);
        return false;
    }
    case SENDING_RESPONSE:
        return take_response(dialogue, line, command);
    case SENDING_REST:
        /* A part of a line does not tell whether those before it were of the message. */
        return line->unended || content_takes_rest(dialogue, command);
    case SENDING_BLOB:
        /* The server answers when it has all of it, and the client waits for that. */
        dialogue->session.content_lines++;
        return true;
    case SENDING_COMMANDS:
    case SENDING_CONTENT:
        break;
    }
    return false;
}

/* A line that reads like a reply: the client sends one in a message only. */
static bool reads_like_reply(const struct queue *queue, size_t index)
{
    return index < queue->count && !queue->commands[index].real &&
           reply_code_valid(reply_code(copied_slice(queue, queue->commands[index].verb)));
}

/* A dot among the first lines, which have no answer yet: the recording begins inside a message. Or all
 * was sent in one go: then DATA stands before the lines that are no commands. */
static bool ends_unseen_message(const struct dialogue *dialogue, const struct command_line *command)
{
    const struct queue *queue = &dialogue->queue;
    if (command->command != COMMAND_END_OF_DATA || dialogue->one_sided ||
        dialogue->session.from_start || dialogue->session.greeted ||
        dialogue->session.emitted + queue->pending > 0)
        return false;
    for (size_t i = 0; i < queue->count; i++) {
        if (!queue->commands[i].real)
            return true;
        if (command_is_hello(queue->commands[i].command) ||
            queue->commands[i].command == COMMAND_DATA)
            return reads_like_reply(queue, i + 1);
    }
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
    return copy_location(dialogue, line, line->payload.size, &dialogue->session.unfinished);
}

/* "PROXY TCP4 ...": what a proxy says of the client before the session begins (PROXY protocol, version 1). */
static bool is_proxy_header(const struct dialogue *dialogue, const struct line *line)
{
    return (dialogue->session.emitted == 0 || said_goodbye(dialogue)) &&
           dialogue->queue.count == 0 &&
           (slice_starts(line->payload, SLICE("PROXY TCP")) ||
            slice_starts(line->payload, SLICE("PROXY UNKNOWN")));
}

/* "Connecting to mx.example.com": what a client writes of itself under its own mark. A command has no
 * capital before small letters. */
static bool is_clients_note(const struct dialogue *dialogue, const struct line *line)
{
    static const char *const words[] = {"Connecting", "Connected",    "Disconnecting",
                                        "Closing",    "Disconnected", "Reconnecting"};
    if (dialogue->wire || line->payload.size == 0 || line->payload.data[0] < 'C' ||
        line->payload.data[0] > 'R')
        return false;
    struct slice word = slice_word(line->payload);
    while (word.size > 0 && strchr(".:", word.data[word.size - 1]))
        word.size--;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_equal(word, slice_of(words[i])))
            return true;
    return false;
}

static bool client_line(struct dialogue *dialogue, const struct line *whole)
{
    if (dialogue->session.sending == SENDING_CONTENT)
        return content_line(dialogue, whole);
    struct command_line command;
    struct line shown = *whole, *line = &shown;
    command_read(dialogue->commands, line->payload, &command);
    if (take_content(dialogue, line, &command))
        return true;
    if (line->payload.size > 0 && ascii_space(line->payload.data[0])) {
        shown = without_indent(line); /* an indented transcript, not an indented command */
        command_read(dialogue->commands, line->payload, &command);
    }
    if (line->unended && command_may_begin(line->payload))
        return unfinished_line(dialogue, line);
    if (dialogue->one_sided && line->payload.size == 0)
        return true;
    if (is_proxy_header(dialogue, line))
        return session_end(dialogue);
    if (command.command == COMMAND_UNKNOWN && is_clients_note(dialogue, line)) {
        dialogue->counted.unplaced++;
        return true;
    }
    if (!replies_before_client(dialogue, &command))
        return false;
    if (begins_session(dialogue, &command) && !session_end(dialogue))
        return false;
    check_clear_command(dialogue, line);
    if (ends_unseen_message(dialogue, &command))
        queue_clear(&dialogue->queue);
    dialogue->session.separator = dialogue->session.disconnected = false;
    /* A heading says that a session follows, not that all of it does. */
    if (!dialogue->wire && !command_is_hello(command.command) && !dialogue->session.began)
        dialogue->session.from_start = false;
    session_begin(dialogue, line->number);
    unsigned flags = (line->unended ? EXCHANGE_UNENDED : 0u) |
                     (dialogue->session.elided ? EXCHANGE_AFTER_GAP : 0u);
    dialogue->session.elided = false;
    if (!add_command(dialogue, line, &command, flags))
        return false;
    dialogue->session.doubtful += dialogue->session.sending == SENDING_REST;
    return true;
}

bool dialogue_break_off(struct dialogue *dialogue)
{
    dialogue->broken = true;
    bool done = session_end(dialogue);
    dialogue->broken = dialogue->session.from_start = false;
    return done;
}

/* A line without a mark: content where content is due, the rest of a reply where one is open. */
static bool unmarked_line(struct dialogue *dialogue, const struct line *line)
{
    if (sends_content(dialogue) || (chunk_is_open(dialogue) && !dialogue->marks_chunks))
        return client_line(dialogue, line);
    if (dialogue->session.in_reply && looks_elided(line->payload))
        return replies_elided(dialogue);
    if (dialogue->session.in_reply) {
        struct reply_line reply = reply_scan(dialogue->reply_heads, line->payload);
        if (reply.kind != REPLY_LINE_NONE && reply.code == dialogue->reply.code)
            return replies_line(dialogue, line);
    }
    notes_follow(dialogue, line);
    dialogue->counted.unplaced++;
    return true;
}

/* RFC 2645 5: after ATRN the roles are reversed. */
static enum side other_side(enum side side)
{
    return side == SIDE_CLIENT ? SIDE_SERVER : side == SIDE_SERVER ? SIDE_CLIENT : side;
}

bool dialogue_line(struct dialogue *dialogue, const struct line *line)
{
    dialogue->order += line->side != SIDE_NOTE;
    if (dialogue->session.turned && said_goodbye(dialogue) && line->side == SIDE_SERVER &&
        !session_end(dialogue)) /* the server's turn is over, and it speaks on another connection */
        return false;
    switch (dialogue->session.turned ? other_side(line->side) : line->side) {
    case SIDE_CLIENT:
        return client_line(dialogue, line);
    case SIDE_SERVER:
        return replies_line(dialogue, line);
    case SIDE_UNMARKED:
        return unmarked_line(dialogue, line);
    case SIDE_NOTE:
        return notes_line(dialogue, line);
    }
    return true;
}

bool dialogue_in_message(const struct dialogue *dialogue)
{
    return dialogue->session.sending == SENDING_CONTENT && dialogue->session.doubtful == 0;
}

bool dialogue_takes_message(const struct dialogue *dialogue)
{
    const struct queue *queue = &dialogue->queue;
    switch (dialogue->session.sending) {
    case SENDING_CONTENT:
    case SENDING_REST:
    case SENDING_CHUNK:
        return true;
    case SENDING_COMMANDS:
        return queue->pending < queue->count &&
               queue->commands[queue->pending].command == COMMAND_DATA;
    case SENDING_BLOB:
    case SENDING_RESPONSE:
        break;
    }
    return false;
}

bool dialogue_in_text(const struct dialogue *dialogue)
{
    /* The first line must have been seen: it may be a command. */
    return dialogue_in_message(dialogue) && dialogue->session.content_lines > 0;
}

bool dialogue_finish(struct dialogue *dialogue)
{
    bool done = session_end(dialogue);
    dialogue->session.from_start = false;
    return done;
}
