/* marked.c - how well the marks of a format fit a recording, and the family of readers.
 */
#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/marked.h"

/* Returns the payload without quote and tail, for looks_like_reply and looks_like_command. */
static struct slice look_of(const struct marks *marks, struct slice payload, bool client)
{
    size_t quote;
    payload = tail_cut(payload, client ? marks->client_tail : marks->server_tail);
    if (marks->row.quoting == QUOTING_LITERAL && literal_begins(payload, &quote)) {
        payload = slice_after(payload, quote + 1);
        size_t end = 0;
        while (end < payload.size && payload.data[end] != '\\' && payload.data[end] != '\'' &&
               payload.data[end] != '"')
            end++;
        payload = slice_head(payload, end);
    } else if (marks->row.quoting == QUOTING_HTML) {
        /* "MAIL FROM:&lt;a" is as good as "MAIL FROM:<a" here. */
        payload = slice_head(payload, slice_find(payload, '&') + 1);
    }
    return slice_trim(payload);
}

/* Learns the tail of the client's lines, such as the ~ of "DATA~". */
static void learn_tail(struct marks *marks, struct slice head)
{
    static const char *const words[] = {"DATA", "QUIT", "RSET"};
    marks->client_tail[0] = '\0';
    while (head.size > 0) {
        struct slice line = head_line(&head);
        struct mark_found found;
        enum note note;
        if (marks_side(marks, line, &found, &note) != SIDE_CLIENT)
            continue;
        struct slice payload = slice_after(line, found.length);
        for (size_t i = 0; i < 3; i++) {
            struct slice word = slice_of(words[i]);
            if (!slice_starts_nocase(payload, word) || payload.size - word.size >= 8)
                continue;
            memcpy(marks->client_tail, payload.data + word.size, payload.size - word.size);
            marks->client_tail[payload.size - word.size] = '\0';
            return;
        }
    }
}

/* Counts for the head. */
struct tally {
    struct fit fit;     /* as the marks say */
    struct fit swapped; /* with the sides swapped */
    unsigned marked, with_cr;
    unsigned continued; /* lines without a mark that continue one with a mark */
};

/* Returns true if the octet after a line of the head is a CR. */
static bool cr_follows(struct slice line, struct slice rest)
{
    return rest.size > 0 && line.data + line.size < rest.data && line.data[line.size] == '\r';
}

static void tally_line(const struct marks *marks, struct slice line, bool cr, enum side *last,
                       int *open, struct tally *tally)
{
    struct mark_found found;
    enum note note;
    enum side side = marks_side(marks, line, &found, &note);
    if (side == SIDE_NOTE || (side == SIDE_UNMARKED && *open == 0 && !marks->row.one_a_write))
        return;
    struct slice payload = look_of(marks, slice_after(line, found.length), side == SIDE_CLIENT);
    bool reply = looks_like_reply(payload), command = !reply && looks_like_command(payload);
    int code = reply ? reply_code(payload) : 0;
    bool more = reply && payload.size > 3 && payload.data[3] == '-';
    if (side == SIDE_CLIENT || side == SIDE_SERVER) {
        tally->marked++;
        tally->with_cr += cr;
        struct fit *fit = side == SIDE_CLIENT ? &tally->fit : &tally->swapped;
        struct fit *other = side == SIDE_CLIENT ? &tally->swapped : &tally->fit;
        fit->commands += command;
        other->replies += reply;
        *last = side;
        *open = more ? code : 0;
        return;
    }
    bool goes_on = reply && code == *open && marks->row.continuation == CONTINUED_BARE;
    if (marks->row.one_a_write && cr)
        goes_on = goes_on || (*last == SIDE_CLIENT && command) || (*last == SIDE_SERVER && reply);
    if (!goes_on) {
        *open = 0;
        return;
    }
    tally->continued++;
    *open = more ? code : 0;
}

static struct tally tally_head(const struct marks *marks, struct slice head)
{
    struct tally tally = {0};
    enum side last = SIDE_NOTE;
    int open = 0;
    while (head.size > 0) {
        struct slice line = head_line(&head);
        tally_line(marks, line, cr_follows(line, head), &last, &open, &tally);
    }
    return tally;
}

/* The marks of a row as the head shows them. */
struct fitted {
    const struct marks *marks; /* of the row, or `room` */
    struct marks room;         /* with a tail that is learnt from the head */
    struct tally tally;
    bool swapped;
};

/* Returns false if a pattern of the row is too long. */
static bool fit_row(struct fitted *fitted, const struct marks_row *row, struct slice head)
{
    const struct marks *marks = fitted->marks = marks_of_row(row);
    if (!marks)
        return false;
    if (marks->client_tail[0] == '?') {
        fitted->room = *marks;
        learn_tail(&fitted->room, head);
        fitted->marks = &fitted->room;
    }
    fitted->tally = tally_head(fitted->marks, head);
    unsigned as_is = fitted->tally.fit.commands + fitted->tally.fit.replies;
    unsigned swapped = fitted->tally.swapped.commands + fitted->tally.swapped.replies;
    fitted->swapped = row->either_side && swapped > as_is;
    return true;
}

static struct fit marked_recognise(const struct format *format, struct slice head)
{
    struct fitted fitted;
    if (!fit_row(&fitted, format->detail, head))
        return (struct fit){0};
    struct fit fit = fitted.swapped ? fitted.tally.swapped : fitted.tally.fit;
    if (fit.commands + fit.replies > 0)
        fit.replies += fitted.tally.continued;
    return fit;
}

bool marked_is_sure(const struct format *format, struct slice head)
{
    const struct marks_row *row = format->detail;
    if (format->family != &marked_family || !row->common_marks)
        return true;
    const struct marks *marks = marks_of_row(row);
    if (!marks)
        return false;
    while (head.size > 0) {
        struct mark_found found;
        enum note note;
        if (marks_side(marks, head_line(&head), &found, &note) == SIDE_NOTE)
            return true;
    }
    return false;
}

static bool marked_open(struct reader *reader, struct slice head)
{
    struct fitted fitted;
    if (!fit_row(&fitted, reader->format->detail, head))
        return false;
    if (fitted.marks != &fitted.room)
        fitted.room = *fitted.marks;
    fitted.room.swapped = fitted.swapped;
    fitted.room.with_cr = fitted.tally.with_cr * 2 > fitted.tally.marked;
    reader->state = marked_reader_new(&fitted.room);
    return reader->state != NULL;
}

static bool marked_read(struct reader *reader, const struct source_line *line)
{
    return marked_reader_read(reader->state, line, reader->sink);
}

static bool marked_finish(struct reader *reader)
{
    return marked_reader_finish(reader->state, reader->sink);
}

static bool marked_rests(const struct reader *reader, uint64_t *memory)
{
    return marked_reader_rests(reader->state, memory);
}

static void marked_close(struct reader *reader)
{
    marked_reader_free(reader->state);
}

const struct format_family marked_family = {
    .recognise = marked_recognise,
    .open = marked_open,
    .read = marked_read,
    .finish = marked_finish,
    .rests = marked_rests,
    .close = marked_close,
};
