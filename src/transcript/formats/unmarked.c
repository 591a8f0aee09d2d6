/* unmarked.c - reads lines of both sides without marks: a terminal's or netcat's output, the debug
 * output of a library, the server's lines only.
 *
 * Replies and commands are recognised by their look; in doubt by whose turn it is (turns.c). Two
 * kinds of lines wait for the next one: a text that is not a command of SMTP counts as one if a
 * reply to it follows; and a reply that answers nothing answers the command after it, if that has
 * no other reply, because the program may have written the two in the wrong order.
 */
#include "transcript/formats/unmarked.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/held.h"
#include "transcript/formats/terminal.h"

enum waiting {
    WAITING_NOTHING,
    WAITING_TEXT,             /* one line that may be a command */
    WAITING_REPLY,            /* a reply to nothing */
    WAITING_REPLY_AND_COMMAND /* and the command after it */
};

/* Counts for recognition. */
struct tally {
    unsigned commands, replies, texts;
    bool needed; /* a line that the format must have */
    bool never;  /* a line that it never has */
};

struct mix {
    const struct mix_row *row;
    const struct line_sink *sink;
    struct turns turns;
    size_t indent; /* blanks before every line */
    bool half;     /* only the server's lines */
    bool headless; /* the recording begins in a message, which this still is */
    bool refusal_due;
    int quoted; /* the code of a reply that a note quotes */
    enum waiting waiting;
    struct held held;
    struct tally tally;
    char *screen; /* a line as the terminal showed it */
    size_t screen_capacity;
};

static void give(struct mix *mix, const struct line *line, enum side side)
{
    struct line given = *line;
    given.side = side;
    mix->tally.commands += side == SIDE_CLIENT && !mix->turns.follower.content;
    mix->tally.replies += side == SIDE_SERVER;
    mix->tally.texts += side == SIDE_UNMARKED;
    if (mix->sink)
        mix->sink->line(mix->sink->context, &given);
}

static void give_note(struct mix *mix, const struct line *line, enum note note)
{
    struct line given = *line;
    given.side = SIDE_NOTE;
    given.note = note;
    if (mix->sink)
        mix->sink->line(mix->sink->context, &given);
}

/* Passes on a line as what it is, and updates whose turn it is. */
static void location(struct mix *mix, const struct line *line, enum turn turn)
{
    switch (turn) {
    case TURN_REPLY:
    case TURN_REPLY_LAST:
        give(mix, line, SIDE_SERVER);
        break;
    case TURN_COMMAND:
    case TURN_DOT:
    case TURN_CONTENT:
    case TURN_ANSWER:
        if (mix->headless && turn == TURN_CONTENT)
            give_note(mix, line, NOTE_PLAIN);
        else
            give(mix, line, SIDE_CLIENT);
        mix->headless = mix->headless && turn == TURN_CONTENT;
        break;
    case TURN_TEXT:
        if (line->payload.size == 0 || mix->row->texts_are_notes)
            give_note(mix, line, NOTE_PLAIN);
        else
            give(mix, line, SIDE_UNMARKED);
        break;
    }
    turns_take(&mix->turns, turn, line->payload);
}

/* Passes on the waiting lines in their order. */
static void place_waiting(struct mix *mix)
{
    struct held *held = &mix->held;
    enum waiting waiting = mix->waiting;
    mix->waiting = WAITING_NOTHING;
    /* The reply to an EHLO that the log leaves out (smtpmail of Emacs). */
    if (waiting == WAITING_REPLY_AND_COMMAND && mix->turns.greeted && held->count > 2 &&
        reply_code(held->lines[0].payload) == 250) {
        struct line hello = held->lines[0];
        hello.payload = SLICE("EHLO [not-shown]");
        hello.end_column = hello.column + 1;
        location(mix, &hello, TURN_COMMAND);
    }
    for (size_t i = 0; i < held->count; i++) {
        enum turn turn = TURN_TEXT;
        if (waiting == WAITING_REPLY_AND_COMMAND && i + 1 == held->count)
            turn = TURN_COMMAND;
        else if (waiting != WAITING_TEXT)
            turn = turns_of(&mix->turns, held->lines[i].payload);
        location(mix, &held->lines[i], turn);
    }
    held_clear(held);
}

