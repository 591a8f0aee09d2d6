/* marked_reader.c - reads lines by their marks: what is a command, a reply, a message, a note.
 */
#include <stdio.h>
#include <stdlib.h>

#include "smtp/follower.h"
#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/marked.h"
#include "transcript/formats/stream.h"

/* Conversations of which the reader knows how they stand; one that shares its place with another is
 * begun anew, which costs no more than a line without a mark that cannot be placed. */
#define TALKS_MAX 64
/* Octets of a held line that are kept, for the report. */
#define HELD_MAX  160

/* How a conversation stands. */
struct talk {
    uint64_t key;
    bool begun;   /* NOTE_SESSION or a line of SMTP has come */
    bool turned;  /* the marks have changed sides */
    bool decided; /* what was said has shown whose mark is whose */
    struct follower follower;
    bool hidden;    /* a message of which the DATA is not shown, up to the reply to its dot */
    enum side last; /* whose the last marked line was */
    bool held;      /* BODY_UNSTUFFED: a dot, which may be the last */
    struct line held_line;
    char held_raw[HELD_MAX];
    struct stream streams[2];
};

struct marked_reader {
    struct marks marks;
    struct unquote_room room;
    struct talk talks[TALKS_MAX];
    uint64_t last_key; /* of the last line that had one */
    const struct line_sink *sink;
    bool no_memory;

    /* The line of the file that is being unquoted. */
    struct talk *talk;
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
    for (size_t i = 0; i < TALKS_MAX; i++)
        for (size_t j = 0; j < 2; j++)
            stream_free(&marked->talks[i].streams[j]);
    unquote_room_free(&marked->room);
    free(marked);
}

/* A held dot: the last one, or one of the message, which the wire had as two. */
static void release_held(struct marked_reader *marked, struct talk *talk, bool is_end)
{
    if (!talk->held)
        return;
    talk->held = false;
    if (is_end)
        talk->follower.content = false;
    else
        talk->held_line.payload = SLICE("..");
    marked->sink->line(marked->sink->context, &talk->held_line);
}

