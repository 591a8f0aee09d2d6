/* unmarked_rows.c - the rows of the formats without marks.
 */
#include "smtp/look.h"
#include "smtp/reply.h"
#include "transcript/formats/unmarked.h"

/* Finds the text after the first `words`. Returns false if they do not occur. */
static bool after_words(struct slice line, struct slice words, struct slice *rest)
{
    if (!slice_starts(line, words))
        return false;
    *rest = slice_after(line, words.size);
    return true;
}

static bool ends_with(struct slice text, struct slice end)
{
    return text.size >= end.size && slice_equal(slice_after(text, text.size - end.size), end);
}

/* "DEBUG SMTP: AUTH LOGIN command trace suppressed", then "... AUTH LOGIN succeeded" or "...
 * failed" and, in the exception, the reply. RFC 4954 6: success is 235. */
static struct told javamail_tells(struct slice note)
{
    struct told told = {.side = SIDE_NOTE};
    struct slice rest;
    if (after_words(note, SLICE("DEBUG SMTP: "), &rest) && slice_starts(rest, SLICE("AUTH "))) {
        struct slice end = SLICE(" command trace suppressed");
        if (ends_with(rest, end)) {
            told.side = SIDE_CLIENT;
            told.payload = slice_head(rest, rest.size - end.size);
        } else if (ends_with(rest, SLICE(" succeeded"))) {
            told.side = SIDE_SERVER;
            told.payload = SLICE("235 (not shown)");
        } else if (ends_with(rest, SLICE(" failed"))) {
            told.refused_next = true;
        }
        return told;
    }
    /* "Caused by: com.sun.mail.smtp.SMTPAddressFailedException: 550-5.1.1 No such user" */
    struct slice exception = SLICE("Exception: ");
    const char *found =
        note.size > 0 ? memmem(note.data, note.size, exception.data, exception.size) : NULL;
    if (!found)
        return told;
    size_t at = (size_t)(found - note.data);
    struct slice quote = slice_after(note, at + exception.size);
    if (!looks_like_reply(quote))
        return told;
    told.quoted = quote.size > 3 && quote.data[3] == '-' ? reply_code(quote) : 0;
    if (ends_with(slice_head(note, at), SLICE("AuthenticationFailed"))) {
        told.side = SIDE_SERVER;
        told.payload = quote;
    }
    return told;
}

static const struct mix_note javamail_notes[] = {
    {"DEBUG SMTP: trying to connect", NOTE_SESSION, false},
    {"DEBUG SMTPS: trying to connect", NOTE_SESSION, false},
    {"DEBUG", NOTE_PLAIN, false},
    {"caught ", NOTE_PLAIN, false},
    {"Caused by: ", NOTE_PLAIN, false},
    {"Exception in thread ", NOTE_PLAIN, false},
    {"  nested exception is:", NOTE_PLAIN, false},
    {"\t", NOTE_PLAIN, false},
    {"    at ", NOTE_PLAIN, false},
    {"javax.mail.", NOTE_PLAIN, false},
    {"jakarta.mail.", NOTE_PLAIN, false},
    {"com.sun.mail.", NOTE_PLAIN, false},
    {"java.", NOTE_PLAIN, false},
    {NULL, NOTE_PLAIN, false},
};

/* Jakarta Mail and JavaMail: their own lines begin with DEBUG, and exceptions are shown with their
 * stack, which quotes replies. */
const struct mix_row javamail_mix = {
    .needs = {"DEBUG SMTP", "DEBUG: Jakarta Mail", "DEBUG: JavaMail"},
    .notes = javamail_notes,
    .tell = javamail_tells,
};

static const struct mix_note sendmail_notes[] = {
    {"... Connecting to ", NOTE_SESSION, true},
    {"... Using cached ", NOTE_PLAIN, true},
    {"... Sent ", NOTE_PLAIN, true},
    {"... Deferred", NOTE_PLAIN, true},
    {"... User unknown", NOTE_PLAIN, true},
    {"... ", NOTE_PLAIN, true},
    {"Closing connection to ", NOTE_PLAIN, false},
    {NULL, NOTE_PLAIN, false},
};

const struct mix_row sendmail_mix = {
    .client = ">>> ",
    .never = {"<<< ", "=== "},
    .notes = sendmail_notes,
};

/* Lines that telnet, script, netcat, openssl, exim and others write around a session. */
static const struct mix_note notes_around[] = {
    {"Script started on ", NOTE_PLAIN, false},
    {"Script done on ", NOTE_PLAIN, false},
    {"Trying ", NOTE_SESSION, false},
    {"Connected to ", NOTE_PLAIN, false},
    {"Escape character is ", NOTE_PLAIN, false},
    {"Connection closed by foreign host", NOTE_PLAIN, false},
    {"Connection to ", NOTE_PLAIN, false},
    {"Ncat: ", NOTE_PLAIN, false},
    {"spawn ", NOTE_PLAIN, false},
    {"=== Trying ", NOTE_SESSION, false},
    {"=== ", NOTE_PLAIN, false},
    {"*** ", NOTE_PLAIN, false},
    {">>> ", NOTE_PLAIN, false},
    {"<<< ", NOTE_PLAIN, false},
    {"LOG: ", NOTE_PLAIN, false},
    {"**** SMTP ", NOTE_PLAIN, false},
    {"    ", NOTE_PLAIN, false},
    {"depth=", NOTE_PLAIN, false},
    {"verify ", NOTE_PLAIN, false},
    {"---", NOTE_PLAIN, false},
    {"- ", NOTE_PLAIN, false},
    {"#", NOTE_PLAIN, false},
    {"telnet> ", NOTE_PLAIN, false},
    {NULL, NOTE_PLAIN, false},
};

/* s_client does greeting, EHLO and STARTTLS itself and shows the last line of that; without a
 * terminal what is typed is not shown. Its arrows are those of TLS records. */
const struct mix_row openssl_mix = {
    .needs = {"CONNECTED("},
    .notes = notes_around,
    .half = true,
    .texts_are_notes = true,
};

const struct mix_row terminal_mix = {
    /* The formats above; POP3, IMAP and HTTP, over which messages travel that quote sessions. */
    .never = {"DEBUG SMTP", "DEBUG: Jakarta Mail", "DEBUG: JavaMail", "CONNECTED(", "+OK", "-ERR",
              "* OK", "HTTP/1."},
    .notes = notes_around,
};

const struct mix_row replies_mix = {
    .never = {">>> EHLO ", ">>> HELO ", ">>> MAIL ", "CONNECTED("},
    .notes = notes_around,
    .half = true,
    .half_only = true,
};
