/* transcript.c - collects the lines of sessions, and writes them.
 */
#include "export/transcript.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "report/escape.h"

/* The first lines of a reply of several lines come before it is known that a session begins with it:
 * they are at the end of the one before. Returns how many. */
static size_t count_begun(const struct said_session *before, const struct line *line)
{
    size_t count = 0;
    while (before && line->side == SIDE_SERVER && count < before->count &&
           line->payload.size >= 3) {
        const struct said_line *last = &before->lines[before->count - 1 - count];
        struct slice text = said_text(before, last);
        if (last->side != SIDE_SERVER || text.size < 4 || text.data[3] != '-' ||
            !slice_starts(text, slice_head(line->payload, 3)))
            break;
        count++;
    }
    return count;
}

/* A second greeting waits for what follows it, since a proxy may have passed it on. When that shows that it
 * begins a session, it stands at the end of the one before, with the commands behind it: how many lines. */
static size_t count_greeted(const struct said_session *before, const struct line *line)
{
    size_t count = 1;
    if (!before || line->side != SIDE_SERVER || line->payload.size < 3)
        return 0;
    while (count < before->count && before->lines[before->count - count].side == SIDE_CLIENT)
        count++;
    if (count == 1 || count >= before->count)
        return 0;
    const struct said_line *said = &before->lines[before->count - count];
    bool greets = said->side == SIDE_SERVER && slice_starts(said_text(before, said), SLICE("220"));
    return greets && said[-1].side == SIDE_SERVER ? count : 0;
}

static struct said_session *session_numbered(struct transcript *transcript, uint64_t number)
{
    bool is_new = number > transcript->greatest;
    for (size_t i = is_new ? 0 : transcript->count; i-- > 0;) /* mostly the last one */
        if (transcript->sessions[i].number == number)
            return &transcript->sessions[i];
    void *sessions = array_with_room(transcript->sessions, transcript->count, &transcript->capacity,
                                     sizeof *transcript->sessions);
    if (!sessions)
        return NULL;
    transcript->sessions = sessions;
    if (is_new)
        transcript->greatest = number;
    transcript->sessions[transcript->count] = (struct said_session){.number = number};
    return &transcript->sessions[transcript->count++];
}

/* Keeps a copy of a line's text. */
static bool keep(struct said_session *session, struct said_line *line, struct slice text)
{
    line->at = session->texts.size;
    line->size = text.size;
    return octet_buffer_append(&session->texts, text);
}

static bool add_line(struct said_session *session, const struct line *line, bool content)
{
    void *lines =
        array_with_room(session->lines, session->count, &session->capacity, sizeof *session->lines);
    if (!lines)
        return false;
    session->lines = lines;
    struct said_line *said = &session->lines[session->count];
    *said = (struct said_line){.side = line->side, .content = content, .number = line->number};
    if (!keep(session, said, line->side == SIDE_NOTE ? SLICE("") : line->payload))
        return false;
    session->count++;
    return true;
}

/* Moves the lines with which a session has begun to it. */
static bool take_begun(struct said_session *before, struct said_session *session,
                       const struct line *line)
{
    size_t count = count_begun(before, line);
    if (count == 0)
        count = count_greeted(before, line);
    for (size_t i = before->count - count; i < before->count; i++) {
        const struct said_line *said = &before->lines[i];
        const struct line moved = {
            .side = said->side, .payload = said_text(before, said), .number = said->number};
        if (!add_line(session, &moved, said->content))
            return false;
    }
    before->count -= count;
    return true;
}

bool transcript_add(struct transcript *transcript, uint64_t number, const struct line *line,
                    bool content)
{
    size_t known = transcript->count;
    struct said_session *session = session_numbered(transcript, number);
    if (!session)
        return false;
    if (transcript->count > known && known > 0 && !take_begun(session - 1, session, line))
        return false;
    return add_line(session, line, content);
}
bool said_set(struct said_session *session, struct said_line *line, struct slice text)
{
    if (text.size <= line->size) {
        if (text.size > 0)
            memmove(session->texts.octets + line->at, text.data, text.size);
        line->size = text.size;
        return true;
    }
    return keep(session, line, text);
}

void transcript_free(struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++) {
        free(transcript->sessions[i].lines);
        octet_buffer_free(&transcript->sessions[i].texts);
    }
    free(transcript->sessions);
    *transcript = (struct transcript){0};
}

void transcript_write(FILE *out, const struct said_session *session, const bool wanted[])
{
    fprintf(out, "# session %" PRIu64 "\n", session->number);
    for (size_t i = 0; i < session->count; i++) {
        const struct said_line *line = &session->lines[i];
        if (wanted && !wanted[i])
            continue;
        if (line->side == SIDE_NOTE) {
            fputs("C: (the message is not in the recording)\n", out);
            continue;
        }
        struct slice text = said_text(session, line);
        fputs(line->side == SIDE_CLIENT ? "C:" : "S:", out);
        fputs(text.size > 0 ? " " : "", out);
        print_escaped(out, text);
        putc('\n', out);
    }
}

void transcript_write_client(FILE *out, const struct said_session *session, const bool wanted[])
{
    for (size_t i = 0; i < session->count; i++) {
        const struct said_line *line = &session->lines[i];
        if (line->side != SIDE_CLIENT || (wanted && !wanted[i]))
            continue;
        struct slice text = said_text(session, line);
        if (text.size > 0)
            fwrite(text.data, 1, text.size, out);
        fputs("\r\n", out);
    }
}
