/* payload_form.c - quoting, what follows the payload, how replies go on, where messages are shown.
 */
#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/recognise/guess.h"

/* Lines of a message that are searched for its dot. */
#define BODY_LINES_MAX 4000

/* Returns true if the anchor is read as that side's. */
static bool is_of_side(const struct guess *guess, size_t index, enum side side)
{
    int shape = guess->shapes->of_anchor[index];
    enum side given = shape < 0 ? SIDE_NOTE : guess_side(guess, shape);
    if (given == SIDE_UNMARKED)
        given = guess->anchors->list[index].code ? SIDE_SERVER : SIDE_CLIENT;
    return given == side;
}

/* The text after a command without an argument, digits as #. */
static void tail_of(struct slice rest, char tail[TAIL_MAX])
{
    size_t size = 0;
    for (size_t i = 0; i < rest.size && size + 1 < TAIL_MAX; i++) {
        bool digit = ascii_digit(rest.data[i]);
        if (digit && size > 0 && tail[size - 1] == '#')
            continue;
        tail[size++] = digit ? '#' : rest.data[i];
    }
    tail[size] = '\0';
}

/* What follows the payload of an anchor, if that can be told: a verb without an argument ends it, or the
 * quote that was opened before it. */
static bool rest_after(const struct anchor *anchor, bool quoted, struct slice *rest)
{
    struct slice payload = slice_after(anchor->line, anchor->at);
    if (!quoted) {
        *rest = slice_after(payload, anchor->verb_size);
        return anchor->bare_verb;
    }
    bool open = false;
    for (size_t i = 0; i < anchor->at; i++)
        open ^= anchor->line.data[i] == '"';
    *rest = slice_after(payload, slice_find(payload, '"'));
    return open && !anchor->code && rest->size > 0;
}

/* The tail that most commands have. */
static void vote_tail(const struct anchors *anchors, bool quoted, char tail[TAIL_MAX])
{
    char tails[4][TAIL_MAX];
    unsigned votes[4] = {0};
    tail[0] = '\0';
    for (size_t i = 0; i < anchors->count; i++) {
        char found[TAIL_MAX];
        struct slice rest;
        if (!rest_after(&anchors->list[i], quoted, &rest))
            continue;
        tail_of(rest, found);
        for (size_t j = 0; j < 4; j++)
            if (votes[j] == 0 || strcmp(tails[j], found) == 0) {
                memcpy(tails[j], found, sizeof found);
                votes[j]++;
                break;
            }
    }
    size_t best = 0;
    for (size_t j = 1; j < 4; j++)
        best = votes[j] > votes[best] ? j : best;
    if (votes[best] > 0)
        memcpy(tail, tails[best], TAIL_MAX);
}

void learn_tail(const struct anchors *anchors, char tail[TAIL_MAX])
{
    vote_tail(anchors, false, tail);
    if (tail[0] == '\0')
        vote_tail(anchors, true, tail);
}

/* The tail of the commands, and whether the replies have it too, or at least its quote. */
static void learn_tails(const struct guess *guess, struct marks *marks)
{
    unsigned servers = 0, agreeing = 0, quoted = 0;
    learn_tail(guess->anchors, marks->client_tail);
    for (size_t i = 0; i < guess->anchors->count; i++) {
        const struct anchor *anchor = &guess->anchors->list[i];
        if (!is_of_side(guess, i, SIDE_SERVER))
            continue;
        servers++;
        agreeing += tail_cut(anchor->line, marks->client_tail).size < anchor->line.size;
        quoted += slice_ends(anchor->line, SLICE("\""));
    }
    if (agreeing * 10 >= servers * 8)
        memcpy(marks->server_tail, marks->client_tail, TAIL_MAX);
    else if (marks->client_tail[0] == '"' && quoted * 10 >= servers * 8)
        memcpy(marks->server_tail, "\"", 2);
}

/* Takes "\\r" and "\\n" off the head of a tail: what is left ends the text that they end lines of. */
static void cut_escapes(char tail[TAIL_MAX])
{
    size_t at = 0;
    while (tail[at] == '\\' && (tail[at + 1] == 'r' || tail[at + 1] == 'n'))
        at += 2;
    memmove(tail, tail + at, strlen(tail + at) + 1);
}

/* How the payload is quoted, by the main shapes and what follows the commands. */
static void learn_quoting(const struct guess *guess, struct marks *marks)
{
    unsigned entities = 0, brackets = 0;
    unsigned lines[2] = {0}, line_ends[2] = {0}; /* of the client, of the server */
    if (guess->shapes->list[guess->client].quoted || guess->shapes->list[guess->server].quoted) {
        marks->row.quoting = QUOTING_LITERAL;
        marks->client_tail[0] = marks->server_tail[0] = '\0';
    } else if (marks->client_tail[0] == '\\' && marks->client_tail[1] != '\0' &&
               strchr("rn", marks->client_tail[1])) {
        marks->row.quoting = QUOTING_ESCAPES;
        cut_escapes(marks->client_tail);
        cut_escapes(marks->server_tail);
    } else if (strncmp(marks->client_tail, "<CR", 3) == 0) {
        marks->row.quoting = QUOTING_CRLF;
        marks->client_tail[0] = marks->server_tail[0] = '\0';
    }
    for (size_t i = 0; i < guess->anchors->count; i++) {
        const struct anchor *anchor = &guess->anchors->list[i];
        if (!is_of_side(guess, i, anchor->code ? SIDE_SERVER : SIDE_CLIENT))
            continue;
        struct slice payload = slice_after(anchor->line, anchor->at);
        entities += slice_contains(payload, SLICE("&lt;"));
        brackets += slice_contains(payload, SLICE("<")) && !slice_contains(payload, SLICE("<br"));
        lines[anchor->code != 0]++;
        line_ends[anchor->code != 0] += slice_contains(payload, SLICE("\\n"));
    }
    if (marks->row.quoting == QUOTING_NONE && entities > brackets)
        marks->row.quoting = QUOTING_HTML;
    marks->row.pieces =
        (marks->row.quoting == QUOTING_LITERAL || marks->row.quoting == QUOTING_ESCAPES) &&
        line_ends[0] * 10 >= lines[0] * 8 && line_ends[1] * 10 >= lines[1] * 8;
}

