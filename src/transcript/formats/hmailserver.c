/* hmailserver.c - quoted fields with tabs between: "SMTPD", thread, session, "time", "address",
 * "SENT: 220 mx.example.com ESMTP". SMTPD is hMailServer as a server, SMTPC as a client; "[nl]"
 * stands for a line end. The message is left out.
 */
#include "transcript/formats/hmailserver.h"

#include "smtp/look.h"
#include "transcript/formats/columns.h"
#include "transcript/formats/session_key.h"

/* Returns the side of a line, and sets *said to its payload. */
static enum side side_of(const struct columns *columns, struct slice *said)
{
    struct slice type = column_of(columns, 0);
    struct slice text = columns->count > 5 ? columns->at[columns->count - 1] : SLICE("");
    bool server = slice_equal(type, SLICE("SMTPD"));
    if (!server && !slice_equal(type, SLICE("SMTPC")))
        return SIDE_NOTE;
    bool sent = slice_starts(text, SLICE("SENT: "));
    if (!sent && !slice_starts(text, SLICE("RECEIVED: ")))
        return SIDE_NOTE;
    *said = slice_after(text, sent ? sizeof "SENT: " - 1 : sizeof "RECEIVED: " - 1);
    return sent == server ? SIDE_SERVER : SIDE_CLIENT;
}

static struct fit hmailserver_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct fit fit = {0};
    while (head.size > 0) {
        struct columns columns;
        struct slice said;
        columns_cut(&columns, head_line(&head), '\t');
        enum side side = side_of(&columns, &said);
        if (side == SIDE_CLIENT)
            fit.commands += looks_like_command(said);
        else if (side == SIDE_SERVER)
            fit.replies += looks_like_reply(said);
    }
    return fit;
}

/* Returns the index of the next "[nl]", or text.size. */
static size_t line_end(struct slice text)
{
    const char *found = text.data && text.size > 0 ? memmem(text.data, text.size, "[nl]", 4) : NULL;
    return found ? (size_t)(found - text.data) : text.size;
}

static bool hmailserver_read(struct reader *reader, const struct source_line *source)
{
    struct line line = line_of_file(source);
    struct columns columns;
    struct slice said;
    columns_cut(&columns, source->text, '\t');
    line.side = side_of(&columns, &said);
    if (line.side == SIDE_NOTE) {
        reader->sink->line(reader->sink->context, &line);
        return true;
    }
    /* SMTPD and SMTPC number their sessions separately. */
    bool server = slice_equal(columns.at[0], SLICE("SMTPD"));
    line.session = session_key(columns.at[2]) * 2 + server;
    line.session_name = columns.at[2];
    do {
        size_t size = line_end(said);
        line.payload = slice_head(said, size);
        line.column = column_number(source->text, said);
        reader->sink->line(reader->sink->context, &line);
        said = slice_after(said, size + 4);
    } while (said.size > 0);
    return true;
}

const struct format_family hmailserver_family = {
    .recognise = hmailserver_recognise,
    .read = hmailserver_read,
};
