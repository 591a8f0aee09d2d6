/* joined_reply.c - splits a joined reply to EHLO at the keywords.
 */
#include "transcript/formats/joined_reply.h"

#include <stdlib.h>

#include "smtp/command.h"
#include "smtp/extension.h"

/* Further keywords that servers offer (IANA's list of SMTP service extensions, and Microsoft's own). */
static const char *const keywords[] = {
    "ENHANCEDSTATUSCODES",
    "CHECKPOINT",
    "CONNEG",
    "NO-SOLICITING",
    "SUBMITTER",
    "LIMITS",
    "XRDST",
    "XSHADOW",
    "XPROXY",
    "XPROXYFROM",
    "XPROXYTO",
    "XRSETPROXYTO",
    "XSESSIONTYPE",
    "XMESSAGECONTEXT",
    "XORIGFROM",
    "XADDR",
    "XOORG",
    "X-ANONYMOUSTLS",
    "X-EXPS",
    "X-LINK2STATE",
    "XSHADOWREQUEST",
    "X-REALTIME-SPAM",
    "XSYSPROBE",
    "XFORWARDTO",
    "OK",
};

/* Verbs that a server offers by their names: not those that every server has, that are keywords of
 * extensions (HELO is a parameter of XCLIENT), or that are rare and also words of other text. */
static bool is_offered_verb(struct slice word)
{
    const command_set others =
        COMMAND_BIT(COMMAND_CONNECT) | COMMAND_BIT(COMMAND_MAIL) | COMMAND_BIT(COMMAND_RCPT) |
        COMMAND_BIT(COMMAND_DATA) | COMMAND_BIT(COMMAND_BDAT) | COMMAND_BIT(COMMAND_BDAT_LAST) |
        COMMAND_BIT(COMMAND_END_OF_DATA) | COMMAND_BIT(COMMAND_RSET) | COMMAND_BIT(COMMAND_QUIT) |
        HELLO_COMMANDS | COMMAND_BIT(COMMAND_AUTH) | COMMAND_BIT(COMMAND_STARTTLS) |
        COMMAND_BIT(COMMAND_NOOP) | COMMAND_BIT(COMMAND_BURL) | COMMAND_BIT(COMMAND_BURL_LAST) |
        COMMAND_BIT(COMMAND_SEND) | COMMAND_BIT(COMMAND_SOML) | COMMAND_BIT(COMMAND_SAML) |
        COMMAND_BIT(COMMAND_UNKNOWN);
    size_t length;
    enum command command = command_of_verb(word, &length);
    return !(others >> command & 1) && slice_equal(word, slice_of(command_verb(command)));
}

/* Only in capitals, which are rare in other text. */
static bool is_keyword(struct slice word)
{
    enum extension extension = extension_of(word);
    if (extension < EXTENSION_COUNT)
        return slice_equal(word, slice_of(extension_keyword(extension)));
    if (is_offered_verb(word))
        return true;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (slice_equal(word, slice_of(keywords[i])))
            return true;
    /* "AUTH=LOGIN" */
    return slice_starts(word, SLICE("AUTH="));
}

/* Returns the index of the next keyword from `from` on; text.size if there is none. */
static size_t next_keyword(struct slice text, size_t from)
{
    while (from < text.size) {
        while (from < text.size && ascii_space(text.data[from]))
            from++;
        struct slice rest = slice_after(text, from);
        struct slice word = slice_head(rest, slice_find(rest, ' '));
        if (is_keyword(word))
            return from;
        from += word.size;
    }
    return text.size;
}

bool joined_reply_is(struct slice payload)
{
    if (!slice_starts(payload, SLICE("250 ")) && !slice_starts(payload, SLICE("250-")))
        return false;
    /* The first word is the server's name. */
    struct slice text = slice_trim(slice_after(payload, 4));
    size_t first = next_keyword(text, slice_find(text, ' '));
    return first < text.size && next_keyword(text, first + 1) < text.size;
}

bool joined_reply_give(struct joined_reply *joined, const struct line *line,
                       const struct line_sink *sink)
{
    struct slice payload = line->payload;
    if (joined->capacity < payload.size + 4) {
        char *larger = realloc(joined->room, payload.size + 4);
        if (!larger)
            return false;
        joined->room = larger;
        joined->capacity = payload.size + 4;
    }
    size_t at = 4;
    while (at < payload.size && ascii_space(payload.data[at]))
        at++;
    for (size_t end; at < payload.size; at = end) {
        struct slice first = slice_after(payload, at);
        size_t word = slice_find(first, ' ');
        end = at + word >= payload.size ? payload.size : next_keyword(payload, at + word);
        struct slice part = slice_trim(slice_head(first, end - at));
        memcpy(joined->room, end < payload.size ? "250-" : "250 ", 4);
        memcpy(joined->room + 4, part.data, part.size);
        struct line given = *line;
        given.payload = (struct slice){joined->room, part.size + 4};
        given.column = line->column + (uint32_t)at;
        given.end_column = given.column + (uint32_t)slice_find(part, ' ');
        sink->line(sink->context, &given);
    }
    return true;
}

void joined_reply_free(struct joined_reply *joined)
{
    free(joined->room);
    *joined = (struct joined_reply){0};
}
