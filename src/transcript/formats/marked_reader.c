/* marked_reader.c - reads lines by their marks: what is a command, a reply, a message, a note.
 */
#include <stdio.h>
#include <stdlib.h>

#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/marked_session.h"

struct marked_reader *marked_reader_new(const struct marks *marks)
{
    struct marked_reader *marked = calloc(1, sizeof *marked);
    if (marked)
        marked->marks = *marks;
    return marked;
}

void marked_reader_free(struct marked_reader *marked)
{
    if (!marked)
        return;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        for (size_t j = 0; j < 2; j++)
            stream_free(&marked->sessions[i].streams[j]);
    unquote_room_free(&marked->room);
    free(marked);
}

/* Returns true if the log shows octets. An unknown program may change line ends before it prints them. */
static bool is_exact(const struct marks *marks)
{
    return !marks->learnt && marks->row.quoting == QUOTING_LITERAL;
}

/* Takes a line that was joined from pieces. */
static void from_stream(void *context, const struct line *line)
{
    struct marked_reader *marked = context;
    struct line whole = *line;
    if (!is_exact(&marked->marks))
        whole.end = LINE_END_UNKNOWN;
    marked_emit_line(marked, marked->session, &whole);
}

/* Returns how a quoted line ended. */
static enum line_end end_of(const struct marks *marks, const struct unquoted *unquoted)
{
    if (!unquoted->ended || !is_exact(marks))
        return LINE_END_UNKNOWN;
    return unquoted->cr ? LINE_END_CRLF : LINE_END_LF;
}

/* Passes on what a learnt mark has behind it. One write of several commands may be one line: "MAIL
 * FROM:<a>\\r\\nRCPT TO:<b>\\r\\n". */
static void emit_written(struct marked_reader *marked, struct marked_session *session,
                         struct line *line)
{
    const struct slice line_end = SLICE("\\r\\n");
    struct slice rest = line->payload;
    bool splits = marked->marks.learnt && line->side == SIDE_CLIENT && looks_like_command(rest);
    const char *end;
    while (splits && (end = memmem(rest.data, rest.size, line_end.data, line_end.size))) {
        size_t size = (size_t)(end - rest.data);
        struct line piece = *line;
        piece.payload = slice_head(rest, size);
        marked_emit_line(marked, session, &piece);
        rest = slice_after(rest, size + line_end.size);
        line->column += (uint32_t)(size + line_end.size);
    }
    line->payload = rest;
    marked_emit_line(marked, session, line);
}

/* Takes a line of a quoted text. */
static void take_unquoted(void *context, const struct unquoted *unquoted)
{
    struct marked_reader *marked = context;
    struct line line = marked->line;
    bool literal = marked->marks.learnt && marked->marks.row.quoting == QUOTING_LITERAL;
    line.payload = literal ? without_written_end(unquoted->payload) : unquoted->payload;
    line.end = end_of(&marked->marks, unquoted);
    marked->shows_ends = marked->shows_ends || unquoted->ended;
    line.open = !unquoted->ended && marked->shows_ends && is_exact(&marked->marks);
    line.column = (uint32_t)unquoted->column + 1;
    line.end_column = (uint32_t)(unquoted->word_end > unquoted->column ? unquoted->word_end
                                                                       : unquoted->column + 1) +
                      1;
    struct stream *stream = &marked->session->streams[line.side == SIDE_SERVER];
    if (!marked->marks.row.pieces || (unquoted->ended && !stream->began)) {
        marked_emit_line(marked, marked->session, &line);
        return;
    }
    const struct line_sink sink = {from_stream, marked};
    if (!stream_take(stream, &line, unquoted->payload, &sink) ||
        (unquoted->ended &&
         !stream_take(stream, &line, unquoted->cr ? SLICE("\r\n") : SLICE("\n"), &sink)))
        marked->no_memory = true;
}

