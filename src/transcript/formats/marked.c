/* marked.c - the marks of a format, made ready, and how well they fit a recording.
 */
#include "smtp/look.h"
#include "transcript/formats/marked.h"

#include <stdlib.h>

static bool compile_list(struct mark marks[], size_t *count, const char *const patterns[],
                         size_t most)
{
    *count = 0;
    while (*count < most && patterns[*count]) {
        if (!mark_compile(&marks[*count], patterns[*count]))
            return false;
        (*count)++;
    }
    return true;
}

static void copy_tail(char room[TAIL_MAX], const char *tail)
{
    size_t size = tail ? strlen(tail) : 0;
    if (size >= TAIL_MAX)
        size = TAIL_MAX - 1;
    if (size > 0)
        memcpy(room, tail, size);
    room[size] = '\0';
}

bool marks_compile(struct marks *marks, const struct marks_row *row)
{
    *marks = (struct marks){.row = *row};
    copy_tail(marks->client_tail, row->client_tail);
    copy_tail(marks->server_tail, row->server_tail);
    for (size_t i = 0; i < NOTES_MAX && row->notes[i].mark; i++) {
        if (!mark_compile(&marks->notes[i], row->notes[i].mark))
            return false;
        marks->note_kinds[i] = row->notes[i].note;
        marks->note_count++;
    }
    for (size_t i = 0; i < 2 && row->told[i].mark; i++) {
        if (!mark_compile(&marks->told[i], row->told[i].mark))
            return false;
        marks->tolds++;
    }
    if (!compile_list(marks->client, &marks->clients, row->client, MARKS_MAX) ||
        !compile_list(marks->server, &marks->servers, row->server, MARKS_MAX) ||
        !compile_list(marks->bare, &marks->bares, row->bare, 2) ||
        !compile_list(marks->content, &marks->contents, row->content, 2))
        return false;
    marks_index(marks);
    return true;
}

/* The bits of `may`, in the order in which the marks are tried: notes may begin with a mark of a side
 * ("<** Timeout ..."). */
enum {
    NOTE_BIT = 0,
    CLIENT_BIT = NOTES_MAX,
    SERVER_BIT = CLIENT_BIT + MARKS_MAX,
    BARE_BIT = SERVER_BIT + MARKS_MAX,
    BITS = BARE_BIT + 2
};
_Static_assert(BITS <= 32, "a bit for each mark");

static void index_list(struct marks *marks, const struct mark list[], size_t count, unsigned bit)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned octet = 0; octet < 256; octet++)
            if (mark_may_begin(&list[i], (unsigned char)octet))
                marks->may[octet] |= UINT32_C(1) << (bit + i);
}

void marks_index(struct marks *marks)
{
    memset(marks->may, 0, sizeof marks->may);
    index_list(marks, marks->notes, marks->note_count, NOTE_BIT);
    index_list(marks, marks->client, marks->clients, CLIENT_BIT);
    index_list(marks, marks->server, marks->servers, SERVER_BIT);
    index_list(marks, marks->bare, marks->bares, BARE_BIT);
}

/* The marks that the line can have, by its first octet. */
static uint32_t may_have(const struct marks *marks, struct slice line)
{
    return line.size > 0 ? marks->may[(unsigned char)line.data[0]] : UINT32_MAX;
}

/* The first mark of a list that matches; -1 when none does. */
static int match_any(const struct mark marks[], size_t count, uint32_t may, struct slice line,
                     struct mark_found *found)
{
    for (size_t i = 0; i < count; i++)
        if ((may >> i & 1) && mark_match(&marks[i], line, found))
            return (int)i;
    return -1;
}

/* "14:22:01.123456 ": how long, 0 if there is none. */
static size_t time_at(struct slice line)
{
    size_t digits = 0, colons = 0, at = 0;
    while (at < line.size && !ascii_space(line.data[at])) {
        char c = line.data[at++];
        digits += ascii_digit(c);
        colons += c == ':';
        if (!ascii_digit(c) && (c == '\0' || !strchr(":.,-+TZ", c)))
            return 0;
    }
    return at < line.size && colons >= 1 && digits >= 4 ? at + 1 : 0;
}

/* Whether the payload is as it must be: where text is quoted, what is not is a note ("reply: retcode
 * (250); Msg: ..."). */
static bool payload_fits(const struct marks *marks, struct slice payload)
{
    size_t quote;
    return marks->row.quoting != QUOTING_LITERAL || literal_begins(payload, &quote);
}

/* Of learnt marks one may be the beginning of another: the longer one has it. */
static enum side side_by_length(const struct marks *marks, uint32_t may, struct slice line,
                                struct mark_found *found)
{
    struct mark_found each;
    enum side side = SIDE_UNMARKED;
    *found = (struct mark_found){0};
    for (size_t i = 0; i < marks->clients + marks->servers; i++) {
        bool client = i < marks->clients;
        size_t location = client ? i : i - marks->clients;
        const struct mark *mark = client ? &marks->client[location] : &marks->server[location];
        if (!(may >> ((client ? (size_t)CLIENT_BIT : SERVER_BIT) + location) & 1) ||
            !mark_match(mark, line, &each) ||
            (side != SIDE_UNMARKED && each.length <= found->length) ||
            !payload_fits(marks, slice_after(line, each.length)))
            continue;
        *found = each;
        side = client ? SIDE_CLIENT : SIDE_SERVER;
    }
    if (side == SIDE_UNMARKED &&
        match_any(marks->bare, marks->bares, may >> BARE_BIT, line, found) < 0)
        *found = (struct mark_found){0};
    return side;
}

