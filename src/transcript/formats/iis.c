/* iis.c - blank separated; "#Fields:" names the columns; "+" stands for a blank and "-" for
 * nothing.
 *
 * As a server it logs the client's commands, with the code of the reply if sc-status is logged. As
 * a client it logs both sides, as OutboundConnectionCommand and OutboundConnectionResponse.
 * Sessions have no number: those of an address are assumed to follow one another. The message is
 * left out.
 */
#include "transcript/formats/iis.h"

#include <stdlib.h>

#include "smtp/look.h"
#include "transcript/formats/columns.h"
#include "transcript/formats/session_key.h"

struct iis_log {
    size_t address, method, query, status; /* columns */
    size_t count;                          /* of the columns */
    bool named;                            /* "#Fields:" has come */
    char *room;                            /* a line with its blanks */
    size_t capacity;
    uint64_t open_key; /* the session whose reply may have more lines ... */
    char open_code[8]; /* ... and its code; "": none */
};

static bool take_names(struct iis_log *log, struct slice line)
{
    struct slice names = SLICE("#Fields: ");
    if (!slice_starts(line, names))
        return false;
    struct columns columns;
    columns_cut(&columns, slice_after(line, names.size), ' ');
    log->count = columns.count;
    log->address = columns_find(&columns, SLICE("c-ip"));
    log->method = columns_find(&columns, SLICE("cs-method"));
    log->query = columns_find(&columns, SLICE("cs-uri-query"));
    log->status = columns_find(&columns, SLICE("sc-status"));
    log->named = log->method < COLUMNS_MAX && log->query < COLUMNS_MAX;
    return true;
}

enum record { RECORD_OTHER, RECORD_INCOMING, RECORD_COMMAND, RECORD_RESPONSE };

static enum record record_of(const struct iis_log *log, const struct columns *columns)
{
    if (!log->named || columns->count != log->count || slice_starts(columns->at[0], SLICE("#")))
        return RECORD_OTHER;
    for (size_t i = 0; i < columns->count; i++) {
        if (slice_equal(columns->at[i], SLICE("OutboundConnectionCommand")))
            return RECORD_COMMAND;
        if (slice_equal(columns->at[i], SLICE("OutboundConnectionResponse")))
            return RECORD_RESPONSE;
    }
    struct slice method = columns->at[log->method];
    return method.size == 0 || slice_equal(method, SLICE("-")) ? RECORD_OTHER : RECORD_INCOMING;
}

/* Returns the code of the reply; empty if it is not logged. */
static struct slice status_of(const struct iis_log *log, const struct columns *columns)
{
    struct slice status = column_of(columns, log->status);
    return looks_like_reply(status) && status.size == 3 ? status : SLICE("");
}

/* Replaces "+" by a blank, except in addresses. */
static size_t decode(char *to, struct slice query)
{
    size_t size = 0;
    bool address = false;
    for (size_t i = 0; i < query.size; i++) {
        char c = query.data[i];
        address = (address || c == '<') && c != '>';
        if (c == '+' && !address)
            c = ' ';
        if (c == ' ' && size == 0)
            continue;
        to[size++] = c;
    }
    return size;
}

/* Gets the line of a record, with its blanks. Returns false when out of memory. */
static bool text_of(struct iis_log *log, const struct columns *columns, enum record record,
                    struct slice *text)
{
    struct slice method = columns->at[log->method], query = columns->at[log->query];
    struct slice last = SLICE("BDAT 0 LAST");
    size_t most = method.size + query.size + last.size + 1;
    if (log->capacity < most) {
        char *larger = realloc(log->room, most);
        if (!larger)
            return false;
        log->room = larger;
        log->capacity = most;
    }
    size_t size = 0;
    if (slice_equal(query, SLICE("-")))
        query = SLICE("");
    if (record == RECORD_RESPONSE) {
        *text = (struct slice){log->room, decode(log->room, query)};
        return true;
    }
    memcpy(log->room, method.data, method.size);
    size = method.size;
    /* After DATA and BDAT the log has the ID of the message, not the argument. */
    bool data = slice_equal_nocase(method, SLICE("DATA"));
    bool chunk = slice_equal_nocase(method, SLICE("BDAT"));
    if (chunk) {
        memcpy(log->room, last.data, last.size);
        size = last.size;
    } else if (!data && query.size > 0) {
        log->room[size++] = ' ';
        size += decode(log->room + size, query);
    }
    *text = (struct slice){log->room, size};
    return true;
}

static struct fit iis_recognise(const struct format *format, struct slice head)
{
    (void)format;
    struct fit fit = {0};
    struct iis_log log = {0};
    while (head.size > 0) {
        struct slice line = head_line(&head), text;
        struct columns columns;
        if (take_names(&log, line))
            continue;
        columns_cut(&columns, line, ' ');
        enum record record = record_of(&log, &columns);
        if (record == RECORD_OTHER)
            continue;
        if (!text_of(&log, &columns, record, &text)) {
            free(log.room);
            return (struct fit){.no_memory = true};
        }
        if (record == RECORD_RESPONSE)
            fit.replies += looks_like_reply(text);
        else
            fit.commands += looks_like_command(text);
        fit.replies += record == RECORD_INCOMING && status_of(&log, &columns).size > 0;
    }
    free(log.room);
    /* The web server's log has the same columns. */
    return fit.commands > 0 ? fit : (struct fit){0};
}

