/* exchange.c - comma separated; "#Fields:" names the columns; the event is ">" for a line sent by
 * Exchange, "<" for one it received, "+" for a connection, "-" for its end, "*" for a note.
 *
 * Exchange is the server in a receive log and the client in a send log: the lines after the arrows
 * show which. The log leaves out the message and the answers to AUTH; the reply to EHLO is one
 * line.
 */
#include "transcript/formats/exchange.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/formats/columns.h"
#include "transcript/formats/joined_reply.h"
#include "transcript/formats/session_key.h"

struct exchange_log {
    size_t session, event, data; /* columns */
    char server;                 /* the server's arrow; '\0': not known */
    struct joined_reply joined;
};

/* The columns that every version has used. */
static const struct exchange_log usual = {.session = 2, .event = 6, .data = 7};

/* Reads "#Fields: date-time,connector-id,...". Returns false for any other line. */
static bool take_names(struct exchange_log *log, struct slice line)
{
    struct slice names = SLICE("#Fields: ");
    if (!slice_starts(line, names))
        return false;
    struct columns columns;
    columns_cut(&columns, slice_after(line, names.size), ',');
    size_t session = columns_find(&columns, SLICE("session-id"));
    size_t event = columns_find(&columns, SLICE("event"));
    size_t data = columns_find(&columns, SLICE("data"));
    if (session == COLUMNS_MAX || event == COLUMNS_MAX || data == COLUMNS_MAX)
        return false;
    log->session = session;
    log->event = event;
    log->data = data;
    return true;
}

/* Returns the event of a line; '\0' if it is not a line of the log. */
static char event_of(const struct exchange_log *log, const struct columns *columns)
{
    struct slice event = column_of(columns, log->event);
    bool arrow = event.size == 1 && strchr("<>*+-", event.data[0]) && event.data[0] != '\0';
    return arrow && columns->count > log->data ? event.data[0] : '\0';
}

/* Counts commands and replies after the arrows: [0] "<", [1] ">". */
static void count_arrows(struct exchange_log *log, struct slice head, struct fit fits[2])
{
    while (head.size > 0) {
        struct slice line = head_line(&head);
        struct columns columns;
        if (take_names(log, line))
            continue;
        columns_cut(&columns, line, ',');
        char event = event_of(log, &columns);
        if (event != '<' && event != '>')
            continue;
        struct slice data = column_of(&columns, log->data);
        if (looks_like_reply(data))
            fits[event == '>'].replies++;
        else
            fits[event == '>'].commands += looks_like_command(data);
    }
}

static char server_arrow(const struct fit fits[2])
{
    unsigned received = fits[0].commands + fits[1].replies,
             sent = fits[1].commands + fits[0].replies;
    return received >= sent ? '>' : '<';
}

static struct fit exchange_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct exchange_log log = usual;
    struct fit fits[2] = {{0}};
    count_arrows(&log, head, fits);
    bool server = server_arrow(fits) == '>';
    return (struct fit){.commands = fits[!server].commands, .replies = fits[server].replies};
}

static bool exchange_open(struct reader *reader, struct slice head)
{
    struct exchange_log *log = calloc(1, sizeof *log);
    reader->state = log;
    if (!log)
        return false;
    struct fit fits[2] = {{0}};
    *log = usual;
    count_arrows(log, head, fits);
    log->server = server_arrow(fits);
    *log = (struct exchange_log){usual.session, usual.event, usual.data, log->server, {0}};
    return true;
}

static bool exchange_read(struct reader *reader, const struct source_line *source)
{
    struct exchange_log *log = reader->state;
    struct line line = line_of_file(source);
    struct columns columns;
    columns_cut(&columns, source->text, ',');
    char event = take_names(log, source->text) ? '\0' : event_of(log, &columns);
    if (event == '\0') {
        reader->sink->line(reader->sink->context, &line);
        return true;
    }
    line.session_name = column_of(&columns, log->session);
    line.session = session_key(line.session_name);
    struct slice data = column_of(&columns, log->data);
    if (event == '+') {
        line.note = NOTE_SESSION;
    } else if ((event == '<' || event == '>') && data.size > 0) {
        line.side = event == log->server ? SIDE_SERVER : SIDE_CLIENT;
        line.payload = data;
        line.column = column_number(source->text, data);
    }
    if (line.side == SIDE_SERVER && joined_reply_is(data))
        return joined_reply_give(&log->joined, &line, reader->sink);
    reader->sink->line(reader->sink->context, &line);
    return true;
}

static void exchange_close(struct reader *reader)
{
    struct exchange_log *log = reader->state;
    joined_reply_free(&log->joined);
    free(log);
}

const struct format_family exchange_family = {
    .recognise = exchange_recognise,
    .open = exchange_open,
    .read = exchange_read,
    .close = exchange_close,
    .keyed = true,
};
