/* dialogue_lines.c - exchanges as text of JSON, until it is known whether their session has a finding.
 */
#include "report/dialogue_lines.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "base/json_text.h"
#include "base/keyed_table.h"
#include "report/copied_sessions.h"
#include "report/json_value.h"

/* A line is ended when it has so many octets. */
#define LINE_OCTETS    ((size_t)1 << 20)
/* The text that waits; exchanges beyond it are left out. */
#define WAITING_OCTETS ((size_t)32 << 20)
/* Sessions that have ended with nothing but findings that are reported once a file (ONCE_A_FILE), of
 * which only the first one is written. */
#define ONCE_KEPT      64

/* A session whose exchanges may be wanted. */
struct waiting_session {
    struct keyed keyed;    /* key: its number */
    struct json_text text; /* lines, the last one without its end */
    size_t line_begin;     /* where that begins */
    uint64_t first_line;   /* of its first exchange */
    bool found;            /* it has a finding */
    bool told;             /* a line with exchanges has been written */
    bool ended;
};

struct dialogue_lines {
    struct keyed_table sessions;
    struct json_text file;   /* the name of the recording as a member: "file":"a.txt" */
    struct json_text begins; /* pairs: session, line */
    size_t waiting;          /* octets of text */
    unsigned once_kept;
};

static void waiting_free(struct dialogue_lines *lines, struct waiting_session *session)
{
    lines->waiting -= session->text.buffer.size;
    keyed_table_remove(&lines->sessions, &session->keyed);
    json_text_free(&session->text);
    free(session);
}

/* Writes the name of a file as json_put_text does. */
static void set_file(struct json_text *text, const char *file)
{
    json_t *object = json_object();
    json_put_text(&object, "file", slice_of(file));
    char *json = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    text->failed = !json || json_memory_failed();
    if (!text->failed)
        json_text_raw(text, (struct slice){json + 1, strlen(json) - 2});
    free(json);
    json_decref(object);
}

void dialogue_lines_begin(struct report *report, const char *file)
{
    struct dialogue_lines *lines = NULL;
    if (report->subject == REPORT_FINDINGS) {
        lines = calloc(1, sizeof *lines);
        if (lines)
            set_file(&lines->file, file);
        if (!lines || lines->file.failed)
            report_fail(report);
    }
    report->collected = lines;
}

void dialogue_lines_end(struct report *report)
{
    struct dialogue_lines *lines = report->collected;
    for (size_t i = 0; lines && i < lines->sessions.capacity; i++)
        if (lines->sessions.slots[i]) {
            struct waiting_session *session = (struct waiting_session *)lines->sessions.slots[i];
            json_text_free(&session->text);
            free(session);
        }
    if (lines) {
        keyed_table_clear(&lines->sessions);
        json_text_free(&lines->file);
        json_text_free(&lines->begins);
    }
    free(lines);
    report->collected = NULL;
}

/* Returns the session of that number, a new one if need be; NULL when out of memory. */
static struct waiting_session *session_of(struct dialogue_lines *lines, uint64_t number)
{
    struct keyed *known = keyed_table_find(&lines->sessions, number);
    if (known)
        return (struct waiting_session *)known;
    struct waiting_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    session->keyed.key = number;
    if (keyed_table_add(&lines->sessions, &session->keyed))
        return session;
    free(session);
    return NULL;
}

/* Begins a line, or goes on with it. */
static void begin_item(const struct dialogue_lines *lines, struct waiting_session *session)
{
    struct json_text *text = &session->text;
    if (text->buffer.size > session->line_begin &&
        text->buffer.size - session->line_begin < LINE_OCTETS) {
        json_text_raw(text, SLICE(","));
        return;
    }
    if (text->buffer.size > session->line_begin)
        json_text_raw(text, SLICE("]}\n"));
    session->line_begin = text->buffer.size;
    json_text_raw(text, SLICE("{\"type\":\"dialogue\","));
    json_text_raw(text, octet_buffer_text(&lines->file.buffer));
    json_text_format(text, ",\"session\":%" PRIu64 ",\"exchanges\":[", session->keyed.key);
}

/* Writes the replies as far as a report shows them (copied_sessions.c); one octet more says that they
 * are cut. */
static void add_replies(struct json_text *text, const struct exchange *exchange)
{
    size_t most = COPIED_TEXT_MAX;
    for (size_t i = 0; i < exchange->reply_count; i++) {
        const struct reply *reply = &exchange->replies[i];
        json_text_format(text, "%s[%" PRIu64 ",%d,", i > 0 ? "," : "", reply->line, reply->code);
        json_text_octets(text, slice_head(reply->text, most + 1));
        json_text_raw(text, SLICE("]"));
        most -= reply->text.size < most ? reply->text.size : most;
    }
}

