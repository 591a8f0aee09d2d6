/* marked_session.c - what a line is depends on those before it: a dot, a reply, the client's own note.
 */
#include "transcript/formats/marked_session.h"

#include "smtp/command.h"
#include "smtp/look.h"
#include "smtp/reply.h"

void marked_release(struct marked_reader *marked, struct marked_session *session, bool sent)
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

struct marked_session *marked_session_of(struct marked_reader *marked, uint64_t key)
{
    struct marked_session *session =
        &marked->sessions[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SESSIONS_MAX];
    if (session->key == key)
        return session;
    marked_release(marked, session, session->pending == PENDING_DOT);
    for (size_t j = 0; j < 2; j++)
        stream_free(&session->streams[j]);
    *session = (struct marked_session){.key = key, .swapped = marked->marks.swapped};
    return session;
}

int marked_code(struct slice payload)
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
    int code = line->side == SIDE_SERVER ? marked_code(line->payload) : 0;
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
    } else if (marked_code(line->payload) != 0 && !goes_on(line->payload)) {
        session->owed -= session->owed > 0;
        session->orphaned = session->data && marked_code(line->payload) >= 400;
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

void marked_emit(struct marked_reader *marked, struct marked_session *session, struct line *line)
{
    /* An unknown client may send the next command before the reply to the dot. */
    bool learnt = marked->marks.learnt;
    if (session->pending == PENDING_VERBLESS)
        marked_release(marked, session, answers_verbless(session, line));
    if (learnt && session->hello && session->follower.open == 250 && line->side == SIDE_CLIENT)
        elide_reply(marked, session, line);
    bool more = session->pending == PENDING_REPLY && line->side == SIDE_SERVER &&
                looks_like_extension(line->payload);
    if (more)
        session->pending_payload[3] = '-';
    marked_release(marked, session,
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
                 (more || session->owed == 1) && marked_code(line->payload) == 250 &&
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
        marked_emit(marked, session, line);
        rest = slice_after(rest, size);
        line->column += (uint32_t)size;
        line->end_column = line->column + 3;
    }
    line->payload = rest;
    marked_emit(marked, session, line);
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
        return session->follower.open != 0 || reply_code_valid(marked_code(line->payload)) ||
               (session->owed > 0 && marked_code(line->payload) != 0);
    if (session->follower.content || session->follower.chunk_left > 0 || session->follower.answer ||
        (session->orphaned && !marked->by_text))
        return true;
    struct slice text = slice_trim(line->payload);
    return marked->by_text ? command_scan(NULL, text).command != COMMAND_UNKNOWN
                           : may_be_command(text);
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

void marked_emit_line(struct marked_reader *marked, struct marked_session *session,
                      struct line *line)
{
    if (is_hidden(marked, session, line)) {
        line->side = SIDE_NOTE;
        marked->sink->line(marked->sink->context, line);
        return;
    }
    if (!is_smtp(marked, session, line) && line->side == SIDE_CLIENT && session->owed == 0) {
        marked_release(marked, session, false);
        keep_pending(session, PENDING_VERBLESS, line);
        return;
    }
    if (!is_smtp(marked, session, line)) {
        if (session->pending == PENDING_REPLY)
            marked_release(marked, session, false);
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
        marked_emit(marked, session, line);
}

bool marked_reader_rests(const struct marked_reader *marked, uint64_t *memory)
{
    const struct marked_session *session = &marked->sessions[0];
    const struct follower *follower = &session->follower;
    const bool facts[] = {
        marked->shows_ends, session->begun,    session->swapped, session->decided,
        session->hidden,    session->data,     session->hello,   session->orphaned,
        follower->greeted,  follower->content, follower->answer, follower->auth,
        follower->closed,   follower->data,    follower->lost,   follower->answered,
    };
    *memory = (uint64_t)session->last;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        *memory = *memory << 1 | facts[i];
    return session->key == 0 && marked->last_key == 0 && session->pending == PENDING_NONE &&
           session->owed == 0 && follower->waiting == 0 && follower->open == 0 &&
           follower->chunk_left == 0 && follower->tls == FOLLOWER_PLAIN &&
           !session->streams[0].began && !session->streams[1].began;
}