/* Passes on a command that was written after its reply, before the reply. */
static void place_swapped(struct mix *mix)
{
    struct held *held = &mix->held;
    mix->waiting = WAITING_NOTHING;
    location(mix, &held->lines[held->count - 1], TURN_COMMAND);
    for (size_t i = 0; i + 1 < held->count; i++)
        location(mix, &held->lines[i], turns_of(&mix->turns, held->lines[i].payload));
    held_clear(held);
}

static void keep_waiting(struct mix *mix, const struct line *line, enum turn turn,
                         enum waiting waiting)
{
    if (held_add(&mix->held, line)) {
        mix->waiting = waiting;
        return;
    }
    place_waiting(mix);
    location(mix, line, turn);
}

/* Returns true if this may have been sent as a command that a server answers with that code.
 * Servers answer 50x to anything, but other codes only to something like a verb. */
static bool may_be_sent(struct slice text, int code)
{
    if (code >= 500 && code <= 504)
        return true;
    size_t size = 0;
    while (size < text.size && ascii_upper(text.data[size]) >= 'A' &&
           ascii_upper(text.data[size]) <= 'Z')
        size++;
    return size >= 3 && size <= 12 && (size == text.size || text.data[size] == ' ');
}

/* Decides about the waiting lines, now that the next line is known. Returns true if that was
 * taken. */
static bool settle(struct mix *mix, const struct line *line, enum turn turn)
{
    bool reply = turn == TURN_REPLY || turn == TURN_REPLY_LAST;
    struct held *held = &mix->held;
    bool whole;
    switch (mix->waiting) {
    case WAITING_NOTHING:
        return false;
    case WAITING_TEXT:
        if (reply && turns_unasked(&mix->turns, line->payload) &&
            may_be_sent(held->lines[0].payload, reply_code(line->payload))) {
            mix->waiting = WAITING_NOTHING;
            give(mix, &held->lines[0], SIDE_CLIENT);
            turns_take_command(&mix->turns, held->lines[0].payload);
            held_clear(held);
        } else {
            place_waiting(mix);
        }
        return false;
    case WAITING_REPLY:
        whole = held->lines[held->count - 1].payload.size < 4 ||
                held->lines[held->count - 1].payload.data[3] == ' ';
        if (reply && !whole) {
            keep_waiting(mix, line, turn, WAITING_REPLY);
            return true;
        }
        if (turn == TURN_COMMAND && whole) {
            keep_waiting(mix, line, turn, WAITING_REPLY_AND_COMMAND);
            return true;
        }
        place_waiting(mix);
        return false;
    case WAITING_REPLY_AND_COMMAND:
        if (reply)
            place_waiting(mix);
        else
            place_swapped(mix);
        return false;
    }
    return false;
}

/* Takes a line that is not a note. */
static void take(struct mix *mix, const struct line *line)
{
    enum turn turn = turns_of(&mix->turns, line->payload);
    if (settle(mix, line, turn))
        return;
    turn = turns_of(&mix->turns, line->payload);
    bool reply = turn == TURN_REPLY || turn == TURN_REPLY_LAST;
    if (mix->half)
        location(mix, line, reply ? turn : TURN_TEXT);
    else if (reply && turns_unasked(&mix->turns, line->payload))
        keep_waiting(mix, line, turn, WAITING_REPLY);
    else if (turn == TURN_TEXT && mix->turns.under_way)
        keep_waiting(mix, line, turn, WAITING_TEXT);
    else
        location(mix, line, turn);
}

/* Takes a line of a format in which the client's lines have a mark: others are replies or notes. */
static void take_marked(struct mix *mix, const struct line *line)
{
    struct slice mark = slice_of(mix->row->client);
    struct line sent = *line;
    if (slice_starts(line->payload, mark)) {
        sent.payload = slice_after(line->payload, mark.size);
        sent.column += (uint32_t)mark.size;
        enum turn turn = turns_of(&mix->turns, sent.payload);
        bool text = turn == TURN_TEXT || turn == TURN_REPLY || turn == TURN_REPLY_LAST;
        location(mix, &sent, text ? TURN_COMMAND : turn);
        return;
    }
    /* These formats leave the message out: a line without a mark never belongs to it. */
    mix->turns.content_begins = mix->turns.follower.content;
    mix->turns.messages_shown = false;
    enum turn turn = turns_of(&mix->turns, line->payload);
    location(mix, line, turn == TURN_REPLY || turn == TURN_REPLY_LAST ? turn : TURN_TEXT);
}