static bool iis_open(struct reader *reader, struct slice head)
{
    struct iis_log *log = calloc(1, sizeof *log);
    reader->state = log;
    while (log && !log->named && head.size > 0)
        take_names(log, head_line(&head));
    return log != NULL;
}

/* Passes on a line of the dialogue at a column of the record. */
static void give(struct reader *reader, struct line line, enum side side, struct slice payload,
                 struct slice column)
{
    line.side = side;
    line.payload = payload;
    line.column = column_number(line.raw, column);
    line.end_column = line.column + (uint32_t)(column.size > 0 ? column.size : 1);
    reader->sink->line(reader->sink->context, &line);
}

/* Ends a reply whose first line alone is logged. */
static void end_reply(struct reader *reader, struct line line)
{
    struct iis_log *log = reader->state;
    if (log->open_code[0] == '\0')
        return;
    line.session = log->open_key;
    line.side = SIDE_SERVER;
    /* The other lines are not known. */
    memcpy(log->open_code + 3, " ...", 4);
    line.payload = (struct slice){log->open_code, 7};
    line.column = 1;
    line.end_column = 2;
    reader->sink->line(reader->sink->context, &line);
    log->open_code[0] = '\0';
}

static void give_response(struct reader *reader, const struct line *line, struct slice text,
                          struct slice column)
{
    struct iis_log *log = reader->state;
    bool same = log->open_code[0] != '\0' && log->open_key == line->session && text.size >= 3 &&
                memcmp(log->open_code, text.data, 3) == 0;
    if (!same)
        end_reply(reader, *line);
    give(reader, *line, SIDE_SERVER, text, column);
    log->open_code[0] = '\0';
    if (looks_like_reply(text) && text.size > 3 && text.data[3] == '-') {
        memcpy(log->open_code, text.data, 3);
        log->open_key = line->session;
    }
}

/* Passes on a client's command, and the code of its reply if that is logged. */
static void give_command(struct reader *reader, const struct line *line, struct slice text,
                         const struct columns *columns, bool incoming)
{
    const struct iis_log *log = reader->state;
    struct slice method = columns->at[log->method];
    struct line separator = *line;
    separator.note = NOTE_SEPARATOR;
    if (slice_starts_nocase(text, SLICE("EHLO")) || slice_starts_nocase(text, SLICE("HELO")))
        give(reader, separator, SIDE_NOTE, line->raw, SLICE(""));
    give(reader, *line, SIDE_CLIENT, text, method);
    if (!incoming)
        return;
    struct slice status = status_of(log, columns);
    bool data = slice_equal_nocase(text, SLICE("DATA"));
    /* The status of DATA is that of the message; 240 for QUIT means 221. */
    if (status.size == 0 && data)
        give(reader, *line, SIDE_CLIENT, SLICE("."), method);
    else if (data && status.data[0] == '2')
        give(reader, *line, SIDE_SERVER, SLICE("354"), status);
    if (slice_equal_nocase(method, SLICE("EHLO")) && slice_equal(status, SLICE("250"))) {
        give(reader, *line, SIDE_SERVER, SLICE("250-"), status);
        give(reader, *line, SIDE_SERVER, SLICE("250 ..."),
             status); /* what it offered is not logged */
    } else if (slice_equal(status, SLICE("240"))) {
        give(reader, *line, SIDE_SERVER, SLICE("221"), status);
    } else if (status.size > 0) {
        give(reader, *line, SIDE_SERVER, status, status);
    }
}

static bool iis_read(struct reader *reader, const struct source_line *source)
{
    struct iis_log *log = reader->state;
    struct line line = line_of_file(source);
    struct columns columns;
    struct slice text;
    columns_cut(&columns, source->text, ' ');
    bool names = take_names(log, source->text);
    enum record record = names ? RECORD_OTHER : record_of(log, &columns);
    if (record == RECORD_OTHER) {
        reader->sink->line(reader->sink->context, &line);
        return true;
    }
    if (!text_of(log, &columns, record, &text))
        return false;
    line.session = session_key(column_of(&columns, log->address)) * 2 + (record != RECORD_INCOMING);
    if (record == RECORD_RESPONSE) {
        give_response(reader, &line, text, columns.at[log->query]);
        return true;
    }
    end_reply(reader, line);
    give_command(reader, &line, text, &columns, record == RECORD_INCOMING);
    return true;
}

static void iis_close(struct reader *reader)
{
    struct iis_log *log = reader->state;
    free(log->room);
    free(log);
}

const struct format_family iis_family = {
    .recognise = iis_recognise,
    .open = iis_open,
    .read = iis_read,
    .close = iis_close,
};
