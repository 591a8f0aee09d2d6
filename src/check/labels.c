/* labels.c - takes what a log calls a session: the test, the peer, the time. */
#include "check/labels.h"

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
