/* letters.c - reads transcripts with "C:" and "S:" in all the ways they are written.
 */
#include "transcript/formats/letters.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/formats/unwrap.h"

/* The spacing of a recording, learnt from its head. */
struct spacing {
    size_t blanks[2]; /* of each side between mark and text; more than one: columns */
};

/* Returns the length of "C" or "Client" at the head of `line`, in any case; 0 if it is not
 * there. */
static size_t word_at(struct slice line, struct slice letter, struct slice word)
{
    if (slice_starts_nocase(line, word))
        return word.size;
    return slice_starts_nocase(line, letter) ? letter.size : 0;
}

/* Recognises "C:" and "S:", the usual marks. */
static inline enum side usual_mark(struct slice line)
{
    if (line.size < 2 || line.data[1] != ':')
        return SIDE_UNMARKED;
    return line.data[0] == 'C' ? SIDE_CLIENT : line.data[0] == 'S' ? SIDE_SERVER : SIDE_UNMARKED;
}

enum side letter_mark(struct slice line, size_t *length)
{
    enum side usual = usual_mark(line);
    if (usual != SIDE_UNMARKED) {
        *length = 2;
        return usual;
    }
    size_t at = 0;
    while (at < line.size && ascii_space(line.data[at]))
        at++;
    char bracket = at < line.size ? line.data[at] : '\0';
    if (bracket == '[' || bracket == '<')
        at++;
    else
        bracket = '\0';
    struct slice rest = slice_after(line, at);
    size_t client = word_at(rest, SLICE("C"), SLICE("CLIENT"));
    size_t server = client ? 0 : word_at(rest, SLICE("S"), SLICE("SERVER"));
    if (client + server == 0)
        return SIDE_UNMARKED;
    at += client + server;
    if (bracket == '[' || bracket == '<') {
        if (at >= line.size || line.data[at] != (bracket == '[' ? ']' : '>'))
            return SIDE_UNMARKED;
        *length = at + 1;
        return client ? SIDE_CLIENT : SIDE_SERVER;
    }
    while (at < line.size && ascii_space(line.data[at]))
        at++;
    if (at >= line.size ||
        (line.data[at] != ':' && line.data[at] != '>' && !(line.data[at] == '<' && server)))
        return SIDE_UNMARKED;
    *length = at + 1;
    return client ? SIDE_CLIENT : SIDE_SERVER;
}

/* Returns the side of a line, and sets *length to the octets of its mark. */
static enum side side_of(struct slice line, size_t *length, enum note *note)
{
    *note = NOTE_PLAIN;
    *length = 0;
    enum side side = letter_mark(line, length);
    if (side != SIDE_UNMARKED || line.size == 0 || line.data[0] != '#')
        return side;
    if (slice_starts_nocase(line, SLICE("# session")))
        *note = NOTE_SESSION;
    struct slice text = slice_trim(slice_after(line, 1));
    if (slice_starts(text, SLICE("smtpseq:"))) {
        *note = NOTE_REMARK;
        *length = (size_t)(text.data - line.data) + 8;
    }
    return SIDE_NOTE;
}

static size_t leading_blanks(struct slice text)
{
    size_t count = 0;
    while (count < text.size && ascii_space(text.data[count]))
        count++;
    return count;
}

static struct fit letters_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct fit fit = {0};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        enum note note;
        size_t length;
        enum side side = side_of(line, &length, &note);
        struct slice payload = slice_trim(slice_after(line, length));
        if (side == SIDE_CLIENT)
            fit.commands += looks_like_command(payload);
        else if (side == SIDE_SERVER)
            fit.replies += looks_like_reply(payload);
        fit.form += note == NOTE_SESSION ? 4 : 0; /* no program writes that but `smtpseq export` */
    }
    return fit;
}

/* Returns true if every complete line has "C:" or "S:", every server's line is a reply, there are commands,
 * and nothing speaks for a wrapping: a tail, lines that are there twice. */
static bool letters_are_sure(const struct format *format, struct slice head, struct fit *fit)
{
    (void)format;
    *fit = (struct fit){0};
    struct line_runs runs = {.length = 0};
    while (slice_find(head, '\n') < head.size) {
        struct slice line = head_line(&head);
        enum side side = usual_mark(line);
        struct slice payload = slice_trim(slice_after(line, 2));
        if (side == SIDE_UNMARKED || (side == SIDE_SERVER && !looks_like_reply(payload)) ||
            slice_ends(payload, SLICE("\\")) || without_written_end(payload).size < payload.size ||
            (side == SIDE_SERVER && unsent_tail_at(payload) < payload.size))
            return false;
        line_runs_add(&runs, line, true);
        if (side == SIDE_SERVER)
            fit->replies++;
        else
            fit->commands += looks_like_command(payload);
    }
    return fit->commands >= 2 && fit->replies >= 2 && !line_runs_are_pairs(&runs);
}

