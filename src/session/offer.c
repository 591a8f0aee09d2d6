/* offer.c - what the reply to EHLO offers (RFC 5321 4.1.1.1). */
#include "session/offer.h"

#include <stdlib.h>

#include "smtp/look.h"

/* Takes the first line off a text, and returns it. */
static struct slice next_line(struct slice *text)
{
    size_t size = slice_find(*text, '\n');
    struct slice line = slice_head(*text, size);
    *text = slice_after(*text, size + 1);
    return line;
}

/* The keyword at the head of a line of an EHLO reply (RFC 5321 4.1.1.1). Old servers write "AUTH=LOGIN",
 * and some logs "\\r\\n" at the end. */
static struct slice keyword_of(struct slice line)
{
    size_t size = 0;
    while (size < line.size && (ascii_alphanumeric(line.data[size]) || line.data[size] == '-' ||
                                line.data[size] == '_' || line.data[size] == '.'))
        size++;
    return slice_head(line, size);
}

bool session_lists(const struct session *session, struct slice keyword)
{
    struct slice text = session->keywords;
    next_line(&text); /* the domain */
    while (text.size > 0)
        if (slice_equal_nocase(keyword_of(next_line(&text)), keyword))
            return true;
    return false;
}

bool offer_lists_verb(const struct session *session, struct slice verb)
{
    return session_lists(session, verb) || (slice_equal_nocase(verb, SLICE("XQDISCARD")) &&
                                            session_lists(session, SLICE("XSHADOW")));
}

bool session_lists_nothing(const struct session *session)
{
    struct slice text = session->keywords;
    if (session->offer != OFFER_LISTED)
        return false;
    next_line(&text); /* the domain */
    while (text.size > 0)
        if (!slice_equal_nocase(keyword_of(next_line(&text)), SLICE("HELP")))
            return false;
    return true;
}

/* Returns true if the whole reply to EHLO is one extension, where the server's name should stand
 * (RFC 5321 4.1.1.1): sSMTP and others keep the last line of a reply only. */
static bool is_last_line_alone(struct slice text)
{
    struct slice first = keyword_of(next_line(&text));
    enum extension extension = extension_of(first);
    const char *keyword = extension < EXTENSION_COUNT ? extension_keyword(extension) : "HELP";
    return text.size == 0 && slice_equal(first, slice_of(keyword)); /* in capitals */
}

/* Keeps the text. Returns false when out of memory. */
static bool keep_text(struct session *session, struct slice text)
{
    if (text.size > session->keyword_capacity) {
        char *larger = realloc(session->keyword_text, text.size);
        if (!larger)
            return false;
        session->keyword_text = larger;
        session->keyword_capacity = text.size;
    }
    if (text.size > 0)
        memcpy(session->keyword_text, text.data, text.size);
    session->keyword_size = text.size;
    return true;
}

/* Reads the extensions from the lines that follow the domain. */
static void read_lines(struct session *session, struct slice text)
{
    session->keyword_offer = OFFER_LISTED;
    session->keyword_extensions = 0;
    next_line(&text);
    while (text.size > 0) {
        struct slice line = next_line(&text);
        enum extension extension = extension_of(keyword_of(line));
        if (extension < EXTENSION_COUNT) {
            session->keyword_extensions |= UINT32_C(1) << extension;
        } else if (looks_elided(line)) { /* the recording leaves out the others */
            session->keyword_offer = OFFER_UNKNOWN;
            return;
        }
    }
}

void offer_read(struct session *session, const struct exchange *exchange)
{
    session->offer = OFFER_NONE;
    session->extensions = 0;
    session->keywords = SLICE("");
    if (exchange->command == COMMAND_HELO)
        return;
    session->offer = OFFER_UNKNOWN;
    if (exchange->reply_count == 0)
        return;
    const struct reply *reply = &exchange->replies[exchange->reply_count - 1];
    struct slice text = reply->text;
    struct slice known = {session->keyword_text, session->keyword_size};
    if (known.size == 0 || !slice_equal(text, known)) {
        if (reply->unended || slice_ends(text, SLICE("\n" LINE_CUT)) || is_last_line_alone(text))
            return; /* what it lists is not all there */
        if (!keep_text(session, text)) {
            session->no_memory = true;
            return;
        }
        read_lines(session, text);
    } else if (reply->unended) {
        return;
    }
    session->keywords = (struct slice){session->keyword_text, session->keyword_size};
    session->offer = session->keyword_offer;
    session->extensions = session->keyword_extensions;
}
