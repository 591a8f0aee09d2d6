/* notes.c - lines that are neither side's, and what they say of the session.
 */
#include "dialogue/state.h"

#include "smtp/look.h"

void notes_follow(struct dialogue *dialogue, const struct line *line)
{
    static const char *const words[] = {"onnection lost",  "ost connection", "onnection closed",
                                        "onnection reset", "isconnected",    "onnecting to "};
    struct slice note = slice_head(line->payload, 200);
    check_note(dialogue, line);
    for (size_t i = 0; i < sizeof words / sizeof words[0] && dialogue->session.began; i++)
        if (slice_contains(note, slice_of(words[i])))
            dialogue->session.disconnected = true;
    if (dialogue->session.began && looks_elided(line->payload))
        dialogue->session.elided = true;
}

bool notes_line(struct dialogue *dialogue, const struct line *line)
{
    if (dialogue->session.in_reply && looks_elided(line->payload))
        return replies_elided(dialogue);
    switch (line->note) {
    case NOTE_WIRE:
        dialogue->wire = true;
        return true;
    case NOTE_TLS:
        dialogue->session.handshake = false;
        check_tls(dialogue, line->number);
        return true;
    case NOTE_FOREIGN:
        check_foreign(dialogue, line);
        return true;
    case NOTE_PLAIN:
    case NOTE_REMARK:
        /* A log may say here that TLS has begun, and not show what the client says in it. */
        dialogue->session.handshake = dialogue->session.handshake && dialogue->wire;
        notes_follow(dialogue, line);
        return true;
    case NOTE_SESSION:
        if (!session_end(dialogue))
            return false;
        dialogue->session.from_start = true;
        check_note(dialogue, line);
        return true;
    case NOTE_TEST:
        dialogue->session.disconnected = dialogue->session.began;
        return true;
    case NOTE_SEPARATOR:
        dialogue->session.separator = true;
        return true;
    case NOTE_TIMEOUT:
        dialogue->session.timed_out = true;
        return true;
    case NOTE_CONTENT:
        check_hole(dialogue);
        if (dialogue->session.sending == SENDING_CONTENT && !dialogue->one_sided) {
            dialogue->session.content_location.line = line->number;
            dialogue->session.content_location.column = 1;
            dialogue->session.content_location.end_column =
                1 + (uint32_t)slice_head(line->raw, COPIED_RAW_MAX).size;
            return queue_copy(&dialogue->queue, line->raw, COPIED_RAW_MAX,
                              &dialogue->session.content_location.raw);
        }
        if (dialogue->session.sending == SENDING_CHUNK)
            dialogue->session.sending = SENDING_COMMANDS;
        return true;
    case NOTE_HOLE:
        return dialogue_break_off(dialogue);
    case NOTE_END:
        return true; /* the conversation ends */
    }
    return true;
}