static struct talk *talk_of(struct marked_reader *marked, uint64_t key)
{
    struct talk *talk = &marked->talks[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % TALKS_MAX];
    if (talk->key == key)
        return talk;
    release_held(marked, talk, true);
    for (size_t j = 0; j < 2; j++)
        stream_free(&talk->streams[j]);
    *talk = (struct talk){.key = key, .turned = marked->marks.turned};
    return talk;
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

static void emit(struct marked_reader *marked, struct talk *talk, struct line *line)
{
    /* Clients that are not known may send the next command before the reply to the dot. */
    bool learnt = marked->marks.learnt;
    release_held(marked, talk,
                 line->side == SIDE_SERVER || (learnt && looks_like_command(line->payload)));
    if (line->side == SIDE_CLIENT && talk->follower.content &&
        (marked->marks.row.body == BODY_UNSTUFFED ||
         (learnt && marked->marks.row.body == BODY_MARKED)) &&
        slice_equal(line->payload, SLICE("."))) {
        talk->held = true;
        talk->held_line = *line;
        size_t size = line->raw.size < HELD_MAX ? line->raw.size : HELD_MAX;
        memcpy(talk->held_raw, line->raw.data, size);
        talk->held_line.raw = (struct slice){talk->held_raw, size};
        talk->held_line.payload = SLICE(".");
        return;
    }
    talk->begun = true;
    talk->last = line->side;
    follower_take(&talk->follower, line->side, line->payload);
    marked->sink->line(marked->sink->context, line);
}

/* Where the next line of a joined reply begins: at the code with its separator; the size where none
 * does. */
static size_t next_joined(struct slice payload)
{
    for (size_t at = 4; at + 4 <= payload.size; at++)
        if (memcmp(payload.data + at, payload.data, 3) == 0 &&
            (payload.data[at + 3] == '-' || payload.data[at + 3] == ' '))
            return at;
    return payload.size;
}

/* "250-a, 250-b, 250 c": each line by itself. */
static void emit_joined(struct marked_reader *marked, struct talk *talk, struct line *line)
{
    struct slice rest = line->payload, joint = slice_of(marked->marks.joint);
    while (looks_like_reply(rest) && goes_on(rest)) {
        size_t size = next_joined(rest);
        if (size == rest.size)
            break;
        line->payload = slice_head(rest, size);
        if (size >= joint.size && slice_equal(slice_after(line->payload, size - joint.size), joint))
            line->payload.size -= joint.size;
        emit(marked, talk, line);
        rest = slice_after(rest, size);
        line->column += (uint32_t)size;
        line->end_column = line->column + 3;
    }
    line->payload = rest;
    emit(marked, talk, line);
}

/* A command that is known, or a word in capitals. */
static bool may_be_command(struct slice payload)
{
    struct slice word = slice_word(payload);
    bool capitals = word.size >= 3 && word.size <= 12;
    for (size_t i = 0; i < word.size && capitals; i++)
        capitals = (word.data[i] >= 'A' && word.data[i] <= 'Z') || ascii_digit(word.data[i]);
    return capitals || looks_like_verb(payload);
}

/* Whether the line is SMTP at all. Of marks that were learnt it is not sure. */
static bool is_smtp(const struct marked_reader *marked, const struct talk *talk,
                    const struct line *line)
{
    if (!marked->marks.learnt)
        return true;
    if (line->side == SIDE_SERVER)
        return talk->follower.open != 0 || code_of(line->payload) != 0;
    return talk->follower.content || talk->follower.answer ||
           may_be_command(slice_trim(line->payload));
}

/* Whether the line belongs to a message whose DATA is not in the log. */
static bool is_hidden(const struct marked_reader *marked, struct talk *talk,
                      const struct line *line)
{
    if (!marked->marks.row.hides_data || talk->turned)
        return false;
    bool client = line->side == SIDE_CLIENT;
    if (client && !talk->follower.content && !talk->follower.answer &&
        !looks_like_verb(line->payload))
        talk->hidden = true;
    if (!talk->hidden)
        return false;
    talk->hidden = client || goes_on(line->payload);
    return true;
}

static void give_line(struct marked_reader *marked, struct talk *talk, struct line *line)
{
    if (is_hidden(marked, talk, line)) {
        line->side = SIDE_NOTE;
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (!is_smtp(marked, talk, line)) {
        line->side = SIDE_UNMARKED;
        line->payload = line->raw;
        line->column = 1;
        line->end_column = 0;
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (line->side == SIDE_SERVER && marked->marks.row.continuation == CONTINUED_JOINED)
        emit_joined(marked, talk, line);
    else
        emit(marked, talk, line);
}

/* A line whose pieces have come together. */
static void from_stream(void *context, const struct line *line)
{
    struct marked_reader *marked = context;
    struct line whole = *line;
    if (marked->marks.learnt || marked->marks.row.quoting != QUOTING_LITERAL)
        whole.end = LINE_END_UNKNOWN;
    give_line(marked, marked->talk, &whole);
}

/* How a quoted line ended. Of a program that is not known nobody can say what it does to line ends
 * before it prints them. */
static enum line_end end_of(const struct marks *marks, const struct unquoted *unquoted)
{
    if (!unquoted->ended || marks->learnt || marks->row.quoting != QUOTING_LITERAL)
        return LINE_END_UNKNOWN;
    return unquoted->cr ? LINE_END_CRLF : LINE_END_LF;
}

/* One line out of a quoted text. */
static void take_unquoted(void *context, const struct unquoted *unquoted)
{
    struct marked_reader *marked = context;
    struct line line = marked->line;
    line.payload = unquoted->payload;
    line.end = end_of(&marked->marks, unquoted);
    line.column = (uint32_t)unquoted->column + 1;
    line.end_column = (uint32_t)(unquoted->word_end > unquoted->column ? unquoted->word_end
                                                                       : unquoted->column + 1) +
                      1;
    struct stream *stream = &marked->talk->streams[line.side == SIDE_SERVER];
    if (!marked->marks.row.pieces || (unquoted->ended && !stream->began)) {
        give_line(marked, marked->talk, &line);
        return;
    }
    const struct line_sink sink = {from_stream, marked};
    if (!stream_take(stream, &line, unquoted->payload, &sink) ||
        (unquoted->ended &&
         !stream_take(stream, &line, unquoted->cr ? SLICE("\r\n") : SLICE("\n"), &sink)))
        marked->no_memory = true;
}

/* A line with a mark, by what it says the program's sides are. */
static enum side turn(const struct marked_reader *marked, struct talk *talk, enum side side,
                      struct slice payload)
{
    if (!marked->marks.row.either_side)
        return side;
    if (!talk->decided) {
        bool greets = slice_starts(payload, SLICE("220 ")) || slice_starts(payload, SLICE("220-"));
        bool hello = slice_starts_nocase(payload, SLICE("EHLO ")) ||
                     slice_starts_nocase(payload, SLICE("HELO ")) ||
                     slice_starts_nocase(payload, SLICE("LHLO "));
        if (greets || hello) {
            talk->decided = true;
            talk->turned = (side == SIDE_CLIENT) == greets;
        }
    }
    if (!talk->turned)
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

/* A command that a note tells of, although it is not shown. */
static bool tell(struct marked_reader *marked, struct talk *talk, struct line *line)
{
    struct mark_found found;
    char command[64];
    for (size_t i = 0; i < marked->marks.tolds; i++) {
        if (!mark_match(&marked->marks.told[i], line->raw, &found))
            continue;
        line->side = SIDE_CLIENT;
        int size = snprintf(command, sizeof command, "%s%.*s", marked->marks.row.told[i].verb,
                            (int)slice_head(found.key, 40).size, found.key.data);
        line->payload = (struct slice){command, (size_t)size};
        line->column = 1;
        line->end_column = 1 + (uint32_t)found.length;
        emit(marked, talk, line);
        return true;
    }
    return false;
}

static bool give_marked(struct marked_reader *marked, struct talk *talk, struct line *line,
                        size_t begin)
{
    const struct marks *marks = &marked->marks;
    struct slice payload = slice_after(line->raw, begin);
    size_t quote = 0;
    line->side = turn(marked, talk, line->side, payload);
    if (talk->follower.content && marks->row.body == BODY_BARE)
        line->side = SIDE_CLIENT;
    if (marks->row.after_note && !talk->turned && !talk->begun)
        line->side = SIDE_NOTE;
    const char *tail = line->side == SIDE_CLIENT ? marks->client_tail : marks->server_tail;
    payload =
        line->unended ? tail_cut_begun(tail_cut(payload, tail), tail) : tail_cut(payload, tail);
    if (line->side == SIDE_CLIENT && is_content_note(marks, payload)) {
        line->side = SIDE_NOTE;
        line->note = NOTE_CONTENT;
    }
    line->payload = payload;
    line->column = (uint32_t)begin + 1;
    if (line->side == SIDE_NOTE) {
        marked->sink->line(marked->sink->context, line);
        return true;
    }
    if (marks->row.quoting == QUOTING_NONE) {
        give_line(marked, talk, line);
        return true;
    }
    if (marks->row.quoting == QUOTING_LITERAL)
        literal_begins(payload, &quote);
    marked->talk = talk;
    marked->line = *line;
    return unquote(&marked->room, marks->row.quoting, line->raw, begin + quote,
                   begin + payload.size, take_unquoted, marked) &&
           !marked->no_memory;
}

/* A line without a mark: the rest of a reply, of a message, of a group of commands, or a note. */
static void give_bare(struct marked_reader *marked, struct talk *talk, struct line *line,
                      size_t begin, bool cr)
{
    const struct marks *marks = &marked->marks;
    line->payload = slice_after(line->raw, begin);
    line->column = (uint32_t)begin + 1;
    int code = code_of(line->payload);
    bool whole_write = marks->row.one_a_write && cr == marks->with_cr && !talk->follower.closed;
    line->side = SIDE_NOTE;
    if (marks->row.body == BODY_BARE && talk->follower.content)
        line->side = SIDE_CLIENT;
    else if (code != 0 && code == talk->follower.open && marks->row.continuation == CONTINUED_BARE)
        line->side = SIDE_SERVER;
    else if (whole_write && talk->last == SIDE_SERVER && code != 0)
        line->side = SIDE_SERVER;
    else if (whole_write && talk->begun && talk->last == SIDE_CLIENT && !talk->follower.content &&
             looks_like_command(line->payload))
        line->side = SIDE_CLIENT;
    if (line->side == SIDE_NOTE) {
        if (line->payload.size > 0 && marks->learnt)
            line->side = SIDE_UNMARKED;
        marked->sink->line(marked->sink->context, line);
    } else if (line->side == SIDE_SERVER && slice_trim(line->payload).data != line->payload.data) {
        size_t blanks = (size_t)(slice_trim(line->payload).data - line->payload.data);
        line->payload = slice_after(line->payload, blanks);
        line->column += (uint32_t)blanks;
        emit(marked, talk, line);
    } else {
        emit(marked, talk, line);
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
        /* "250 HELP" goes on with a reply, and is no prefix of a number. */
        const struct talk *last = talk_of(marked, marked->last_key);
        if (last->follower.open != 0 && code_of(line.raw) == last->follower.open)
            found = (struct mark_found){0};
    }
    struct slice key = found.key;
    if (marks->row.key_end)
        key = slice_head(key, slice_find(key, marks->row.key_end));
    if (key.size > 0)
        line.session = marked->last_key = mark_key(key);
    else if (line.side != SIDE_NOTE) /* goes on with the line before */
        line.session = marked->last_key;
    struct talk *talk = talk_of(marked, line.session);
    if (line.side == SIDE_CLIENT || line.side == SIDE_SERVER)
        return give_marked(marked, talk, &line, found.length);
    if (line.side == SIDE_UNMARKED && tell(marked, talk, &line))
        return true;
    if (line.side == SIDE_UNMARKED) {
        bool cr = source->ended && source->text.data[source->text.size] == '\r';
        give_bare(marked, talk, &line, found.length, cr);
        return true;
    }
    line.payload = line.raw;
    line.column = 1;
    if (line.note == NOTE_SESSION) {
        release_held(marked, talk, true);
        talk->begun = true;
        talk->decided = talk->follower.content = false;
        talk->follower.open = 0;
    } else if (line.note == NOTE_CONTENT) {
        talk->last = SIDE_NOTE; /* what follows does not go on with the line before */
    }
    sink->line(sink->context, &line);
    return true;
}

bool marked_reader_finish(struct marked_reader *marked, const struct line_sink *sink)
{
    marked->sink = sink;
    for (size_t i = 0; i < TALKS_MAX; i++)
        release_held(marked, &marked->talks[i], true);
    return true;
}