static bool holds(struct slice line, struct slice words)
{
    return line.size >= words.size && memmem(line.data, line.size, words.data, words.size);
}

static const struct mix_note *note_of(const struct mix *mix, struct slice line)
{
    const struct mix_note *notes = mix->row->notes;
    for (size_t i = 0; notes[i].words; i++) {
        struct slice words = slice_of(notes[i].words);
        if (notes[i].anywhere ? holds(line, words) : slice_starts(line, words))
            return &notes[i];
    }
    return NULL;
}

/* Passes on a command or reply that a note implies, as if it had been shown. */
static void take_told(struct mix *mix, const struct line *line)
{
    struct told told = mix->row->tell(line->payload);
    struct line shown = *line;
    if (told.side == SIDE_SERVER && !mix->refusal_due && told.payload.size > 0 &&
        told.payload.data[0] >= '4')
        told.side = SIDE_NOTE; /* an exception that quotes a reply already shown */
    mix->refusal_due = told.refused_next;
    mix->quoted = told.side == SIDE_NOTE ? told.quoted : 0;
    if (told.side == SIDE_NOTE)
        return;
    const char *at = told.payload.data;
    bool quoted = at >= line->payload.data && at < line->payload.data + line->payload.size;
    shown.column = quoted ? line->column + (uint32_t)(at - line->payload.data) : line->column;
    shown.end_column = quoted ? 0 : shown.column + 1;
    shown.payload = told.payload;
    place_waiting(mix);
    enum turn turn = told.side == SIDE_CLIENT ? TURN_COMMAND : turns_of(&mix->turns, told.payload);
    location(mix, &shown, turn);
}

static void take_note(struct mix *mix, const struct line *line, enum note note)
{
    if (note == NOTE_SESSION) {
        place_waiting(mix);
        turns_restart(&mix->turns);
    }
    give_note(mix, line, note);
    if (mix->row->tell)
        take_told(mix, line);
}

/* Returns true if the line continues a reply that a note quotes. */
static bool is_quoted(struct mix *mix, struct slice line)
{
    if (mix->quoted == 0 || !looks_like_reply(line) || reply_code(line) != mix->quoted) {
        mix->quoted = 0;
        return false;
    }
    if (line.size == 3 || line.data[3] != '-')
        mix->quoted = 0;
    return true;
}

/* Takes a line of the file, without the blanks before it and as the terminal showed it. */
static bool take_line(struct mix *mix, struct slice text, uint64_t number)
{
    struct line line = {.raw = text, .number = number, .column = 1};
    while (text.size > 0 && text.data[text.size - 1] == '\r')
        text.size--; /* a terminal adds a CR to the one that was sent */
    while (line.column <= mix->indent && text.size > 0 && ascii_space(text.data[0])) {
        text = slice_after(text, 1);
        line.column++;
    }
    line.payload = text;
    if (!mix->turns.follower.content && terminal_was_edited(text)) {
        if (mix->screen_capacity < text.size) {
            char *larger = realloc(mix->screen, text.size);
            if (!larger)
                return false;
            mix->screen = larger;
            mix->screen_capacity = text.size;
        }
        line.payload = terminal_shows(text, mix->screen);
        line.end_column = line.column + (uint32_t)text.size;
    }
    const struct mix_note *note = mix->turns.follower.content ? NULL : note_of(mix, line.payload);
    if (is_quoted(mix, line.payload))
        give_note(mix, &line, NOTE_PLAIN);
    else if (note)
        take_note(mix, &line, note->note);
    else if (mix->row->client)
        take_marked(mix, &line);
    else
        take(mix, &line);
    return true;
}

/* Finds out from the head how far the recording is indented, whether it shows messages, and
 * whether it begins in the middle of one. */
