/* objects.c - the keys and values of JSON objects.
 */
#include "report/objects.h"

#include <stdlib.h>

/* Puts a text, null if it is empty. */
static void put_text_or_null(json_t **object, const char *key, struct slice text)
{
    if (text.size > 0)
        json_put_text(object, key, text);
    else
        json_put(object, key, json_null());
}

/* Puts a text, unless it is empty. */
static void put_text_if_any(json_t **object, const char *key, struct slice text)
{
    if (text.size > 0)
        json_put_text(object, key, text);
}

/* Puts a number, unless it is 0. */
static void put_if_any(json_t **object, const char *key, uint64_t number)
{
    if (number > 0)
        json_put(object, key, json_integer((json_int_t)number));
}

static json_t *number_or_null(int number)
{
    return number > 0 ? json_integer(number) : json_null();
}

static json_t *reply_value(uint64_t line, int code, struct slice text)
{
    json_t *value = json_pack("{s:I, s:i}", "line", (json_int_t)line, "code", code);
    json_put_text(&value, "text", text);
    return value;
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

/* A recorded line, and which octets of it are marked. `part`: which file of the recording it is in. */
static void put_line(json_t **object, struct slice raw, size_t from, size_t to, unsigned part)
{
    if (raw.size > 0) {
        json_put_text(object, "raw", raw);
        json_put(object, "marked", json_pack("[I, I]", (json_int_t)from, (json_int_t)to));
    }
    put_if_any(object, "part", part);
}

static json_t *earlier_value(const struct earlier_line *earlier)
{
    if (earlier->line == 0)
        return json_null();
    json_t *value = json_pack("{s:I}", "line", (json_int_t)earlier->line);
    json_put_text(&value, "message", slice_of(earlier->message));
    if (earlier->at.column > 0) {
        json_put(&value, "column", json_integer(earlier->at.column));
        json_put(&value, "end_column", json_integer(earlier->at.end_column));
    }
    put_line(&value, (struct slice){earlier->at.raw, earlier->at.size}, earlier->marked_from,
             earlier->marked_to, earlier->at.part);
    if (earlier->number != SIZE_MAX)
        json_put(&value, "exchange", json_integer((json_int_t)earlier->number));
    return value;
}

static json_t *cause_value(const struct finding *finding)
{
    json_t *cause = earlier_value(&finding->cause);
    if (finding->cause.line > 0)
        put_text_if_any(&cause, "since", slice_of(finding->since));
    if (finding->origin.line > 0)
        json_put(&cause, "origin", earlier_value(&finding->origin));
    return cause;
}

/* What the log calls the session. */
static void put_label(json_t **object, const struct session_label *label)
{
    put_text_if_any(object, "name", slice_of(label->name));
    put_text_if_any(object, "id", slice_of(label->id));
    put_text_if_any(object, "peer", slice_of(label->peer));
    put_text_if_any(object, "client", slice_of(label->client));
    put_text_if_any(object, "time", slice_of(label->time));
}

/* The server of the run that have closed the connection and answer nothing. */
static void put_no_answer(json_t **object, const struct report *report,
                          const struct finding *finding)
{
    const struct server_set *servers = report->options.servers;
    json_t *names = NULL;
    for (size_t i = 0; servers && i < servers->count; i++)
        if (finding_code(finding, i) == PREDICTION_NO_ANSWER) {
            names = names ? names : json_array();
            json_append(&names, json_string(servers->tables[i]->name));
        }
    if (names)
        json_put(object, "no_answer", names);
}

/* What other reports show of a finding: the recorded line, the session's name, and what identifies the
 * finding in a baseline. */
static void put_more(json_t **object, const struct report *report, const struct finding *finding)
{
    put_line(object, finding->raw, finding->marked_from, finding->marked_to, finding->part);
    if (finding->blanked)
        json_put(object, "blanked", json_true());
    if (finding->number != SIZE_MAX)
        json_put(object, "exchange", json_integer((json_int_t)finding->number));
    put_text_if_any(object, "known_as", EXCERPT_SLICE(finding->known_as));
    json_put(object, "shape", json_integer((json_int_t)finding->shape));
    put_no_answer(object, report, finding);
    put_label(object, &finding->label);
}

json_t *finding_object(const struct report *report, const char *file, const struct finding *finding)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("finding"));
    json_put(&object, "rule", json_string(finding->rule->name));
    json_put(&object, "code", json_string(finding->rule->code));
    json_put(&object, "severity", json_string(severity_name(finding->severity)));
    json_put(&object, "fault", json_string(fault_name(finding->fault)));
    json_put_text(&object, "file", slice_of(file));
    json_put(&object, "session", json_integer((json_int_t)finding->session));
    json_put(&object, "line", json_integer((json_int_t)finding->line));
    json_put(&object, "column", json_integer(finding->column));
    json_put(&object, "end_column", json_integer(finding->end_column));
    put_text_or_null(&object, "command", EXCERPT_SLICE(finding->command));
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
    put_if_any(&object, "more_followers", finding->more_followers);
    put_if_any(&object, "more_sessions", finding->more_sessions);
    put_text_or_null(&object, "recipient", finding->recipient);
    put_text_or_null(&object, "forward_path", finding->forward_path);
    json_put_text(&object, "message", slice_of(finding->message));
    json_put_text(&object, "help", slice_of(finding_help(finding)));
    put_more(&object, report, finding);
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
    json_put_text(&object, "file", slice_of(file));
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
    if (verdict->times.waited >= 0)
        json_put(&object, "milliseconds", json_integer((json_int_t)verdict->times.waited));
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

