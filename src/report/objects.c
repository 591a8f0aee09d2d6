/* objects.c - the keys and values of JSON objects.
 */
#include "report/objects.h"

#include <stdlib.h>

static json_t *text_or_null(struct slice text)
{
    return text.size > 0 ? json_text(text) : json_null();
}

static json_t *number_or_null(int number)
{
    return number > 0 ? json_integer(number) : json_null();
}

static json_t *reply_value(uint64_t line, int code, struct slice text)
{
    return json_pack("{s:I, s:i, s:o}", "line", (json_int_t)line, "code", code, "text",
                     json_text(text));
}

static json_t *expected_value(command_set set)
{
    enum command list[COMMAND_COUNT];
    size_t count = command_set_list(set, list, COMMAND_COUNT);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_append(&array, json_string(command_name(list[i])));
    return array;
}

/* The code that each server of the run would answer: {"postfix": 503}. `count`: 0 if none was
 * asked. */
static void add_servers(json_t **object, const struct report *report,
                        const struct prediction predictions[], size_t count)
{
    const struct server_set *servers = report->options.servers;
    for (size_t i = 0; servers && i < servers->count; i++)
        json_put(object, servers->tables[i]->name,
                 number_or_null(i < count ? predictions[i].code : 0));
}

/* Which servers of the run are documented, not measured: "documented":["gmail"], if there are any. */
static void add_documented(json_t **object, const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    json_t *names = json_array();
    for (size_t i = 0; servers && i < servers->count; i++)
        if (servers->tables[i]->documented)
            json_append(&names, json_string(servers->tables[i]->name));
    if (!names || json_array_size(names) > 0)
        json_put(object, "documented", names);
    else
        json_decref(names);
}

static json_t *followers_value(const struct finding *finding)
{
    json_t *array = json_array();
    for (size_t i = 0; i < finding->follower_count; i++)
        json_append(&array, json_integer((json_int_t)finding->followers[i]));
    return array;
}

static json_t *earlier_value(const struct earlier_line *earlier)
{
    if (earlier->line == 0)
        return json_null();
    json_t *value = json_pack("{s:I, s:o}", "line", (json_int_t)earlier->line, "message",
                              json_text(slice_of(earlier->message)));
    if (earlier->at.column > 0) {
        json_put(&value, "column", json_integer(earlier->at.column));
        json_put(&value, "end_column", json_integer(earlier->at.end_column));
    }
    return value;
}

static json_t *cause_value(const struct finding *finding)
{
    json_t *cause = earlier_value(&finding->cause);
    if (finding->origin.line > 0)
        json_put(&cause, "origin", earlier_value(&finding->origin));
    return cause;
}

json_t *finding_object(const struct report *report, const char *file, const struct finding *finding)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("finding"));
    json_put(&object, "rule", json_string(finding->rule->name));
    json_put(&object, "code", json_string(finding->rule->code));
    json_put(&object, "severity", json_string(severity_name(finding->severity)));
    json_put(&object, "fault", json_string(fault_name(finding->fault)));
    json_put(&object, "file", json_text(slice_of(file)));
    json_put(&object, "session", json_integer((json_int_t)finding->session));
    json_put(&object, "line", json_integer((json_int_t)finding->line));
    json_put(&object, "column", json_integer(finding->column));
    json_put(&object, "end_column", json_integer(finding->end_column));
    json_put(&object, "command", text_or_null(EXCERPT_SLICE(finding->command)));
    json_put(&object, "state",
             finding->has_state ? json_string(state_name(finding->state)) : json_null());
    json_put(&object, "expected", expected_value(finding->expected));
    json_put(&object, "reply",
             finding->reply.line > 0 ? reply_value(finding->reply.line, finding->reply.code,
                                                   EXCERPT_SLICE(finding->reply.text))
                                     : json_null());
    json_put(&object, "predicted", number_or_null(finding->predicted));
    json_t *servers = json_object();
    add_servers(&servers, report, finding->servers, finding->server_count);
    json_put(&object, "servers", servers);
    add_documented(&object, report);
    json_put(&object, "cause", cause_value(finding));
    json_put(&object, "followers", followers_value(finding));
    if (finding->more_followers > 0)
        json_put(&object, "more_followers", json_integer((json_int_t)finding->more_followers));
    if (finding->more_sessions > 0)
        json_put(&object, "more_sessions", json_integer((json_int_t)finding->more_sessions));
    json_put(&object, "recipient", text_or_null(finding->recipient));
    json_put(&object, "forward_path", text_or_null(finding->forward_path));
    json_put(&object, "message", json_text(slice_of(finding->message)));
    json_put(&object, "help", json_text(slice_of(finding_help(finding))));
    return object;
}