/* Learns how many blanks are between mark and text on every line: they are not part of the text. */
static bool letters_open(struct reader *reader, struct slice head)
{
    struct spacing *spacing = calloc(1, sizeof *spacing);
    reader->state = spacing;
    if (!spacing)
        return false;
    size_t least[2] = {SIZE_MAX, SIZE_MAX};
    while (head.size > 0) {
        struct slice line = head_line(&head);
        size_t length = 0;
        enum side side = letter_mark(line, &length);
        struct slice payload = slice_after(line, length);
        size_t blanks = side == SIDE_UNMARKED ? 0 : leading_blanks(payload);
        if (side == SIDE_UNMARKED || blanks == payload.size)
            continue;
        size_t *side_least = &least[side];
        if (blanks < *side_least)
            *side_least = blanks;
    }
    for (int i = 0; i < 2; i++)
        spacing->blanks[i] = least[i] == SIZE_MAX ? 1 : least[i];
    return true;
}

/* Returns the octets of the mark, which has `mark` octets, and of the blanks after it. */
static inline size_t mark_end(const struct spacing *spacing, enum side side, struct slice text,
                              size_t mark)
{
    size_t end = mark + spacing->blanks[side];
    size_t length = mark;
    while (length < end && length < text.size && ascii_space(text.data[length]))
        length++;
    return length;
}

/* Sets a line whose first `length` octets are mark and blanks. Field by field: copying a struct
 * that was just written stalls the processor. */
static inline void set_line(struct line *line, enum side side, const struct source_line *source,
                            size_t length)
{
    line->side = side;
    line->end = LINE_END_UNKNOWN;
    line->payload.data = source->text.data + length;
    line->payload.size = source->text.size - length;
    line->raw.data = source->text.data;
    line->raw.size = source->text.size;
    line->number = source->number;
    line->column = (uint32_t)length + 1; /* a line is not longer than SOURCE_LINE_MAX */
    line->end_column = 0;
    line->note = NOTE_PLAIN;
    line->unended = line->open = false;
    line->part = 0;
    line->session = 0;
    line->session_name = SLICE("");
}

static bool letters_line(const struct reader *reader, const struct source_line *source,
                         struct line *line)
{
    enum side side = usual_mark(source->text);
    if (side == SIDE_UNMARKED)
        return false;
    set_line(line, side, source, mark_end(reader->state, side, source->text, 2));
    return true;
}

static bool letters_read(struct reader *reader, const struct source_line *source)
{
    struct slice text = source->text;
    struct line line;
    enum note note = NOTE_PLAIN;
    size_t length = 0;
    enum side side = side_of(text, &length, &note);
    if (side == SIDE_CLIENT || side == SIDE_SERVER) {
        length = mark_end(reader->state, side, text, length);
    } else if (side == SIDE_UNMARKED && text.size == length) {
        side = SIDE_NOTE;
        note = NOTE_SEPARATOR;
    }
    set_line(&line, side, source, length);
    line.note = note;
    reader->sink->line(reader->sink->context, &line);
    return true;
}

/* "C: text", too long for a dot with blanks before it. Lines longer than a message may have are not
 * skipped. */
static bool letters_text_form(const struct reader *reader, struct line_form *form)
{
    const struct spacing *spacing = reader->state;
    *form = (struct line_form){
        .begin = {'C', ':'},
        .least = 2 + spacing->blanks[SIDE_CLIENT] + 2,
        .most = 512,
    };
    return true;
}

/* Each line is read by itself. */
static bool letters_rest(const struct reader *reader, uint64_t *memory)
{
    (void)reader;
    *memory = 0;
    return true;
}

static void letters_close(struct reader *reader)
{
    free(reader->state);
}

const struct format_family letters_family = {
    .recognise = letters_recognise,
    .is_sure = letters_are_sure,
    .open = letters_open,
    .read = letters_read,
    .line = letters_line,
    .text_form = letters_text_form,
    .rests = letters_rest,
    .close = letters_close,
};
