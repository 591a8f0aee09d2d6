/* ndjson.c - one JSON object a line, for programs. The keys are fixed.
 */
#include <jansson.h>
#include <stdlib.h>

#include "json_memory.h"
#include "report/harmless.h"
#include "report/report.h"

/* Text of a recording as a JSON string; NULL where memory is short, which is found when it is printed. */
static json_t *text_value(struct slice text)
{
    char *room = json_memory_take(text.size * 3 + 1);
    if (!room)
        return NULL;
    json_t *value = json_stringn(room, copy_valid_utf8(room, text));
    free(room);
    return value;
}

static json_t *text_or_null(struct slice text)
{
    return text.size > 0 ? text_value(text) : json_null();
}

static json_t *number_or_null(int number)
{
    return number != 0 ? json_integer(number) : json_null();
}

static void print_object(const struct report *report, json_t *object)
{
    /* A failed write is in the stream's error flag, where the caller looks. What lacks a member since
     * memory was short is not printed at all. */
    if (!json_memory_short() && object &&
        json_dumpf(object, report->out, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        putc('\n', report->out);
    else if (!ferror(report->out))
        report_fail(report);
    if (json_memory_short())
        report_fail(report);
    json_decref(object);
}

static json_t *reply_value(uint64_t line, int code, struct slice text)
{
    return json_pack("{s:I, s:i, s:o}", "line", (json_int_t)line, "code", code, "text",
                     text_value(text));
}

static json_t *expected_value(command_set set)
{
    enum command list[COMMAND_COUNT];
    size_t count = command_set_list(set, list, COMMAND_COUNT);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(command_name(list[i])));
    return array;
}

/* What each server of the run says: {"postfix": 503}; of the strict one elsewhere. */
static void add_servers(json_t *object, const struct report *report,
                        const struct prediction predictions[])
{
    const struct server_set *servers = report->options.servers;
    for (size_t i = 0; servers && i < servers->count; i++)
        json_object_set_new(object, servers->tables[i]->name,
                            number_or_null(predictions[i].code));
}

static json_t *followers_value(const struct finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->follower_count; i++)
        json_array_append_new(array, json_integer((json_int_t)finding->followers[i]));
    return array;
}

static json_t *cause_value(const struct finding *finding)
{
    if (finding->cause.line == 0)
        return json_null();
    return json_pack("{s:I, s:o}", "line", (json_int_t)finding->cause.line, "message",
                     text_value(slice_of(finding->cause.message)));
}

static void ndjson_finding(const struct report *report, const char *file,
                           const struct finding *finding)
{
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("finding"));
    json_object_set_new(object, "rule", json_string(finding->rule->name));
    json_object_set_new(object, "code", json_string(finding->rule->code));
    json_object_set_new(object, "severity", json_string(severity_name(finding->severity)));
    json_object_set_new(object, "fault", json_string(fault_name(finding->fault)));
    json_object_set_new(object, "file", text_value(slice_of(file)));
    json_object_set_new(object, "session", json_integer((json_int_t)finding->session));
    json_object_set_new(object, "line", json_integer((json_int_t)finding->line));
    json_object_set_new(object, "column", json_integer(finding->column));
    json_object_set_new(object, "end_column", json_integer(finding->end_column));
    json_object_set_new(
        object, "command",
        text_or_null(shown_finding_command(finding, report->options.show_secrets)));
    json_object_set_new(object, "state",
                        finding->has_state ? json_string(state_name(finding->state))
                                           : json_null());
    json_object_set_new(object, "expected", expected_value(finding->expected));
    json_object_set_new(object, "reply",
                        finding->reply.line > 0
                            ? reply_value(finding->reply.line, finding->reply.code,
                                          shown_finding_reply(finding,
                                                              report->options.show_secrets))
                            : json_null());
    json_object_set_new(object, "predicted", number_or_null(finding->predicted));
    json_t *servers = json_object();
    add_servers(servers, report, finding->servers);
    json_object_set_new(object, "servers", servers);
    json_object_set_new(object, "cause", cause_value(finding));
    json_object_set_new(object, "followers", followers_value(finding));
    json_object_set_new(object, "recipient", text_or_null(EXCERPT_SLICE(finding->recipient)));
    json_object_set_new(object, "forward_path",
                        text_or_null(EXCERPT_SLICE(finding->forward_path)));
    json_object_set_new(object, "message", text_value(slice_of(finding->message)));
    json_object_set_new(object, "help", text_value(slice_of(finding->rule->fix)));
    print_object(report, object);
}

