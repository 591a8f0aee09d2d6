/* chunk.c - the octets that follow BDAT (RFC 3030 2).
 *
 * A chunk has as many octets as its BDAT says, and the next command begins right after them, in the
 * middle of a line if need be. Where a recording keeps line ends, the octets are counted. A log shows
 * neither CR nor LF, so a line may stand for its length and none, one or two octets more; a command
 * that could follow the chunk then tells where it ends. Many logs leave chunks out.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dialogue/state.h"

void chunk_begin(struct dialogue *dialogue, const struct queued_command *bdat)
{
    struct current_session *session = &dialogue->session;
    session->chunk = (struct chunk){.octets = bdat->octets};
    session->sending = bdat->octets > 0 ? SENDING_CHUNK : SENDING_COMMANDS;
    session->content_location = bdat->location;
}

static void chunk_end(struct dialogue *dialogue)
{
    if (dialogue->session.sending == SENDING_CHUNK)
        dialogue->session.sending = SENDING_COMMANDS;
}

/* The most octets that can still belong to the chunk: lines had no line ends. */
static uint64_t left_max(const struct chunk *chunk)
{
    return chunk->octets - chunk->counted;
}

/* The fewest: all of them ended with CR LF. */
static uint64_t left_min(const struct chunk *chunk)
{
    uint64_t left = left_max(chunk), ends = 2 * chunk->endless;
    return left > ends ? left - ends : 0;
}

/* Returns true if the recording shows the octets of the connection: the line of BDAT has its end. */
static bool shows_octets(const struct dialogue *dialogue)
{
    return dialogue->checks.command_end != LINE_END_UNKNOWN;
}

bool chunk_is_open(const struct dialogue *dialogue)
{
    return dialogue->session.sending == SENDING_CHUNK && left_min(&dialogue->session.chunk) > 0;
}

void chunk_answered(struct dialogue *dialogue, int code)
{
    struct chunk *chunk = &dialogue->session.chunk;
    bool not_read = code == 500 || code == 502; /* the server takes the octets for commands */
    chunk->answered = true;
    chunk->refused = code >= 500 && code <= 503;
    if (shows_octets(dialogue) && code != 501)
        return; /* there is no go-ahead: the octets come whatever the answer is */
    if (code < 400 || code == 501 || not_read || chunk->lines > 0)
        chunk_end(dialogue);
}

/* "[... 182 bytes]", "{...182 bytes of data...}": what a log writes in place of the octets. */
static bool is_note_of_chunk(const struct chunk *chunk, struct slice text)
{
    text = slice_trim(text);
    if (text.size < 3 || !strchr("[{<(", text.data[0]) || !strchr("]}>)", text.data[text.size - 1]))
        return false;
    char number[24];
    int size = snprintf(number, sizeof number, "%" PRIu64, chunk->octets);
    return slice_contains(text, (struct slice){number, (size_t)size});
}

/* Returns true if the line comes in place of a chunk that the recording leaves out. */
static bool is_left_out(const struct dialogue *dialogue, const struct line *line,
                        const struct command_line *command)
{
    const struct chunk *chunk = &dialogue->session.chunk;
    if (chunk->lines > 0)
        return false;
    if (chunk->answered)
        return command->command != COMMAND_END_OF_DATA && command_looks_real(command);
    /* No message begins like these. */
    bool next = command->command == COMMAND_BDAT || command->command == COMMAND_BDAT_LAST ||
                command->command == COMMAND_QUIT || command->command == COMMAND_RSET;
    return !shows_octets(dialogue) && next && command_looks_real(command) &&
           line->payload.size + 2 < chunk->octets;
}

/* Returns true for the commands that clients send after a chunk, if they are whole. */
static bool follows_chunk(const struct command_line *command)
{
    switch (command->command) {
    case COMMAND_BDAT:
    case COMMAND_BDAT_LAST:
    case COMMAND_MAIL:
    case COMMAND_RSET:
    case COMMAND_QUIT:
        return command_looks_real(command);
    default:
        return false;
    }
}

/* Returns where in the line the command begins that follows the chunk; the line's size if none does. */
static size_t next_command(const struct chunk *chunk, struct slice text)
{
    uint64_t last = left_max(chunk);
    for (uint64_t at = left_min(chunk); at < text.size && at <= last; at++) {
        struct command_line command = command_scan(NULL, slice_after(text, (size_t)at));
        if (follows_chunk(&command))
            return (size_t)at;
    }
    return text.size;
}

/* Returns true if a line whose end is not known cannot belong to the chunk any more. */
static bool is_past(const struct chunk *chunk, const struct line *line,
                    const struct command_line *command)
{
    uint64_t left = left_max(chunk), size = line->payload.size, endless = chunk->endless;
    if (chunk->answered && follows_chunk(command))
        return true;
    if (left_min(chunk) > 0)
        return false;
    if (command_looks_real(command) || size > left)
        return true;
    /* All lines had CR LF, but for the last one perhaps; or all have LF, this one too. */
    if (left == 2 * endless && size > 0 && !chunk->answered)
        return true; /* RFC 3030 2: exactly so many octets, and lines of mail end with CR LF */
    bool whole = left == 2 * endless || left + 2 == 2 * endless;
    return whole && left != size + endless && left != size + endless + 1;
}

static void count_line(struct dialogue *dialogue, const struct line *line, uint64_t octets)
{
    struct chunk *chunk = &dialogue->session.chunk;
    bool marked = line->side == SIDE_CLIENT;
    dialogue->marks_chunks = dialogue->marks_chunks || (marked && chunk->marked);
    chunk->marked = marked;
    if (chunk->lines < CHUNK_LINES_MAX)
        chunk->line[chunk->lines] = line->number;
    chunk->lines++;
    chunk->counted += octets;
}

/* The part of a line after its first octets, and where it is in the recording. */
static struct line rest_of(const struct line *line, size_t octets)
{
    struct line rest = *line;
    rest.payload = slice_after(line->payload, octets);
    if (line->end_column == 0)
        rest.column += (uint32_t)(line->payload.size - rest.payload.size);
    if (octets > line->payload.size) /* between CR and LF */
        rest.end = LINE_END_LF;
    return rest;
}

bool chunk_line(struct dialogue *dialogue, const struct line *line,
                const struct command_line *command, struct line *rest)
{
    struct chunk *chunk = &dialogue->session.chunk;
    *rest = *line;
    if (is_left_out(dialogue, line, command)) {
        dialogue->counted.elided += !chunk->answered;
        chunk_end(dialogue);
        return false;
    }
    if (chunk->lines == 0 && is_note_of_chunk(chunk, line->payload)) {
        dialogue->counted.elided++;
        chunk_end(dialogue);
        return true;
    }
    bool bare = line->unended || line->open;
    bool counted = chunk->endless == 0 && (line->end != LINE_END_UNKNOWN || bare);
    uint64_t size = line->payload.size, left = left_max(chunk);
    if (counted) {
        size += bare ? 0 : line->end == LINE_END_LF ? 1 : 2;
    } else if (is_past(chunk, line, command)) {
        chunk_end(dialogue);
        return false;
    } else {
        size_t next = next_command(chunk, line->payload);
        chunk->endless += next == line->payload.size;
        left = next < line->payload.size ? next : left;
    }
    count_line(dialogue, line, size < left ? size : left);
    if (left_max(chunk) == 0 || size > left)
        chunk_end(dialogue);
    if (size <= left || !(counted || left < line->payload.size))
        return true;
    *rest = rest_of(line, (size_t)left);
    return false;
}