/* "250-a[nl]250-b[nl]250 c": the octets that all pieces but the last end with. */
static void learn_joint(struct slice payload, struct slice *joint, bool *begun)
{
    struct slice rest = payload;
    for (size_t at = 4; at + 4 <= rest.size; at++) {
        if (memcmp(rest.data + at, payload.data, 3) != 0 ||
            (rest.data[at + 3] != '-' && rest.data[at + 3] != ' '))
            continue;
        struct slice piece = slice_head(rest, at);
        size_t same = 0;
        if (*begun)
            while (same < joint->size && same < piece.size &&
                   joint->data[joint->size - 1 - same] == piece.data[piece.size - 1 - same])
                same++;
        else
            same = piece.size - 4 < TAIL_MAX - 1 ? piece.size - 4 : TAIL_MAX - 1;
        *joint = slice_after(piece, piece.size - same);
        *begun = true;
        rest = slice_after(rest, at);
        at = 3;
    }
}

/* Returns true if lines of a reply are joined into one line of the log. */
static void learn_joined(const struct guess *guess, struct marks *marks)
{
    unsigned joined = 0, single = 0;
    struct slice joint = SLICE("");
    bool begun = false;
    for (size_t i = 0; i < guess->anchors->count; i++) {
        const struct anchor *anchor = &guess->anchors->list[i];
        if (!is_of_side(guess, i, SIDE_SERVER) || !anchor->more)
            continue;
        bool was = begun;
        struct slice before = joint;
        begun = false;
        learn_joint(slice_after(anchor->line, anchor->at), &joint, &begun);
        joined += begun;
        single += !begun;
        if (!begun || (was && before.size < joint.size)) /* the shorter one holds for both */
            joint = before;
        begun = begun || was;
    }
    if (joined <= single)
        return;
    marks->row.continuation = CONTINUED_JOINED;
    /* Letters and digits at its head are the texts'. */
    while (joint.size > 0 && word_octet(joint.data[0], false))
        joint = slice_after(joint, 1);
    if (joint.size > 0)
        memcpy(marks->joint, joint.data, joint.size);
}

/* The common beginning of both marks, up to a blank: lines without a mark begin with it too. */
static void learn_bare(const struct guess *guess, struct marks *marks)
{
    const struct shape *client = &guess->shapes->list[guess->client];
    const struct shape *server = &guess->shapes->list[guess->server];
    size_t size;
    shape_common((struct slice){client->text, client->size},
                 (struct slice){server->text, server->size}, guess->shapes->wide, &size);
    while (size > 0 && client->text[size - 1] != ' ')
        size--;
    struct shape bare = *server;
    bare.blanks = 1;
    if (size > 0 && size < server->size && size < client->size) {
        uint32_t keys = 0;
        for (size_t i = 0; i < 2; i++) {
            int word = key_word(guess->keys[i], shape_words(server));
            bare.size = size;
            keys |= word >= 0 && word < shape_words(&bare) ? UINT32_C(1) << word : 0;
        }
        if (shape_mark(&bare, size, guess->shapes->wide, keys, &marks->bare[0]))
            marks->bares = 1;
    }
}

/* Returns true if messages are shown without a mark: after the 354 come bare lines, up to a
 * dot. */
static void learn_body(const struct guess *guess, struct slice head, struct marks *marks)
{
    bool content = false, first = false;
    size_t left = 0;
    (void)guess;
    while (head.size > 0) {
        struct slice line = head_line(&head);
        struct mark_found found;
        enum note note;
        enum side side = marks_side(marks, line, &found, &note);
        struct slice payload = slice_after(line, found.length);
        size_t quote;
        if (marks->row.quoting == QUOTING_LITERAL && literal_begins(payload, &quote))
            payload = slice_after(payload, quote + 1);
        if (found.by_text)
            side = looks_like_reply(payload) ? SIDE_SERVER : SIDE_CLIENT;
        if (side == SIDE_SERVER && !content) {
            content = first = slice_starts(payload, SLICE("354"));
            left = BODY_LINES_MAX;
        } else if (content && first && found.by_text && side == SIDE_CLIENT &&
                   !looks_like_command(payload)) {
            first = false; /* the message is one entry, whose first line alone is marked */
        } else if (content && first && side != SIDE_UNMARKED) {
            content = false; /* marked, or not shown */
        } else if (content) {
            first = false;
            if (side == SIDE_UNMARKED && slice_equal(payload, SLICE("."))) {
                marks->row.body = BODY_BARE;
                return;
            }
            content = --left > 0;
        }
    }
}

void learn_payload_form(const struct guess *guess, struct slice head, struct marks *marks)
{
    learn_tails(guess, marks);
    learn_quoting(guess, marks);
    learn_joined(guess, marks);
    learn_bare(guess, marks);
    marks_index(marks);
    learn_body(guess, head, marks);
}
