/* marked_reader.c - reads lines by their marks: what is a command, a reply, a message, a note.
 */
#include <stdio.h>
#include <stdlib.h>

#include "smtp/command.h"
#include "smtp/follower.h"
#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/marked.h"
#include "transcript/formats/stream.h"

/* Sessions that the reader follows at once. A session that replaces another in its slot starts
 * afresh, which at worst leaves a line without a mark unplaced. */
#define SESSIONS_MAX 64
/* Octets copied of a pending line. */
#define PENDING_MAX  512

/* A line that waits for the next one, which tells what it is. */
enum pending {
    PENDING_NONE,
    PENDING_DOT,      /* the end of the message, or a line of it */
    PENDING_VERBLESS, /* learnt marks: a command whose words are hidden, or the client's own note */
    PENDING_REPLY     /* learnt marks: the reply to EHLO, or a line of it: some logs write "250 " in
                         each */
};

/* The reader's state of a session. */
struct marked_session {
    uint64_t key;
    bool begun;   /* NOTE_SESSION or a line of SMTP has come */
    bool swapped; /* the client's marks are the server's */
    bool decided; /* it is known whose mark is whose */
    struct follower follower;
    bool hidden;    /* a message without its DATA, up to the reply to its dot */
    enum side last; /* the side of the last marked line */
    bool data;      /* the client's last command is DATA, and not answered */
    bool hello;     /* the client's last command is EHLO */
    bool orphaned;  /* DATA was refused: a message may be sent all the same */
    unsigned owed;  /* commands without a reply */
    enum pending pending;
    struct line pending_line;
    char pending_raw[PENDING_MAX], pending_payload[PENDING_MAX];
    struct stream streams[2];
};

struct marked_reader {
    struct marks marks;
    struct unquote_room room;
    struct marked_session sessions[SESSIONS_MAX];
    uint64_t last_key; /* of the last line that had one */
    const struct line_sink *sink;
    bool no_memory;

    /* The line of the file that is being unquoted. */
    struct marked_session *session;
    struct line line;
};

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

/* Passes on the pending line. `sent`: a dot ended the message, else it is a line of it, which is sent as
 * two dots; a line without a verb was a command, else a note. */