/* The verb in capitals; an unknown one as sent. */
static json_t *command_value(const struct exchange *exchange)
{
    if (exchange->command != COMMAND_UNKNOWN)
        return json_string(command_verb(exchange->command));
    if (slice_starts(exchange->verb, SLICE("["))) /* what stands for a hidden one */
        return json_text(exchange->verb);
    char room[256];
    struct slice verb = slice_head(exchange->verb, sizeof room);
    for (size_t i = 0; i < verb.size; i++)
        room[i] = ascii_upper(verb.data[i]);
    return json_text((struct slice){room, verb.size});
}

json_t *exchange_object(const struct report *report, const char *file, uint64_t session,
                        const struct exchange *exchange, const struct verdict *verdict)
{
    json_t *replies = json_array();
    for (size_t i = 0; i < exchange->reply_count; i++)
        json_append(&replies, reply_value(exchange->replies[i].line, exchange->replies[i].code,
                                          exchange->replies[i].text));
    json_t *predicted = json_object();
    json_put(&predicted, "rfc5321", number_or_null(verdict->predicted));
    if (verdict->servers && report->options.servers)
        add_servers(&predicted, report, verdict->servers, report->options.servers->count);
    json_t *object = json_object();
    json_put(&object, "type", json_string("exchange"));
    json_put(&object, "file", json_text(slice_of(file)));
    json_put(&object, "session", json_integer((json_int_t)session));
    json_put(&object, "line", json_integer((json_int_t)exchange->location.line));
    json_put(&object, "command", command_value(exchange));
    json_put(&object, "argument", json_text(exchange->argument));
    json_put(&object, "pipelined", json_boolean(exchange->answered < exchange->number));
    json_put(&object, "state", json_string(state_name(verdict->state)));
    json_put(&object, "legal", json_boolean(verdict->legal));
    json_put(&object, "replies", replies);
    json_put(&object, "predicted", predicted);
    add_documented(&object, report);
    json_put(&object, "next", json_string(state_name(verdict->next)));
    if (verdict->waited >= 0)
        json_put(&object, "milliseconds", json_integer((json_int_t)verdict->waited));
    return object;
}

/* The format of each part of the file. */
static json_t *readings_array(const struct smtpseq_recording *recording)
{
    json_t *array = json_array();
    for (size_t i = 0; i < recording->reading_count; i++) {
        const struct smtpseq_reading *reading = &recording->readings[i];
        json_t *object = json_object();
        json_put(&object, "format",
                 reading->inferred ? json_null() : json_string(reading->format->name));
        json_put(&object, "inferred", json_boolean(reading->inferred));
        json_put(&object, "line", json_integer((json_int_t)reading->line));
        json_put(&object, "sessions", json_integer((json_int_t)reading->sessions));
        json_append(&array, object);
    }
    return array;
}

json_t *file_object(const char *file, const struct smtpseq_recording *recording)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("file"));
    json_put(&object, "file", json_text(slice_of(file)));
    json_put(&object, "format",
             recording->format && !recording->inferred ? json_string(recording->format->name)
                                                       : json_null());
    json_put(&object, "inferred", json_boolean(recording->inferred));
    json_put(&object, "sessions", json_integer((json_int_t)recording->sessions));
    json_put(&object, "lines", json_integer((json_int_t)recording->lines));
    json_put(&object, "unplaced", json_integer((json_int_t)recording->unplaced));
    json_put(&object, "newest_first", json_boolean(recording->newest_first));
    json_put(&object, "readings", readings_array(recording));
    return object;
}

