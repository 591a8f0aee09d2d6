/* finding_object.c - what report/objects.c writes of a finding, key by key. */
#include "merge/finding_object.h"

#include <stdlib.h>

#include "base/catalogue.h"
#include "smtp/log_time.h"

/* The longest line of which columns are told. */
#define COLUMN_MAX      UINT32_MAX
#define LINE_MAX_NUMBER ((uint64_t)INT64_MAX)

void helps_free(struct helps *helps)
{
    for (size_t i = 0; i < helps->count; i++)
        free(helps->list[i]);
    *helps = (struct helps){0};
}

static const char *severity_at(size_t index)
{
    return severity_name((enum severity)index);
}

static const char *fault_at(size_t index)
{
    return fault_name((enum fault)index);
}

static const char *state_at(size_t index)
{
    return state_name((enum session_state)index);
}

static const char *command_at(size_t index)
{
    return command_name((enum command)index);
}

enum severity read_severity(struct object *object, const char *key)
{
    return (enum severity)object_index(object, object_string(object, key), SEVERITY_COUNT,
                                       severity_at);
}

static enum session_state read_state(struct object *object, const char *name)
{
    return (enum session_state)object_index(object, name, STATE_COUNT, state_at);
}

enum command read_command(struct object *object, const char *name)
{
    return (enum command)object_index(object, name, COMMAND_COUNT, command_at);
}

void read_label(struct object *object, struct session_label *label)
{
    *label = (struct session_label){0};
    object_copy(object, "name", label->name, sizeof label->name);
    object_copy(object, "id", label->id, sizeof label->id);
    object_copy(object, "peer", label->peer, sizeof label->peer);
    object_copy(object, "client", label->client, sizeof label->client);
    object_copy(object, "time", label->time, sizeof label->time);
    if (label->time[0])
        log_time_find(slice_of(label->time), &label->begun);
}

/* Which octets of a line are marked. */
static void read_marks(struct object *object, size_t *from, size_t *to)
{
    const json_t *marked = object_array(object, "marked");
    *from = marked ? item_number(object, marked, 0, INT32_MAX) : 0;
    *to = marked ? item_number(object, marked, 1, INT32_MAX) : 0;
    if (*from > *to)
        object->wrong = "marked";
}

/* The number of an exchange; SIZE_MAX: there is none. */
static size_t read_exchange(struct object *object)
{
    return json_object_get(object->json, "exchange") ? object_number(object, "exchange", INT64_MAX)
                                                     : SIZE_MAX;
}

static struct earlier_line read_earlier(struct object *of, const char *key)
{
    struct object object = {.json = object_object(of, key)};
    struct earlier_line earlier = {.number = SIZE_MAX};
    if (!object.json)
        return earlier;
    earlier.line = earlier.at.line = object_number(&object, "line", LINE_MAX_NUMBER);
    earlier.at.column = (uint32_t)object_number(&object, "column", COLUMN_MAX);
    earlier.at.end_column = (uint32_t)object_number(&object, "end_column", COLUMN_MAX);
    earlier.at.part = (unsigned)object_number(&object, "part", 1);
    earlier.number = read_exchange(&object);
    struct slice raw = object_text(&object, "raw");
    if (raw.size > sizeof earlier.at.raw)
        object.wrong = "raw";
    else if (raw.size > 0)
        memcpy(earlier.at.raw, raw.data, raw.size);
    earlier.at.size = (uint16_t)(object.wrong ? 0 : raw.size);
    read_marks(&object, &earlier.marked_from, &earlier.marked_to);
    object_copy(&object, "message", earlier.message, sizeof earlier.message);
    if (object.wrong)
        of->wrong = object.wrong;
    return earlier;
}

static void read_cause(struct object *object, struct finding *finding)
{
    struct object cause = {.json = object_object(object, "cause")};
    finding->cause = read_earlier(object, "cause");
    finding->origin = (struct earlier_line){.number = SIZE_MAX};
    if (!cause.json)
        return;
    finding->origin = read_earlier(&cause, "origin");
    object_copy(&cause, "since", finding->since, sizeof finding->since);
    if (cause.wrong)
        object->wrong = cause.wrong;
}

static void read_reply(struct object *object, struct finding *finding)
{
    struct object reply = {.json = object_object(object, "reply")};
    if (!reply.json)
        return;
    finding->reply.line = object_number(&reply, "line", LINE_MAX_NUMBER);
    finding->reply.code = (int)object_number(&reply, "code", 999);
    EXCERPT_SET(finding->reply.text, object_text(&reply, "text"));
    if (reply.wrong)
        object->wrong = reply.wrong;
}