/* The servers that were asked about, and from which level on findings fail the run, where that is not as
 * usual. */
static void put_settings(json_t **object, const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    json_t *names = json_array();
    for (size_t i = 0; servers && i < servers->count; i++)
        json_append(&names, json_string(servers->tables[i]->name));
    if (names && json_array_size(names) > 0) {
        json_put(object, "servers", names);
        add_documented(object, report);
    } else {
        json_decref(names);
    }
    int fail_on = report->options.fail_on;
    if (fail_on != SEVERITY_ERROR)
        json_put(object, "fail_on",
                 json_string(fail_on < SEVERITY_COUNT ? severity_name((enum severity)fail_on)
                                                      : "never"));
}

json_t *file_object(const struct report *report, const char *file,
                    const struct smtpseq_recording *recording)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("file"));
    json_put_text(&object, "file", slice_of(file));
    json_put(&object, "format",
             recording->format && !recording->inferred ? json_string(recording->format->name)
                                                       : json_null());
    json_put(&object, "inferred", json_boolean(recording->inferred));
    json_put(&object, "sessions", json_integer((json_int_t)recording->sessions));
    json_put(&object, "lines", json_integer((json_int_t)recording->lines));
    json_put(&object, "unplaced", json_integer((json_int_t)recording->unplaced));
    json_put(&object, "newest_first", json_boolean(recording->newest_first));
    json_put(&object, "readings", readings_array(recording));
    if (report->recording > 1)
        json_put(&object, "recording", json_integer((json_int_t)report->recording));
    put_settings(&object, report);
    return object;
}

json_t *trouble_object(const char *file, const char *text)
{
    json_t *object = json_object();
    json_put(&object, "type", json_string("trouble"));
    json_put_text(&object, "file", slice_of(file));
    json_put_text(&object, "message", slice_of(text));
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
    json_t *object =
        json_pack("{s:I, s:s, s:I}", "line", (json_int_t)slowest->line, "command",
                  command_name(slowest->command), "milliseconds", (json_int_t)slowest->waited);
    if (slowest->late)
        json_put(&object, "late", json_true());
    return object;
}

/* Why it ended as it did. */
static void put_reason(json_t **object, const struct session_outcome *outcome)
{
    const char *reason = session_reason_name(outcome->reason);
    if (reason) {
        json_put(object, "reason", json_string(reason));
        json_put(object, "command", json_string(command_name(outcome->command)));
    }
    if (outcome->greeting_waited >= 0)
        json_put(object, "greeting_waited", json_integer((json_int_t)outcome->greeting_waited));
    put_if_any(object, "auth_unused", outcome->auth_unused);
    put_if_any(object, "starttls_unused", outcome->starttls_unused);
    put_if_any(object, "error_line", outcome->error_line);
    if (outcome->error_line > 0)
        json_put(object, "error_rule", json_string(outcome->error_rule));
}