/* Returns the side of a marked line; for a program that may be either side, by its first lines. */
static enum side side_of_mark(const struct marked_reader *marked, struct marked_session *session,
                              enum side side, struct slice payload)
{
    if (!marked->marks.row.either_side)
        return side;
    if (!session->decided) {
        bool greets = slice_starts(payload, SLICE("220 ")) || slice_starts(payload, SLICE("220-"));
        bool hello = command_is_hello(command_scan(NULL, payload).command);
        if (greets || hello) {
            session->decided = true;
            session->swapped = (side == SIDE_CLIENT) == greets;
        }
    }
    if (!session->swapped)
        return side;
    return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

static bool is_content_note(const struct marks *marks, struct slice payload)
{
    struct mark_found found;
    for (size_t i = 0; i < marks->contents; i++)
        if (mark_match(&marks->content[i], payload, &found) && found.length == payload.size)
            return true;
    return false;
}

/* Passes on a command that a note implies, although it is not shown. Returns false if there is
 * none. */
static bool emit_implied(struct marked_reader *marked, struct marked_session *session,
                         struct line *line)
{
    struct mark_found found;
    char command[64];
    for (size_t i = 0; i < marked->marks.implied_count; i++) {
        if (!mark_match(&marked->marks.implied[i], line->raw, &found))
            continue;
        line->side = SIDE_CLIENT;
        int size = snprintf(command, sizeof command, "%s%.*s", marked->marks.row.implied[i].verb,
                            (int)slice_head(found.key, 40).size, found.key.data);
        line->payload = (struct slice){command, (size_t)size};
        line->column = 1;
        line->end_column = 1 + (uint32_t)found.length;
        marked_emit(marked, session, line);
        return true;
    }
    return false;
}

static bool emit_marked(struct marked_reader *marked, struct marked_session *session,
                        struct line *line, size_t begin)
{
    const struct marks *marks = &marked->marks;
    struct slice payload = slice_after(line->raw, begin);
    size_t quote = 0;
    line->side = side_of_mark(marked, session, line->side, payload);
    if (session->follower.content && marks->row.body == BODY_BARE)
        line->side = SIDE_CLIENT;
    if (marks->row.after_note && !session->swapped && !session->begun) {
        line->side = SIDE_NOTE;
        line->note = NOTE_CONTENT; /* a dialogue in it is text of the message */
    }
    const char *tail = line->side == SIDE_CLIENT ? marks->client_tail : marks->server_tail;
    payload =
        line->unended ? tail_cut_begun(tail_cut(payload, tail), tail) : tail_cut(payload, tail);
    if (line->side == SIDE_CLIENT && is_content_note(marks, payload)) {
        line->side = SIDE_NOTE;
        line->note = NOTE_CONTENT;
    }
    if (marks->row.quoting == QUOTING_NONE && !session->follower.content)
        payload = without_written_end(payload);
    line->payload = payload;
    line->column = (uint32_t)begin + 1;
    if (line->side == SIDE_NOTE) {
        marked->sink->line(marked->sink->context, line);
        return true;
    }
    if (marks->row.quoting == QUOTING_NONE) {
        emit_written(marked, session, line);
        return true;
    }
    if (marks->row.quoting == QUOTING_LITERAL)
        literal_begins(payload, &quote);
    marked->session = session;
    marked->line = *line;
    return unquote(&marked->room, marks->row.quoting, line->raw, begin + quote,
                   begin + payload.size, take_unquoted, marked) &&
           !marked->no_memory;
}

/* Returns whose a line is whose mark both sides have. After a 354 a reply comes at once if the log does not
 * show messages, or else after the dot. */
static enum side side_by_text(const struct marks *marks, const struct marked_session *session,
                              struct slice payload)
{
    size_t quote;
    if (marks->row.quoting == QUOTING_LITERAL && literal_begins(payload, &quote))
        payload = slice_after(payload, quote + 1);
    bool reply = looks_like_reply(slice_trim(payload));
    if (session->follower.content)
        return reply && (session->last == SIDE_SERVER || session->pending == PENDING_DOT)
                   ? SIDE_SERVER
                   : SIDE_CLIENT;
    return reply ? SIDE_SERVER : SIDE_CLIENT;
}

/* Takes a line without a mark: of a reply, of a message, of a group of commands, or a note. */
static void emit_bare(struct marked_reader *marked, struct marked_session *session,
                      struct line *line, size_t begin, bool cr)
{
    const struct marks *marks = &marked->marks;
    line->payload = slice_after(line->raw, begin);
    line->column = (uint32_t)begin + 1;
    int code = marked_code(line->payload);
    bool whole_write = marks->row.one_a_write && cr == marks->with_cr && !session->follower.closed;
    line->side = SIDE_NOTE;
    /* A message of lines that have a mark may have others between them, also behind its dot. */
    bool in_message =
        marks->row.body == BODY_BARE ||
        (marks->learnt && session->last == SIDE_CLIENT && session->pending != PENDING_DOT);
    if (session->follower.content && in_message)
        line->side = SIDE_CLIENT;
    else if (code != 0 && code == session->follower.open &&
             marks->row.continuation == CONTINUED_BARE)
        line->side = SIDE_SERVER;
    else if (whole_write && session->last == SIDE_SERVER && code != 0)
        line->side = SIDE_SERVER;
    else if (whole_write && session->begun && session->last == SIDE_CLIENT &&
             !session->follower.content && looks_like_command(line->payload))
        line->side = SIDE_CLIENT;
    if (line->side == SIDE_NOTE) {
        if (session->pending == PENDING_VERBLESS ||
            (session->pending == PENDING_REPLY && line->payload.size > 0))
            marked_release(marked, session, false);
        if (line->payload.size > 0 && marks->learnt)
            line->side = SIDE_UNMARKED;
        marked->sink->line(marked->sink->context, line);
    } else if (line->side == SIDE_SERVER && slice_trim(line->payload).data != line->payload.data) {
        size_t blanks = (size_t)(slice_trim(line->payload).data - line->payload.data);
        line->payload = slice_after(line->payload, blanks);
        line->column += (uint32_t)blanks;
        marked_emit(marked, session, line);
    } else {
        marked_emit(marked, session, line);
    }
}

bool marked_reader_read(struct marked_reader *marked, const struct source_line *source,
                        const struct line_sink *sink)
{
    const struct marks *marks = &marked->marks;
    struct line line = {.raw = source->text, .number = source->number, .unended = !source->ended};
    struct mark_found found;
    marked->sink = sink;
    line.side = marks_side(marks, source->text, &found, &line.note);
    if (line.side == SIDE_UNMARKED && found.length > 0) {
        /* "250 HELP" continues a reply; "250 " is not a prefix with a number. */
        const struct marked_session *last = marked_session_of(marked, marked->last_key);
        if (last->follower.open != 0 && marked_code(line.raw) == last->follower.open)
            found = (struct mark_found){0};
    }
    struct slice key = found.key;
    if (marks->row.key_end)
        key = slice_head(key, slice_find(key, marks->row.key_end));
    line.session_name = key;
    if (key.size > 0)
        line.session = marked->last_key = found.keys ? found.keys : mark_key(key);
    else if (line.side != SIDE_NOTE) /* continues the line before */
        line.session = marked->last_key;
    struct marked_session *session = marked_session_of(marked, line.session);
    marked->by_text = found.by_text;
    if (found.by_text)
        line.side = side_by_text(marks, session, slice_after(line.raw, found.length));
    if (line.side == SIDE_CLIENT || line.side == SIDE_SERVER)
        return emit_marked(marked, session, &line, found.length);
    if (line.side == SIDE_UNMARKED && emit_implied(marked, session, &line))
        return true;
    if (line.side == SIDE_UNMARKED) {
        bool cr = source->ended && source->cr;
        emit_bare(marked, session, &line, found.length, cr);
        return true;
    }
    line.payload = line.raw;
    line.column = 1;
    if (line.note == NOTE_SESSION) {
        marked_release(marked, session, session->pending == PENDING_DOT);
        session->owed = 0;
        session->begun = true;
        session->decided = session->follower.content = false;
        session->follower.open = 0;
    } else if (line.note == NOTE_CONTENT) {
        session->last = SIDE_NOTE; /* the next line does not continue the line before */
    }
    sink->line(sink->context, &line);
    return true;
}

bool marked_reader_finish(struct marked_reader *marked, const struct line_sink *sink)
{
    marked->sink = sink;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        marked_release(marked, &marked->sessions[i], marked->sessions[i].pending == PENDING_DOT);
    return true;
}