/* By the marks at the head of `line`, no time before them. */
static enum side side_at(const struct marks *marks, struct slice line, struct mark_found *found,
                         enum note *note)
{
    uint32_t may = may_have(marks, line);
    *found = (struct mark_found){0};
    if (may == 0)
        return SIDE_UNMARKED;
    if (marks->learnt)
        return side_by_length(marks, may, line, found);
    int index = match_any(marks->notes, marks->note_count, may >> NOTE_BIT, line, found);
    if (index >= 0) {
        *note = marks->note_kinds[index];
        return SIDE_NOTE;
    }
    if (match_any(marks->client, marks->clients, may >> CLIENT_BIT, line, found) >= 0)
        return payload_fits(marks, slice_after(line, found->length)) ? SIDE_CLIENT : SIDE_NOTE;
    if (match_any(marks->server, marks->servers, may >> SERVER_BIT, line, found) >= 0)
        return payload_fits(marks, slice_after(line, found->length)) ? SIDE_SERVER : SIDE_NOTE;
    if (match_any(marks->bare, marks->bares, may >> BARE_BIT, line, found) < 0)
        *found = (struct mark_found){0};
    return SIDE_UNMARKED;
}

enum side marks_side(const struct marks *marks, struct slice line, struct mark_found *found,
                     enum note *note)
{
    size_t time = marks->row.time_may_precede ? time_at(line) : 0;
    *note = NOTE_PLAIN;
    enum side side = side_at(marks, slice_after(line, time), found, note);
    found->length += time;
    return side;
}

struct slice tail_cut(struct slice payload, const char *tail)
{
    size_t left = strlen(tail), at = payload.size;
    if (left == 0)
        return payload;
    while (left > 0) {
        char wanted = tail[--left];
        if (at == 0)
            return payload;
        if (wanted == '#') {
            size_t digits = at;
            while (digits > 0 && ascii_digit(payload.data[digits - 1]))
                digits--;
            if (digits == at)
                return payload;
            at = digits;
        } else if (payload.data[--at] != wanted) {
            return payload;
        }
    }
    return slice_head(payload, at);
}

struct slice tail_cut_begun(struct slice payload, const char *tail)
{
    for (size_t size = strlen(tail); size > 0; size--)
        if (slice_ends(payload, (struct slice){tail, size}))
            return slice_head(payload, payload.size - size);
    return payload;
}

/* What is looked at to find out whose line it is: without quote and tail. */
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

/* "DATA~": what follows the word, when it is the same for all such commands of the head. */
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

/* What was counted in the head. */
struct tally {
    struct fit fit;    /* as the marks say */
    struct fit turned; /* with the sides changed */
    unsigned marked, with_cr;
    unsigned continued; /* lines without a mark that go on with one that has it */
};

/* Whether the octet behind a line of the head is a CR. */
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
    int code =
        reply ? (payload.data[0] - '0') * 100 + (payload.data[1] - '0') * 10 + payload.data[2] - '0'
              : 0;
    bool more = reply && payload.size > 3 && payload.data[3] == '-';
    if (side == SIDE_CLIENT || side == SIDE_SERVER) {
        tally->marked++;
        tally->with_cr += cr;
        struct fit *fit = side == SIDE_CLIENT ? &tally->fit : &tally->turned;
        struct fit *other = side == SIDE_CLIENT ? &tally->turned : &tally->fit;
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

/* Makes the marks ready and fits them to the head. */
static bool marks_prepare(struct marks *marks, const struct marks_row *row, struct slice head,
                          struct tally *tally)
{
    if (!marks_compile(marks, row))
        return false;
    if (marks->client_tail[0] == '?')
        learn_tail(marks, head);
    *tally = tally_head(marks, head);
    unsigned as_is = tally->fit.commands + tally->fit.replies;
    unsigned turned = tally->turned.commands + tally->turned.replies;
    marks->turned = row->either_side && turned > as_is;
    marks->with_cr = tally->with_cr * 2 > tally->marked;
    return true;
}

static struct fit marked_recognise(const struct format *format, struct slice head)
{
    struct marks marks;
    struct tally tally;
    if (!marks_prepare(&marks, format->detail, head, &tally))
        return (struct fit){0};
    struct fit fit = marks.turned ? tally.turned : tally.fit;
    if (fit.commands + fit.replies > 0)
        fit.replies += tally.continued;
    return fit;
}

bool marked_is_sure(const struct format *format, struct slice head)
{
    struct marks marks;
    const struct marks_row *row = format->detail;
    if (format->family != &marked_family || !row->common_marks)
        return true;
    if (!marks_compile(&marks, row))
        return false;
    while (head.size > 0) {
        struct mark_found found;
        enum note note;
        if (marks_side(&marks, head_line(&head), &found, &note) == SIDE_NOTE)
            return true;
    }
    return false;
}

static bool marked_open(struct reader *reader, struct slice head)
{
    struct marks marks;
    struct tally tally;
    if (!marks_prepare(&marks, reader->format->detail, head, &tally))
        return false;
    reader->state = marked_reader_new(&marks);
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

static void marked_close(struct reader *reader)
{
    marked_reader_free(reader->state);
}

const struct format_family marked_family = {
    .recognise = marked_recognise,
    .open = marked_open,
    .read = marked_read,
    .finish = marked_finish,
    .close = marked_close,
};
