/* marks.c - compiles the marks of a row, and finds them in a line.
 */
#include "transcript/formats/marks.h"

#include <pthread.h>
#include <string.h>

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
    for (size_t i = 0; i < 2 && row->implied[i].mark; i++) {
        if (!mark_compile(&marks->implied[i], row->implied[i].mark))
            return false;
        marks->implied_count++;
    }
    if (!compile_list(marks->client, &marks->clients, row->client, MARKS_MAX) ||
        !compile_list(marks->server, &marks->servers, row->server, MARKS_MAX) ||
        !compile_list(marks->bare, &marks->bares, row->bare, 2) ||
        !compile_list(marks->content, &marks->contents, row->content, 2))
        return false;
    marks_index(marks);
    return true;
}

/* The bits of `may`, in the order in which the marks are tried: notes may begin with a mark of a
 * side ("<** Timeout ..."). */
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

/* Every row is tried on every recording: to compile it once saves a third of the time of a short one. */
const struct marks *marks_of_row(const struct marks_row *row)
{
    static struct {
        const struct marks_row *row;
        struct marks marks;
    } cache[ROWS_WITH_MARKS_MAX];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    const struct marks *marks = NULL;
    pthread_mutex_lock(&lock);
    size_t i = 0;
    while (i < ROWS_WITH_MARKS_MAX && cache[i].row && cache[i].row != row)
        i++;
    if (i < ROWS_WITH_MARKS_MAX) {
        if (!cache[i].row && marks_compile(&cache[i].marks, row))
            cache[i].row = row;
        marks = cache[i].row ? &cache[i].marks : NULL;
    }
    pthread_mutex_unlock(&lock);
    return marks;
}

/* Returns the marks that the line can have, by its first octet. */
static uint32_t may_have(const struct marks *marks, struct slice line)
{
    return line.size > 0 ? marks->may[(unsigned char)line.data[0]] : UINT32_MAX;
}

/* Returns the index of the first mark of a list that matches; -1 if none does. */
static int match_any(const struct mark marks[], size_t count, uint32_t may, struct slice line,
                     struct mark_found *found)
{
    for (size_t i = 0; i < count; i++)
        if ((may >> i & 1) && mark_match(&marks[i], line, found))
            return (int)i;
    return -1;
}

/* The heading of a test is not longer. */
#define TEST_HEADING_MAX 240

/* Returns the length of a time like "14:22:01.123456 " at the head of a line; 0 if there is
 * none. */
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

/* Returns true if the payload is valid: if the format quotes text, an unquoted line is a note
 * ("reply: retcode (250); Msg: ..."). */
static bool payload_fits(const struct marks *marks, struct slice payload)
{
    size_t quote;
    return marks->row.quoting != QUOTING_LITERAL || literal_begins(payload, &quote);
}

/* Returns the side by the longest mark that matches: a learnt mark may begin with another one. */
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
        found->by_text = client && marks->by_text[location];
        side = client ? SIDE_CLIENT : SIDE_SERVER;
    }
    if (side == SIDE_UNMARKED &&
        match_any(marks->bare, marks->bares, may >> BARE_BIT, line, found) < 0)
        *found = (struct mark_found){0};
    return side;
}

/* Returns the side by the marks at the head of `line`, with no time before them. */
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

/* Returns the length of "test_send (tests.TestMail) ... " or "Sends a mail. ... " at the head of a line, as
 * unittest begins a line that the test goes on with; 0 if there is none. */
static size_t test_heading_at(struct slice line)
{
    const struct slice dots = SLICE(" ... ");
    struct slice head = slice_head(line, TEST_HEADING_MAX);
    for (size_t at = 0; at + dots.size <= head.size; at++)
        if (head.data[at] == ' ' && slice_starts(slice_after(head, at), dots))
            return at + dots.size;
    return 0;
}

enum side marks_side(const struct marks *marks, struct slice line, struct mark_found *found,
                     enum note *note)
{
    size_t before = marks->row.time_may_precede ? time_at(line) : 0;
    *note = NOTE_PLAIN;
    enum side side = side_at(marks, slice_after(line, before), found, note);
    size_t heading =
        side == SIDE_UNMARKED && marks->row.test_may_precede ? test_heading_at(line) : 0;
    if (heading > 0) {
        side = side_at(marks, slice_after(line, heading), found, note);
        before = side == SIDE_UNMARKED ? before : heading;
    }
    found->length += before;
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