/* In the order of enum told. */
static void add_exchange(struct json_text *text, const struct exchange *exchange,
                         const struct verdict *verdict)
{
    unsigned flags = (verdict->legal ? TOLD_LEGAL : 0U) | (verdict->taken ? TOLD_TAKEN : 0U) |
                     (exchange->answered < exchange->number ? TOLD_PIPELINED : 0U) |
                     (exchange->flags & EXCHANGE_ASSUMED ? TOLD_ASSUMED : 0U);
    json_text_format(text, "[%" PRIu64 ",%u,\"%s\",", exchange->location.line,
                     exchange->location.part, command_name(exchange->command));
    if (exchange->command == COMMAND_UNKNOWN)
        json_text_octets(text, slice_head(exchange->verb, COPIED_TEXT_MAX + 1));
    else
        json_text_raw(text, SLICE("null"));
    json_text_raw(text, SLICE(","));
    json_text_octets(text, slice_head(exchange->argument, COPIED_TEXT_MAX + 1));
    json_text_format(text, ",\"%s\",\"%s\",%u,%d,%" PRId64 ",[", state_symbol(verdict->state),
                     state_symbol(verdict->next), flags, verdict->predicted, verdict->times.waited);
    add_replies(text, exchange);
    json_text_raw(text, SLICE("]]"));
}

void dialogue_lines_exchange(const struct report *report, uint64_t number,
                             const struct exchange *exchange, const struct verdict *verdict)
{
    struct dialogue_lines *lines = report->collected;
    struct waiting_session *session = lines ? session_of(lines, number) : NULL;
    if (!session) {
        report_fail(report);
        return;
    }
    if (session->first_line == 0)
        session->first_line = exchange->location.line;
    if (lines->waiting >= WAITING_OCTETS)
        return;
    size_t before = session->text.buffer.size;
    begin_item(lines, session);
    add_exchange(&session->text, exchange, verdict);
    lines->waiting += session->text.buffer.size - before;
    if (session->text.failed)
        report_fail(report);
}

/* Writes what waits of a session. */
static void write_session(const struct report *report, struct waiting_session *session)
{
    struct dialogue_lines *lines = report->collected;
    if (session->text.buffer.size == 0)
        return;
    fwrite(session->text.buffer.octets, 1, session->text.buffer.size, report->out);
    fputs("]}\n", report->out);
    lines->waiting -= session->text.buffer.size;
    session->told = true;
    json_text_free(&session->text);
    session->line_begin = 0;
}

void dialogue_lines_finding(const struct report *report, const struct finding *finding)
{
    struct dialogue_lines *lines = report->collected;
    if (!lines)
        return;
    if (finding->rule->needs & ONCE_A_FILE)
        lines->once_kept = 0;
    struct keyed *known = keyed_table_find(&lines->sessions, finding->session);
    if (!known)
        return;
    struct waiting_session *session = (struct waiting_session *)known;
    session->found = true;
    write_session(report, session);
    if (session->ended && session->told)
        waiting_free(lines, session);
}

static void write_begins(const struct report *report)
{
    struct dialogue_lines *lines = report->collected;
    if (lines->begins.buffer.size == 0)
        return;
    fputs("{\"type\":\"dialogue\",", report->out);
    fwrite(lines->file.buffer.octets, 1, lines->file.buffer.size, report->out);
    fputs(",\"begins\":[", report->out);
    fwrite(lines->begins.buffer.octets, 1, lines->begins.buffer.size, report->out);
    fputs("]}\n", report->out);
    json_text_free(&lines->begins);
}

/* No exchange of the session will be written: says where it begins. */
static void drop(const struct report *report, struct waiting_session *session)
{
    struct dialogue_lines *lines = report->collected;
    if (!session->told && session->first_line > 0)
        json_text_format(&lines->begins, "%s[%" PRIu64 ",%" PRIu64 "]",
                         lines->begins.buffer.size > 0 ? "," : "", session->keyed.key,
                         session->first_line);
    if (lines->begins.failed)
        report_fail(report);
    waiting_free(lines, session);
    if (lines->begins.buffer.size >= LINE_OCTETS)
        write_begins(report);
}

void dialogue_lines_ended(const struct report *report, uint64_t number,
                          const struct session_outcome *outcome)
{
    struct dialogue_lines *lines = report->collected;
    struct keyed *known = lines ? keyed_table_find(&lines->sessions, number) : NULL;
    struct waiting_session *session = (struct waiting_session *)known;
    if (!session)
        return;
    session->ended = true;
    bool once = outcome->findings == 0 && outcome->once_findings > 0;
    bool awaited = outcome->findings > 0 || (once && lines->once_kept++ < ONCE_KEPT);
    if (!awaited || (session->told && session->text.buffer.size == 0))
        drop(report, session);
}

void dialogue_lines_file(const struct report *report)
{
    struct dialogue_lines *lines = report->collected;
    struct keyed **list = lines ? keyed_table_by_age(&lines->sessions) : NULL;
    if (!list) {
        report_fail(report);
        return;
    }
    for (size_t i = 0, count = lines->sessions.count; i < count; i++) {
        struct waiting_session *session = (struct waiting_session *)list[i];
        if (session->found)
            write_session(report, session);
        drop(report, session);
    }
    free(list);
    write_begins(report);
}