/* Returns true if a name is among those of a list. */
static bool is_listed(struct object *object, const char *key, const char *name)
{
    const json_t *list = object_array(object, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = json_string_value(json_array_get(list, i));
        if (other && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

static void read_servers(struct object *object, const struct server_set *set,
                         struct read_finding *read)
{
    struct object servers = {.json = object_object(object, "servers")};
    for (size_t i = 0; i < set->count && servers.json; i++) {
        const char *name = set->tables[i]->name;
        read->servers[i].code = is_listed(object, "no_answer", name)
                                    ? PREDICTION_NO_ANSWER
                                    : (int)object_number(&servers, name, 999);
    }
    read->finding.servers = read->servers;
    read->finding.server_count = servers.json ? set->count : 0;
    if (servers.wrong)
        object->wrong = servers.wrong;
}

static void read_followers(struct object *object, struct read_finding *read)
{
    const json_t *list = object_array(object, "followers");
    size_t count = json_array_size(list);
    if (count > FOLLOWERS_NAMED) {
        object->wrong = "followers";
        return;
    }
    for (size_t i = 0; i < count; i++)
        read->followers[i] = item_number(object, list, i, LINE_MAX_NUMBER);
    read->finding.followers = read->followers;
    read->finding.follower_count = count;
    read->finding.more_followers = object_number(object, "more_followers", LINE_MAX_NUMBER);
    read->finding.more_sessions = object_number(object, "more_sessions", LINE_MAX_NUMBER);
}

static void read_expected(struct object *object, struct finding *finding)
{
    const json_t *list = object_array(object, "expected");
    for (size_t i = 0; i < json_array_size(list) && i < COMMAND_COUNT; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        finding->expected |= COMMAND_BIT(read_command(object, name ? name : ""));
    }
}

/* Advice that is not the rule's own is kept, since copies of findings refer to it. */
static void read_help(struct object *object, struct helps *helps, struct finding *finding)
{
    const char *help = object_string(object, "help");
    size_t index = 0;
    if (!finding->rule || strcmp(help, finding->rule->fix) == 0)
        return;
    while (index < helps->count && strcmp(helps->list[index], help) != 0)
        index++;
    if (index == HELPS_MAX) {
        object->wrong = "help";
        return;
    }
    if (index == helps->count && !(helps->list[helps->count++] = strdup(help))) {
        helps->count--;
        object->wrong = "out of memory";
        return;
    }
    finding->help = helps->list[index];
}

static void read_rule(struct object *object, struct finding *finding)
{
    finding->rule = rule_by_name(object_string(object, "rule"));
    finding->severity = read_severity(object, "severity");
    finding->fault =
        (enum fault)object_index(object, object_string(object, "fault"), FAULT_COUNT, fault_at);
    if (!finding->rule)
        object->wrong = N_("rule (written by another version of smtpseq?)");
}

static void read_place(struct object *object, uint64_t session_max, struct finding *finding)
{
    finding->session = object_number(object, "session", session_max);
    finding->part = (unsigned)object_number(object, "part", 1);
    finding->line = object_number(object, "line", LINE_MAX_NUMBER);
    finding->column = (uint32_t)object_number(object, "column", COLUMN_MAX);
    finding->end_column = (uint32_t)object_number(object, "end_column", COLUMN_MAX);
    finding->raw = slice_head(object_text(object, "raw"), FINDING_TEXT);
    finding->blanked = object_flag(object, "blanked");
    finding->number = read_exchange(object);
    read_marks(object, &finding->marked_from, &finding->marked_to);
    if (finding->session == 0)
        object->wrong = "session";
}

void finding_read(struct object *object, const struct server_set *servers, uint64_t session_max,
                  struct helps *helps, struct read_finding *read)
{
    struct finding *finding = &read->finding;
    *read =
        (struct read_finding){.finding = {.hidden_from = SIZE_MAX, .follower_number = SIZE_MAX}};
    read_rule(object, finding);
    read_place(object, session_max, finding);
    EXCERPT_SET(finding->command, object_text(object, "command"));
    EXCERPT_SET(finding->known_as, object_text(object, "known_as"));
    const char *state = object_string(object, "state");
    finding->has_state = state[0] != '\0';
    if (finding->has_state)
        finding->state = read_state(object, state);
    const json_t *shape = json_object_get(object->json, "shape");
    finding->shape = (uint64_t)json_integer_value(shape); /* a hash: any number */
    finding->predicted = (int)object_number(object, "predicted", 999);
    finding->recipient = slice_head(object_text(object, "recipient"), FINDING_TEXT);
    finding->forward_path = slice_head(object_text(object, "forward_path"), FINDING_TEXT);
    object_copy(object, "message", finding->message, sizeof finding->message);
    read_expected(object, finding);
    read_reply(object, finding);
    read_servers(object, servers, read);
    read_cause(object, finding);
    read_followers(object, read);
    read_label(object, &finding->label);
    read_help(object, helps, finding);
    if (!json_is_integer(shape))
        object->wrong = N_("shape (written by an older smtpseq?)");
}