/* The refused command that decided a session. */
static json_t *decided_value(const struct refusal *refusal)
{
    if (refusal->line == 0)
        return json_null();
    return json_pack("{s:I, s:s, s:o}", "line", (json_int_t)refusal->line, "command",
                     command_name(refusal->command), "reply",
                     reply_value(refusal->reply_line, refusal->code, refusal_text(refusal)));
}

/* The longest wait. */
static json_t *slowest_value(const struct slow_step *slowest)
{
    if (slowest->line == 0)
        return json_null();
    return json_pack("{s:I, s:s, s:I}", "line", (json_int_t)slowest->line, "command",
                     command_name(slowest->command), "milliseconds", (json_int_t)slowest->waited);
}

json_t *session_object(const char *file, uint64_t number, const struct session_outcome *outcome)
{
    char *text = outcome_text(outcome);
    json_t *object = json_object();
    json_put(&object, "type", json_string("session"));
    json_put(&object, "file", json_text(slice_of(file)));
    json_put(&object, "session", json_integer((json_int_t)number));
    json_put(&object, "line", json_integer((json_int_t)outcome->first_line));
    json_put(&object, "name", text_or_null(slice_of(outcome->label.name)));
    json_put(&object, "id", text_or_null(slice_of(outcome->label.id)));
    json_put(&object, "peer", text_or_null(slice_of(outcome->label.peer)));
    json_put(&object, "time", text_or_null(slice_of(outcome->label.time)));
    json_put(&object, "outcome", json_string(session_result_name(outcome->result)));
    json_put(&object, "in_order", json_boolean(outcome->error_line == 0));
    json_put(&object, "delivered", json_integer((json_int_t)outcome->delivered));
    json_put(&object, "recipients_refused", json_integer((json_int_t)outcome->recipients_refused));
    json_put(&object, "decided_at", json_integer((json_int_t)outcome->line));
    json_put(&object, "refusal", decided_value(&outcome->refusal));
    json_put(&object, "slowest", slowest_value(&outcome->slowest));
    json_put(&object, "message", text ? json_text(slice_of(text)) : NULL);
    free(text);
    return object;
}

json_t *summary_object(const struct report_totals *totals)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "summary", "files",
                     (json_int_t)totals->files, "sessions", (json_int_t)totals->sessions,
                     "exchanges", (json_int_t)totals->exchanges, "errors",
                     (json_int_t)totals->findings[SEVERITY_ERROR], "warnings",
                     (json_int_t)totals->findings[SEVERITY_WARNING], "notes",
                     (json_int_t)totals->findings[SEVERITY_NOTE]);
}

json_t *statistics_object(enum statistics_by by, const struct statistics_row *row)
{
    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "type", "statistics", "by",
                     statistics_name(by), "key", json_text(slice_of(row->key)), "errors",
                     (json_int_t)row->findings[SEVERITY_ERROR], "warnings",
                     (json_int_t)row->findings[SEVERITY_WARNING], "notes",
                     (json_int_t)row->findings[SEVERITY_NOTE]);
}

json_t *chain_object(const struct forward_chain *chain)
{
    json_t *addresses = json_array();
    for (size_t i = 0; i < chain->count; i++)
        json_append(&addresses, json_text(slice_of(chain->addresses[i])));
    return json_pack("{s:s, s:o, s:b}", "type", "chain", "addresses", addresses, "loop",
                     chain->loop);
}

json_t *forward_object(const char *file, const struct finding *finding)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("forward"));
    json_put(&object, "file", json_text(slice_of(file)));
    json_put(&object, "session", json_integer((json_int_t)finding->session));
    json_put(&object, "line", json_integer((json_int_t)finding->line));
    json_put(&object, "command", text_or_null(EXCERPT_SLICE(finding->command)));
    json_put(&object, "recipient", text_or_null(finding->recipient));
    json_put(&object, "forward_path", text_or_null(finding->forward_path));
    json_put(
        &object, "reply",
        reply_value(finding->reply.line, finding->reply.code, EXCERPT_SLICE(finding->reply.text)));
    if (finding->more_sessions > 0)
        json_put(&object, "more", json_integer((json_int_t)finding->more_sessions));
    return object;
}