json_t *session_object(const char *file, uint64_t number, const struct session_outcome *outcome)
{
    char *text = outcome_text(outcome, NULL);
    json_t *object = json_object();
    json_put(&object, "type", json_string("session"));
    json_put_text(&object, "file", slice_of(file));
    json_put(&object, "session", json_integer((json_int_t)number));
    json_put(&object, "line", json_integer((json_int_t)outcome->first_line));
    put_text_or_null(&object, "name", slice_of(outcome->label.name));
    put_text_or_null(&object, "id", slice_of(outcome->label.id));
    put_text_or_null(&object, "peer", slice_of(outcome->label.peer));
    put_text_or_null(&object, "time", slice_of(outcome->label.time));
    json_put(&object, "outcome", json_string(session_result_name(outcome->result)));
    json_put(&object, "in_order", json_boolean(outcome->error_line == 0));
    json_put(&object, "delivered", json_integer((json_int_t)outcome->delivered));
    json_put(&object, "recipients_refused", json_integer((json_int_t)outcome->recipients_refused));
    json_put(&object, "decided_at", json_integer((json_int_t)outcome->line));
    json_put(&object, "refusal", decided_value(&outcome->refusal));
    json_put(&object, "slowest", slowest_value(&outcome->slowest));
    json_put(&object, "message", text ? json_text(slice_of(text)) : NULL);
    json_put(&object, "exchanges", json_integer((json_int_t)outcome->exchanges));
    put_text_if_any(&object, "client", slice_of(outcome->label.client));
    put_reason(&object, outcome);
    free(text);
    return object;
}

json_t *servers_value(const struct report *report)
{
    const struct server_set *servers = report->options.servers;
    json_t *array = json_array();
    for (size_t i = 0; servers && i < servers->count; i++) {
        const struct server_table *table = servers->tables[i];
        json_t *object = json_object();
        json_put(&object, "name", json_string(table->name));
        json_put(&object, "version", json_text(table->version));
        json_put(&object, "settings", json_text(table->settings));
        json_put(&object, "documented", json_boolean(table->documented));
        json_append(&array, object);
    }
    return array;
}

json_t *summary_object(const struct report *report, const struct report_totals *totals)
{
    json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "summary", "files",
                               (json_int_t)totals->files, "sessions", (json_int_t)totals->sessions,
                               "exchanges", (json_int_t)totals->exchanges, "errors",
                               (json_int_t)totals->findings[SEVERITY_ERROR], "warnings",
                               (json_int_t)totals->findings[SEVERITY_WARNING], "notes",
                               (json_int_t)totals->findings[SEVERITY_NOTE]);
    put_if_any(&object, "allowed", totals->allowed);
    put_if_any(&object, "known", totals->known);
    if (totals->unread)
        json_put(&object, "unread", json_true());
    json_t *paths = totals->passed_over && totals->passed_over[0] ? json_array() : NULL;
    for (size_t i = 0; paths && totals->passed_over[i]; i++) {
        json_t *name = json_object();
        json_put_text(&name, "file", slice_of(totals->passed_over[i]));
        json_append(&paths, name);
    }
    if (paths)
        json_put(&object, "passed_over", paths);
    if (report->options.servers && report->options.servers->count > 0)
        json_put(&object, "servers", servers_value(report));
    return object;
}

json_t *reply_time_object(enum command command, const struct reply_time *time)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:I}", "type", "slowest", "command",
                     command_name(command), "milliseconds", (json_int_t)time->longest, "total",
                     (json_int_t)time->sum, "sessions", (json_int_t)time->count, "file",
                     json_text(slice_of(time->file)), "line", (json_int_t)time->line);
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
    json_put_text(&object, "file", slice_of(file));
    json_put(&object, "session", json_integer((json_int_t)finding->session));
    json_put(&object, "line", json_integer((json_int_t)finding->line));
    put_text_or_null(&object, "command", EXCERPT_SLICE(finding->command));
    put_text_or_null(&object, "recipient", finding->recipient);
    put_text_or_null(&object, "forward_path", finding->forward_path);
    json_put(
        &object, "reply",
        reply_value(finding->reply.line, finding->reply.code, EXCERPT_SLICE(finding->reply.text)));
    if (finding->more_sessions > 0)
        json_put(&object, "more", json_integer((json_int_t)finding->more_sessions));
    return object;
}
