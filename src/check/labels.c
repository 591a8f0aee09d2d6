/* labels.c - takes what a log calls a session: the test, the peer, the time. */
#include "check/labels.h"

/* A note's time stands in its first octets. */
#define NOTE_HEAD_MAX 240

/* What the log calls the session that begins. */
void label_session(struct conversation *conversation)
{
    struct session_label *label = &conversation->label;
    *label = (struct session_label){0};
    memcpy(label->name, conversation->all->test, LABEL_NAME);
    memcpy(label->peer, conversation->peer, LABEL_PEER);
    if (conversation->line)
        label_line(label, conversation->line);
}

/* "<** Timeout (30 secs) waiting for server response" of swaks. Milliseconds; -1: it does not say. */
static int64_t time_out_in(struct slice note)
{
    struct slice text = slice_after(note, slice_find(note, '('));
    int64_t seconds = 0;
    size_t at = 1;
    for (; at < text.size && at < 7 && ascii_digit(text.data[at]); at++)
        seconds = seconds * 10 + (text.data[at] - '0');
    return at > 1 && slice_starts(slice_after(text, at), SLICE(" sec")) ? seconds * 1000 : -1;
}

void take_connection(struct conversation *conversation, const struct line *note)
{
    struct log_time time;
    bool timed = (note->note == NOTE_SESSION || note->note == NOTE_TIMEOUT) &&
                 log_time_find(slice_head(note->raw, NOTE_HEAD_MAX), &time).size > 0;
    label_note(note->raw, conversation->peer);
    if (note->note == NOTE_SESSION) {
        conversation->connecting.open = true;
        conversation->connecting.silent = false;
        conversation->connecting.timed = timed;
        conversation->connecting.known = false;
        conversation->connecting.at = timed ? time.milliseconds : 0;
    } else if (note->note == NOTE_TIMEOUT && conversation->connecting.open) {
        conversation->connecting.silent = true;
        int64_t waited = time_out_in(note->raw);
        if (waited < 0 && timed && conversation->connecting.timed)
            waited = time.milliseconds - conversation->connecting.at;
        conversation->connecting.known = waited >= 0;
        conversation->connecting.waited = waited;
    }
}

void take_first_command(struct conversation *conversation, const struct exchange *exchange)
{
    struct log_time time;
    const struct location *location = &exchange->location;
    if (exchange->command == COMMAND_CONNECT || conversation->connecting.known ||
        !conversation->connecting.timed ||
        !label_time(&conversation->timeline.head, location->raw, location->column, &time))
        return;
    conversation->connecting.waited = time.milliseconds - conversation->connecting.at;
    conversation->connecting.known = conversation->connecting.waited >= 0;
}

bool take_heading(struct conversations *all, struct conversation *conversation,
                  const struct line *line)
{
    char name[LABEL_NAME];
    if (dialogue_in_text(conversation->dialogue)) /* a message may hold anything */
        return false;
    enum label_heading heading = label_heading(line->raw, name);
    if (heading == HEADING_AFTER && conversation->open && !conversation->label.name[0])
        memcpy(conversation->label.name, name, sizeof name);
    if (heading == HEADING_BEFORE)
        memcpy(all->test, name, sizeof name);
    return heading == HEADING_BEFORE && (line->side == SIDE_UNMARKED || line->note == NOTE_PLAIN);
}

bool begins_test(const struct line *line)
{
    return line->side == SIDE_CLIENT && line->column > sizeof "test" &&
           slice_starts(line->raw, SLICE("test"));
}

bool take_test(struct conversations *all, struct conversation *conversation,
               const struct line *line)
{
    struct line heading = *line;
    heading.raw = slice_head(line->raw, line->column - 1);
    heading.side = SIDE_NOTE;
    heading.note = NOTE_PLAIN;
    heading.payload = heading.raw;
    heading.column = 1;
    if (!take_heading(all, conversation, &heading))
        return true;
    heading.note = NOTE_TEST;
    return dialogue_line(conversation->dialogue, &heading);
}