static void release(struct marked_reader *marked, struct marked_session *session, bool sent)
{
    enum pending pending = session->pending;
    struct line *line = &session->pending_line;
    session->pending = PENDING_NONE;
    if (pending == PENDING_NONE)
        return;
    if (pending == PENDING_REPLY) {
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (pending == PENDING_DOT && sent) {
        session->follower.content = false;
    } else if (pending == PENDING_DOT) {
        line->payload = SLICE("..");
    } else if (!sent) {
        line->side = SIDE_UNMARKED;
        line->payload = line->raw;
        line->column = 1;
        line->end_column = 0;
    }
    session->owed += sent;
    marked->sink->line(marked->sink->context, line);
}

/* Copies a line until the next one comes. */
static void keep_pending(struct marked_session *session, enum pending pending,
                         const struct line *line)
{
    struct slice raw = slice_head(line->raw, PENDING_MAX);
    struct slice payload = slice_head(line->payload, PENDING_MAX);
    memcpy(session->pending_raw, raw.data, raw.size);
    memcpy(session->pending_payload, payload.data, payload.size);
    session->pending = pending;
    session->pending_line = *line;
    session->pending_line.raw = (struct slice){session->pending_raw, raw.size};
    session->pending_line.payload = (struct slice){session->pending_payload, payload.size};
    session->pending_line.session_name = SLICE(""); /* it was a part of the line in the file */
}

static struct marked_session *session_of(struct marked_reader *marked, uint64_t key)
{
    struct marked_session *session =
        &marked->sessions[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SESSIONS_MAX];
    if (session->key == key)
        return session;
    release(marked, session, session->pending == PENDING_DOT);
    for (size_t j = 0; j < 2; j++)
        stream_free(&session->streams[j]);
    *session = (struct marked_session){.key = key, .swapped = marked->marks.swapped};
    return session;
}

static int code_of(struct slice payload)
{
    payload = slice_trim(payload);
    return looks_like_reply(payload) ? reply_code(payload) : 0;
}

static bool goes_on(struct slice payload)
{
    payload = slice_trim(payload);
    return payload.size > 3 && payload.data[3] == '-';
}

/* Returns true if the reply shows that the line before it, which begins with no verb, was sent: the log
 * hides an AUTH, or the server does not know the command. */
static bool answers_verbless(const struct marked_session *session, const struct line *line)
{
    int code = line->side == SIDE_SERVER ? code_of(line->payload) : 0;
    return session->owed == 0 && !session->follower.content &&
           (code == 235 || code == 334 || code == 535 || (code >= 500 && code <= 504));
}

/* Counts the commands that wait for a reply, and notes a DATA that is refused. */
static void count_owed(struct marked_session *session, const struct line *line)
{
    const struct follower *follower = &session->follower;
    if (line->side == SIDE_CLIENT) {
        bool text = follower->content || follower->chunk_left > 0;
        bool command = !text && !follower->answer;
        bool dot = follower->content && slice_equal(line->payload, SLICE("."));
        session->owed += !text || dot;
        session->orphaned = session->orphaned && !looks_like_command(line->payload);
        session->data = command && slice_equal_nocase(slice_trim(line->payload), SLICE("DATA"));
        session->hello = command && command_is_hello(command_scan(NULL, line->payload).command);
    } else if (code_of(line->payload) != 0 && !goes_on(line->payload)) {
        session->owed -= session->owed > 0;
        session->orphaned = session->data && code_of(line->payload) >= 400;
        session->data = false;
    }
}

/* The client goes on although the reply to EHLO does: an unknown log shows one line of it. */
static void elide_reply(struct marked_reader *marked, struct marked_session *session,
                        const struct line *next)
{
    struct line rest = *next;
    rest.side = SIDE_SERVER;
    rest.payload = SLICE("250 ...");
    session->follower.open = 0;
    session->owed = 0;
    marked->sink->line(marked->sink->context, &rest);
}

static void emit(struct marked_reader *marked, struct marked_session *session, struct line *line)
{
    /* An unknown client may send the next command before the reply to the dot. */
    bool learnt = marked->marks.learnt;
    if (session->pending == PENDING_VERBLESS)
        release(marked, session, answers_verbless(session, line));
    if (learnt && session->hello && session->follower.open == 250 && line->side == SIDE_CLIENT)
        elide_reply(marked, session, line);
    bool more = session->pending == PENDING_REPLY && line->side == SIDE_SERVER &&
                looks_like_extension(line->payload);
    if (more)
        session->pending_payload[3] = '-';
    release(marked, session,
            line->side == SIDE_SERVER || (learnt && looks_like_command(line->payload)));
    if (line->side == SIDE_CLIENT && session->follower.content &&
        (marked->marks.row.body == BODY_UNSTUFFED ||
         (learnt && marked->marks.row.body == BODY_MARKED)) &&
        slice_equal(line->payload, SLICE("."))) {
        keep_pending(session, PENDING_DOT, line);
        return;
    }
    session->begun = true;
    session->last = line->side;
    bool reply = learnt && session->hello && line->side == SIDE_SERVER &&
                 (more || session->owed == 1) && code_of(line->payload) == 250 &&
                 !goes_on(line->payload);
    count_owed(session, line);
    follower_take(&session->follower, line->side, line->payload);
    if (reply)
        keep_pending(session, PENDING_REPLY, line);
    else
        marked->sink->line(marked->sink->context, line);
}

/* Returns where the next line of a joined reply begins, at a code with its separator; the size
 * if there is none. */
static size_t next_joined(struct slice payload)
{
    for (size_t at = 4; at + 4 <= payload.size; at++)
        if (memcmp(payload.data + at, payload.data, 3) == 0 &&
            (payload.data[at + 3] == '-' || payload.data[at + 3] == ' '))
            return at;
    return payload.size;
}

/* Passes on each line of "250-a, 250-b, 250 c". */
static void emit_joined(struct marked_reader *marked, struct marked_session *session,
                        struct line *line)
{
    struct slice rest = line->payload, joint = slice_of(marked->marks.joint);
    while (looks_like_reply(rest) && goes_on(rest)) {
        size_t size = next_joined(rest);
        if (size == rest.size)
            break;
        line->payload = slice_head(rest, size);
        if (size >= joint.size && slice_equal(slice_after(line->payload, size - joint.size), joint))
            line->payload.size -= joint.size;
        emit(marked, session, line);
        rest = slice_after(rest, size);
        line->column += (uint32_t)size;
        line->end_column = line->column + 3;
    }
    line->payload = rest;
    emit(marked, session, line);
}

/* Returns true for a known command or a word in capitals. */
static bool may_be_command(struct slice payload)
{
    struct slice word = slice_word(payload);
    bool capitals = word.size >= 3 && word.size <= 12;
    for (size_t i = 0; i < word.size && capitals; i++)
        capitals = (word.data[i] >= 'A' && word.data[i] <= 'Z') || ascii_digit(word.data[i]);
    return capitals || looks_like_verb(payload);
}

/* Returns true if the line is SMTP, which learnt marks do not guarantee. */
static bool is_smtp(const struct marked_reader *marked, const struct marked_session *session,
                    const struct line *line)
{
    if (!marked->marks.learnt)
        return true;
    if (line->side == SIDE_SERVER)
        return session->follower.open != 0 || reply_code_valid(code_of(line->payload)) ||
               (session->owed > 0 && code_of(line->payload) != 0);
    return session->follower.content || session->follower.chunk_left > 0 ||
           session->follower.answer || session->orphaned ||
           may_be_command(slice_trim(line->payload));
}

/* Returns true if the line belongs to a message whose DATA is not in the log. */
static bool is_hidden(const struct marked_reader *marked, struct marked_session *session,
                      const struct line *line)
{
    if (!marked->marks.row.hides_data || session->swapped)
        return false;
    bool client = line->side == SIDE_CLIENT;
    if (client && !session->follower.content && !session->follower.answer &&
        !looks_like_verb(line->payload))
        session->hidden = true;
    if (!session->hidden)
        return false;
    session->hidden = client || goes_on(line->payload);
    return true;
}

static void emit_line(struct marked_reader *marked, struct marked_session *session,
                      struct line *line)
{
    if (is_hidden(marked, session, line)) {
        line->side = SIDE_NOTE;
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (!is_smtp(marked, session, line) && line->side == SIDE_CLIENT && session->owed == 0) {
        release(marked, session, false);
        keep_pending(session, PENDING_VERBLESS, line);
        return;
    }
    if (!is_smtp(marked, session, line)) {
        if (session->pending == PENDING_REPLY)
            release(marked, session, false);
        line->side = SIDE_UNMARKED;
        line->payload = line->raw;
        line->column = 1;
        line->end_column = 0;
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (line->side == SIDE_SERVER && marked->marks.row.continuation == CONTINUED_JOINED)
        emit_joined(marked, session, line);
    else
        emit(marked, session, line);
}

/* Takes a line that was joined from pieces. */
static void from_stream(void *context, const struct line *line)
{
    struct marked_reader *marked = context;
    struct line whole = *line;
    if (marked->marks.learnt || marked->marks.row.quoting != QUOTING_LITERAL)
        whole.end = LINE_END_UNKNOWN;
    emit_line(marked, marked->session, &whole);
}

/* Returns how a quoted line ended. An unknown program may change line ends before it prints
 * them. */
static enum line_end end_of(const struct marks *marks, const struct unquoted *unquoted)
{
    if (!unquoted->ended || marks->learnt || marks->row.quoting != QUOTING_LITERAL)
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
        emit_line(marked, session, &piece);
        rest = slice_after(rest, size + line_end.size);
        line->column += (uint32_t)(size + line_end.size);
    }
    line->payload = rest;
    emit_line(marked, session, line);
}

/* Takes a line of a quoted text. */
static void take_unquoted(void *context, const struct unquoted *unquoted)
{
    struct marked_reader *marked = context;
    struct line line = marked->line;
    bool literal = marked->marks.learnt && marked->marks.row.quoting == QUOTING_LITERAL;
    line.payload = literal ? without_written_end(unquoted->payload) : unquoted->payload;
    line.end = end_of(&marked->marks, unquoted);
    line.column = (uint32_t)unquoted->column + 1;
    line.end_column = (uint32_t)(unquoted->word_end > unquoted->column ? unquoted->word_end
                                                                       : unquoted->column + 1) +
                      1;
    struct stream *stream = &marked->session->streams[line.side == SIDE_SERVER];
    if (!marked->marks.row.pieces || (unquoted->ended && !stream->began)) {
        emit_line(marked, marked->session, &line);
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
        emit(marked, session, line);
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
    if (marks->row.after_note && !session->swapped && !session->begun)
        line->side = SIDE_NOTE;
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
 * show messages. */
static enum side side_by_text(const struct marks *marks, const struct marked_session *session,
                              struct slice payload)
{
    size_t quote;
    if (marks->row.quoting == QUOTING_LITERAL && literal_begins(payload, &quote))
        payload = slice_after(payload, quote + 1);
    bool reply = looks_like_reply(slice_trim(payload));
    if (session->follower.content)
        return reply && session->last == SIDE_SERVER ? SIDE_SERVER : SIDE_CLIENT;
    return reply ? SIDE_SERVER : SIDE_CLIENT;
}

/* Takes a line without a mark: of a reply, of a message, of a group of commands, or a note. */
static void emit_bare(struct marked_reader *marked, struct marked_session *session,
                      struct line *line, size_t begin, bool cr)
{
    const struct marks *marks = &marked->marks;
    line->payload = slice_after(line->raw, begin);
    line->column = (uint32_t)begin + 1;
    int code = code_of(line->payload);
    bool whole_write = marks->row.one_a_write && cr == marks->with_cr && !session->follower.closed;
    line->side = SIDE_NOTE;
    if (session->follower.content &&
        (marks->row.body == BODY_BARE || (marks->learnt && session->last == SIDE_CLIENT)))
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
            release(marked, session, false);
        if (line->payload.size > 0 && marks->learnt)
            line->side = SIDE_UNMARKED;
        marked->sink->line(marked->sink->context, line);
    } else if (line->side == SIDE_SERVER && slice_trim(line->payload).data != line->payload.data) {
        size_t blanks = (size_t)(slice_trim(line->payload).data - line->payload.data);
        line->payload = slice_after(line->payload, blanks);
        line->column += (uint32_t)blanks;
        emit(marked, session, line);
    } else {
        emit(marked, session, line);
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
        const struct marked_session *last = session_of(marked, marked->last_key);
        if (last->follower.open != 0 && code_of(line.raw) == last->follower.open)
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
    struct marked_session *session = session_of(marked, line.session);
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
        release(marked, session, session->pending == PENDING_DOT);
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
        release(marked, &marked->sessions[i], marked->sessions[i].pending == PENDING_DOT);
    return true;
}