static void look_at_head(struct mix *mix, struct slice head)
{
    size_t least = SIZE_MAX;
    bool data = false, commands = false, dot = false;
    while (head.size > 0) {
        struct slice line = head_line(&head);
        struct slice text = slice_trim(line);
        commands = commands || turns_of(&mix->turns, text) == TURN_COMMAND;
        size_t blanks = (size_t)(text.data - line.data);
        bool reply = looks_like_reply(text);
        if (reply && blanks < least)
            least = blanks;
        mix->headless = mix->headless || (dot && reply && !data);
        dot = slice_equal(text, SLICE("."));
        mix->turns.messages_shown = mix->turns.messages_shown || dot;
        data = data || slice_equal_nocase(text, SLICE("DATA")) || slice_starts(text, SLICE("354"));
    }
    mix->indent = least == SIZE_MAX ? 0 : least;
    mix->half = mix->row->half && !commands;
    mix->headless = mix->headless && !mix->half;
    mix->turns.follower.content = mix->headless;
}

static void mix_free(struct mix *mix)
{
    if (!mix)
        return;
    free(mix->screen);
    free(mix);
}

static struct mix *mix_new(const struct format *format, struct slice head,
                           const struct line_sink *sink)
{
    struct mix *mix = calloc(1, sizeof *mix);
    if (!mix)
        return NULL;
    mix->row = format->detail;
    mix->sink = sink;
    turns_restart(&mix->turns);
    look_at_head(mix, head);
    return mix;
}

static bool starts_with_one(struct slice line, const char *const words[MIX_WORDS_MAX])
{
    for (size_t i = 0; i < MIX_WORDS_MAX && words[i]; i++)
        if (slice_starts(line, slice_of(words[i])))
            return true;
    return false;
}

/* Returns true if the replies are those of SMTP: FTP and others use the same codes. */
static bool speaks_smtp(struct slice head)
{
    static const char *const signs[] = {"250-PIPELINING", "250-SIZE", "250-8BITMIME", "354 "};
    while (head.size > 0) {
        struct slice line = slice_trim(head_line(&head));
        if (slice_starts(line, SLICE("220")) && (holds(line, SLICE("SMTP"))))
            return true;
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
            if (slice_starts(line, slice_of(signs[i])))
                return true;
    }
    return false;
}

static struct fit unmarked_recognise(const struct format *format, struct slice head)
{
    const struct mix_row *row = format->detail;
    struct mix *mix = mix_new(format, head, NULL);
    struct slice rest = head;
    struct fit fit = {0};
    if (!mix)
        return (struct fit){.no_memory = true};
    /* A dump of packets has the same lines in it, and binary ones. */
    mix->tally.never = slice_find(head, '\0') < head.size;
    mix->tally.needed = !row->needs[0];
    while (rest.size > 0 && !mix->tally.never) {
        struct slice line = head_line(&rest);
        mix->tally.needed = mix->tally.needed || starts_with_one(line, row->needs);
        mix->tally.never = !mix->turns.follower.content && starts_with_one(line, row->never);
        if (!take_line(mix, line, 1)) {
            mix_free(mix);
            return (struct fit){.no_memory = true};
        }
    }
    place_waiting(mix);
    struct tally tally = mix->tally;
    bool proved = mix->half ? tally.replies >= 3 && tally.replies > tally.texts && speaks_smtp(head)
                            : mix->turns.proofs > 0 && tally.commands > 0 && !row->half_only;
    /* A session quoted in a long text is part of that text. */
    bool enough = row->needs[0] || (tally.commands + tally.replies) * 4 >= tally.texts;
    if (proved && enough && tally.needed && !tally.never) {
        fit.commands = tally.commands;
        fit.replies = tally.replies;
    }
    mix_free(mix);
    return fit;
}

static bool unmarked_open(struct reader *reader, struct slice head)
{
    reader->state = mix_new(reader->format, head, reader->sink);
    return reader->state != NULL;
}

static bool unmarked_read(struct reader *reader, const struct source_line *source)
{
    return take_line(reader->state, source->text, source->number);
}

static bool unmarked_finish(struct reader *reader)
{
    struct mix *mix = reader->state;
    if (mix->waiting == WAITING_REPLY_AND_COMMAND)
        place_swapped(mix);
    else
        place_waiting(mix);
    return true;
}

static void unmarked_close(struct reader *reader)
{
    mix_free(reader->state);
}

const struct format_family unmarked_family = {
    .recognise = unmarked_recognise,
    .open = unmarked_open,
    .read = unmarked_read,
    .finish = unmarked_finish,
    .close = unmarked_close,
};