/* The verb in capitals; of an unknown one what was sent. */
static json_t *command_value(const struct exchange *exchange, const struct verdict *verdict,
                             bool show_secrets)
{
    if (exchange->command != COMMAND_UNKNOWN)
        return json_string(command_verb(exchange->command));
    if (verdict->secret && !show_secrets)
        return json_string(REDACTED);
    char room[256];
    struct slice verb = slice_head(exchange->verb, sizeof room);
    for (size_t i = 0; i < verb.size; i++)
        room[i] = ascii_upper(verb.data[i]);
    return text_value((struct slice){room, verb.size});
}

static void ndjson_exchange(const struct report *report, const char *file, uint64_t session,
                            const struct exchange *exchange, const struct verdict *verdict)
{
    char room[128];
    json_t *replies = json_array();
    for (size_t i = 0; i < exchange->reply_count; i++)
        json_array_append_new(replies,
                              reply_value(exchange->replies[i].line, exchange->replies[i].code,
                                          shown_reply(exchange, verdict,
                                                      &exchange->replies[i],
                                                      report->options.show_secrets)));
    json_t *predicted = json_object();
    json_object_set_new(predicted, "rfc5321", number_or_null(verdict->predicted));
    if (verdict->servers)
        add_servers(predicted, report, verdict->servers);
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("exchange"));
    json_object_set_new(object, "file", text_value(slice_of(file)));
    json_object_set_new(object, "session", json_integer((json_int_t)session));
    json_object_set_new(object, "line", json_integer((json_int_t)exchange->place.line));
    json_object_set_new(object, "command", command_value(exchange, verdict,
                                                         report->options.show_secrets));
    json_object_set_new(object, "argument",
                        text_value(shown_argument(exchange, report->options.show_secrets, room,
                                                  sizeof room)));
    json_object_set_new(object, "pipelined",
                        json_boolean(exchange->answered < exchange->number));
    json_object_set_new(object, "state", json_string(state_name(verdict->state)));
    json_object_set_new(object, "legal", json_boolean(verdict->legal));
    json_object_set_new(object, "replies", replies);
    json_object_set_new(object, "predicted", predicted);
    json_object_set_new(object, "next", json_string(state_name(verdict->next)));
    print_object(report, object);
}

static void ndjson_file(const struct report *report, const char *file,
                        const struct smtpseq_recording *recording)
{
    if (report->subject != REPORT_FINDINGS)
        return;
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("file"));
    json_object_set_new(object, "file", text_value(slice_of(file)));
    json_object_set_new(object, "format",
                        recording->format && !recording->inferred
                            ? json_string(recording->format->name)
                            : json_null());
    json_object_set_new(object, "inferred", json_boolean(recording->inferred));
    json_object_set_new(object, "sessions", json_integer((json_int_t)recording->sessions));
    json_object_set_new(object, "lines", json_integer((json_int_t)recording->lines));
    json_object_set_new(object, "unplaced", json_integer((json_int_t)recording->unplaced));
    print_object(report, object);
}

static void ndjson_summary(const struct report *report, const struct report_totals *totals)
{
    if (report->subject == REPORT_FORWARDS)
        return;
    print_object(report, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "summary",
                                   "files", (json_int_t)totals->files, "sessions",
                                   (json_int_t)totals->sessions, "exchanges",
                                   (json_int_t)totals->exchanges, "errors",
                                   (json_int_t)totals->findings[SEVERITY_ERROR], "warnings",
                                   (json_int_t)totals->findings[SEVERITY_WARNING], "notes",
                                   (json_int_t)totals->findings[SEVERITY_NOTE]));
}

static void ndjson_forward(const struct report *report, const char *file,
                           const struct finding *finding)
{
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("forward"));
    json_object_set_new(object, "file", text_value(slice_of(file)));
    json_object_set_new(object, "session", json_integer((json_int_t)finding->session));
    json_object_set_new(object, "line", json_integer((json_int_t)finding->line));
    json_object_set_new(object, "command", text_or_null(EXCERPT_SLICE(finding->command)));
    json_object_set_new(object, "recipient", text_or_null(EXCERPT_SLICE(finding->recipient)));
    json_object_set_new(object, "forward_path",
                        text_or_null(EXCERPT_SLICE(finding->forward_path)));
    json_object_set_new(object, "reply",
                        reply_value(finding->reply.line, finding->reply.code,
                                    EXCERPT_SLICE(finding->reply.text)));
    print_object(report, object);
}

const struct report_format ndjson_report = {
    .name = "ndjson",
    .title = "one JSON object a line",
    .finding = ndjson_finding,
    .exchange = ndjson_exchange,
    .file = ndjson_file,
    .summary = ndjson_summary,
    .forward = ndjson_forward,
};
