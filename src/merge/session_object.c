/* session_object.c - key by key. */
#include "merge/session_object.h"

#include "merge/finding_object.h"

static const char *result_at(size_t index)
{
    return session_result_name((enum session_result)index);
}

static const char *reason_at(size_t index)
{
    return session_reason_name((enum session_reason)index);
}

static void read_refusal(struct object *of, struct refusal *refusal)
{
    struct object object = {.json = object_object(of, "refusal")};
    struct object reply = {.json = object.json ? object_object(&object, "reply") : NULL};
    if (!object.json || !reply.json)
        return;
    struct slice text = slice_head(object_text(&reply, "text"), OUTCOME_TEXT);
    refusal->line = object_number(&object, "line", INT64_MAX);
    refusal->command = read_command(&object, object_string(&object, "command"));
    refusal->reply_line = object_number(&reply, "line", INT64_MAX);
    refusal->code = (int)object_number(&reply, "code", 999);
    refusal->size = (unsigned char)text.size;
    if (text.size > 0)
        memcpy(refusal->text, text.data, text.size);
    if (object.wrong || reply.wrong)
        of->wrong = object.wrong ? object.wrong : reply.wrong;
}

static void read_slowest(struct object *of, struct slow_step *slowest)
{
    struct object object = {.json = object_object(of, "slowest")};
    if (!object.json)
        return;
    slowest->line = object_number(&object, "line", INT64_MAX);
    slowest->command = read_command(&object, object_string(&object, "command"));
    slowest->waited = (int64_t)object_number(&object, "milliseconds", INT64_MAX);
    slowest->late = object_flag(&object, "late");
    if (object.wrong)
        of->wrong = object.wrong;
}

static void read_error(struct object *object, struct session_outcome *outcome)
{
    outcome->error_line = object_number(object, "error_line", INT64_MAX);
    if (outcome->error_line == 0)
        return;
    const struct rule *rule = rule_by_name(object_string(object, "error_rule"));
    outcome->error_rule = rule ? rule->name : "";
    if (!rule)
        object->wrong = "error_rule";
}

void outcome_read(struct object *object, struct session_outcome *outcome)
{
    *outcome = (struct session_outcome){0};
    const char *reason = object_string(object, "reason");
    outcome->result = (enum session_result)object_index(object, object_string(object, "outcome"),
                                                        RESULT_COUNT, result_at);
    if (reason[0]) {
        outcome->reason =
            (enum session_reason)object_index(object, reason, REASON_COUNT, reason_at);
        outcome->command = read_command(object, object_string(object, "command"));
    }
    outcome->greeting_waited = -1;
    if (json_object_get(object->json, "greeting_waited"))
        outcome->greeting_waited = (int64_t)object_number(object, "greeting_waited", INT64_MAX);
    outcome->exchanges = object_number(object, "exchanges", INT64_MAX);
    outcome->first_line = object_number(object, "line", INT64_MAX);
    outcome->line = object_number(object, "decided_at", INT64_MAX);
    outcome->delivered = object_number(object, "delivered", INT64_MAX);
    outcome->recipients_refused = object_number(object, "recipients_refused", INT64_MAX);
    outcome->auth_unused = object_number(object, "auth_unused", INT64_MAX);
    outcome->starttls_unused = object_number(object, "starttls_unused", INT64_MAX);
    read_refusal(object, &outcome->refusal);
    read_slowest(object, &outcome->slowest);
    read_error(object, outcome);
    read_label(object, &outcome->label);
}

/* What each part of the recording was read as. */
static void read_readings(struct object *of, struct smtpseq_recording *recording)
{
    const json_t *list = object_array(of, "readings");
    recording->reading_count = json_array_size(list);
    if (recording->reading_count > SMTPSEQ_READINGS_MAX) {
        of->wrong = "readings";
        recording->reading_count = 0;
    }
    for (size_t i = 0; i < recording->reading_count; i++) {
        struct object object = {.json = json_array_get(list, i)};
        struct smtpseq_reading *reading = &recording->readings[i];
        reading->inferred = object_flag(&object, "inferred");
        reading->format = format_by_name(object_string(&object, "format"));
        reading->line = object_number(&object, "line", INT64_MAX);
        reading->sessions = object_number(&object, "sessions", INT64_MAX);
        if (object.wrong || (!reading->format && !reading->inferred))
            of->wrong = "readings";
    }
}

void recording_read(struct object *object, struct smtpseq_recording *recording)
{
    *recording = (struct smtpseq_recording){0};
    const char *format = object_string(object, "format");
    recording->inferred = object_flag(object, "inferred");
    recording->format = format_by_name(format);
    recording->sessions = object_number(object, "sessions", INT64_MAX);
    recording->lines = object_number(object, "lines", INT64_MAX);
    recording->unplaced = object_number(object, "unplaced", INT64_MAX);
    recording->newest_first = object_flag(object, "newest_first");
    read_readings(object, recording);
    if (format[0] && !recording->format)
        object->wrong = "format";
}
