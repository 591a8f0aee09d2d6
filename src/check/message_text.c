/* message_text.c - finds the lines of a message that a server's reply quotes.
 *
 * Few replies quote anything. So the reply's groups of eight octets go into a small filter, and of each
 * line of the message every eighth group is looked up in it: what the two have in common is found if it
 * has sixteen octets or is a whole line.
 */
#include "check/message_text.h"

#include "check/auth_words.h"
#include "check/material.h"

/* Octets of a reply that are compared. */
#define REPLY_MAX   1024
/* Common octets that are a quotation, whatever they are. */
#define QUOTED      16
/* In lines up to this length every group is looked up. */
#define SHORT_LINE  32
/* The bits of the filter. */
#define FILTER_BITS 12

void message_text_free(struct message_text *text)
{
    octet_buffer_free(&text->octets);
    text->next = 0;
}

static void append(struct message_text *text, struct secrets *secrets, struct slice octets)
{
    struct slice first = slice_head(octets, 2 * MESSAGE_TEXT_HALF - text->octets.size);
    if (!octet_buffer_append(&text->octets, first)) {
        secrets->no_memory = true;
        return;
    }
    octets = slice_after(octets, first.size);
    if (octets.size > MESSAGE_TEXT_HALF)
        octets = slice_after(octets, octets.size - MESSAGE_TEXT_HALF);
    while (octets.size > 0) {
        struct slice part = slice_head(octets, MESSAGE_TEXT_HALF - text->next);
        memcpy(text->octets.octets + MESSAGE_TEXT_HALF + text->next, part.data, part.size);
        text->next = (text->next + part.size) % MESSAGE_TEXT_HALF;
        octets = slice_after(octets, part.size);
    }
}

void message_text_add(struct message_text *text, struct secrets *secrets, struct slice lines)
{
    append(text, secrets, lines);
    if (lines.size > 0 && lines.data[lines.size - 1] != '\n')
        append(text, secrets, SLICE("\n"));
}

/* Eight octets, blind to case (and to some other differences: what they find is looked at again). */
static uint64_t group_at(const char *at)
{
    uint64_t group;
    memcpy(&group, at, sizeof group);
    return group | UINT64_C(0x2020202020202020);
}

static unsigned place_of(uint64_t group)
{
    return (unsigned)(group * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FILTER_BITS));
}

/* The groups of a reply. */
struct groups {
    struct slice text;
    uint64_t filter[(1u << FILTER_BITS) / 64];
};

static bool may_have(const struct groups *groups, uint64_t group)
{
    unsigned place = place_of(group);
    return groups->filter[place / 64] >> (place % 64) & 1;
}

/* Header fields that say nothing of what is in the message. */
static bool is_plain_header(struct slice line)
{
    static const char *const names[] = {
        "date:",     "message-id:",  "mime-version:", "content-",
        "received:", "return-path:", "x-mailer:",     "user-agent:"};
    for (size_t skipped = 0; skipped <= 3; skipped++) /* a mark of the log may stand before it */
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (slice_starts_nocase(slice_after(line, skipped), slice_of(names[i])))
                return true;
    return false;
}

static bool has_secret_word(struct slice text)
{
    for (struct slice word = next_word(&text); word.size > 0; word = next_word(&text))
        if (looks_like_secret(bare_word(word)))
            return true;
    return false;
}

/* Returns true if what begins there begins the line, perhaps after a mark, or is the value of a field. */
static bool begins_line(struct slice line, size_t at)
{
    return at <= 3 || (line.data[at - 1] == ' ' && line.data[at - 2] == ':');
}

/* What line and reply have in common around two places that are alike: remembers it if it is a quotation. */
static void take_common(struct secrets *secrets, struct slice line, size_t at, struct slice reply,
                        size_t in_reply)
{
    size_t end = 0, before = 0;
    while (at + end < line.size && in_reply + end < reply.size &&
           ascii_lower(line.data[at + end]) == ascii_lower(reply.data[in_reply + end]))
        end++;
    while (before < at && before < in_reply &&
           ascii_lower(line.data[at - before - 1]) ==
               ascii_lower(reply.data[in_reply - before - 1]))
        before++;
    struct slice common = slice_trim((struct slice){reply.data + in_reply - before, before + end});
    bool whole = begins_line(line, at - before) && at + end == line.size;
    if (common.size >= QUOTED || (common.size >= SECRET_PART && (whole || has_secret_word(common))))
        material_add_quote(secrets, common);
}

static void look_up(const struct groups *groups, struct secrets *secrets, struct slice line,
                    size_t at)
{
    uint64_t group = group_at(line.data + at);
    if (!may_have(groups, group) || is_plain_header(line))
        return;
    struct slice reply = groups->text;
    for (size_t i = 0; i + sizeof group <= reply.size; i++)
        if (group_at(reply.data + i) == group)
            take_common(secrets, line, at, reply, i);
}

static void compare_line(const struct groups *groups, struct secrets *secrets, struct slice line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (line.size < SECRET_PART)
        return;
    size_t step = line.size > SHORT_LINE ? SECRET_PART : 1;
    for (size_t at = 0; at + SECRET_PART <= line.size; at += step)
        look_up(groups, secrets, line, at);
    size_t value = slice_find(slice_head(line, 80), ':') + 2;
    if (step > 1 && value + SECRET_PART <= line.size)
        look_up(groups, secrets, line, value);
}

static void compare(const struct groups *groups, struct secrets *secrets, struct slice lines)
{
    while (lines.size > 0) {
        struct slice line = slice_head(lines, slice_find(lines, '\n'));
        compare_line(groups, secrets, line);
        lines = slice_after(lines, line.size + 1);
    }
}

void message_text_compare(const struct message_text *text, struct secrets *secrets,
                          struct slice reply)
{
    reply = slice_head(reply, REPLY_MAX);
    if (text->octets.size == 0 || reply.size < SECRET_PART)
        return;
    struct groups groups = {.text = reply};
    for (size_t i = 0; i + SECRET_PART <= reply.size; i++) {
        unsigned place = place_of(group_at(reply.data + i));
        groups.filter[place / 64] |= UINT64_C(1) << (place % 64);
    }
    struct slice whole = octet_buffer_text(&text->octets);
    if (text->next == 0) {
        compare(&groups, secrets, whole);
        return;
    }
    struct slice ring = slice_after(whole, MESSAGE_TEXT_HALF);
    compare(&groups, secrets, slice_head(whole, MESSAGE_TEXT_HALF));
    compare(&groups, secrets, slice_after(ring, text->next));
    compare(&groups, secrets, slice_head(ring, text->next));
}
