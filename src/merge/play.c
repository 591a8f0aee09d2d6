/* play.c - reads a part of a report for the second time. */
#include "merge/play.h"

#include <stdlib.h>

#include "base/catalogue.h"
#include "merge/session_object.h"

struct play {
    const struct part *part;
    const struct play_sink *sink;
    struct helps *helps;
    struct told_recording told;
    uint64_t session_max;
    json_t *finding; /* waits for the exchanges before it, which come after it; owned */
};

static void read_servers(struct object *object, struct named_servers *known,
                         struct server_set *servers)
{
    const json_t *list = object_array(object, "servers");
    const json_t *documented = object_array(object, "documented");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        bool is_documented = false;
        for (size_t k = 0; name && k < json_array_size(documented); k++) {
            const char *other = json_string_value(json_array_get(documented, k));
            is_documented = is_documented || (other && strcmp(other, name) == 0);
        }
        bool fits = name && servers->count < SERVERS_MAX && strlen(name) < SERVER_NAME_MAX;
        const struct server_table *table = fits ? named_server(known, name, is_documented) : NULL;
        if (table)
            servers->tables[servers->count++] = table;
        else
            object->wrong = "servers";
    }
}

static int read_fail_on(struct object *object)
{
    const char *level = object_string(object, "fail_on");
    return level[0] == '\0'              ? SEVERITY_ERROR
           : strcmp(level, "never") == 0 ? SEVERITY_COUNT
                                         : (int)read_severity(object, "fail_on");
}

/* Reads the line about the file, which comes last, before the others. Returns its object, a new
 * reference that play->told needs; NULL with shard->trouble. */
static json_t *read_file(struct play *play, struct named_servers *servers)
{
    struct shard *shard = play->part->shard;
    json_t *json = shard_seek(shard, play->part->file_at) ? shard_next(shard) : NULL;
    struct object object = {.json = json};
    if (!json)
        return NULL;
    recording_read(&object, &play->told.recording);
    read_servers(&object, servers, &play->told.servers);
    play->told.path = object_string(&object, "file");
    play->told.number = object_number(&object, "recording", INT64_MAX);
    play->told.number += play->told.number == 0;
    play->told.fail_on = read_fail_on(&object);
    if (!object.wrong)
        return json;
    snprintf(shard->trouble, sizeof shard->trouble, "the line about %s cannot be used: %s",
             play->told.path, object.wrong);
    json_decref(json);
    return NULL;
}

static void give_finding(struct play *play, struct object *object)
{
    struct read_finding *read = malloc(sizeof *read);
    if (!read) {
        object->wrong = "out of memory";
        return;
    }
    finding_read(object, &play->told.servers, play->session_max, play->helps, read);
    if (!object->wrong)
        play->sink->finding(play->sink->context, object_string(object, "file"), &read->finding);
    free(read);
}

/* Passes on the finding that waits. */
static const char *give_waiting(struct play *play)
{
    struct object object = {.json = play->finding};
    if (!play->finding)
        return NULL;
    give_finding(play, &object);
    json_decref(play->finding);
    play->finding = NULL;
    return object.wrong;
}

static void give_session(struct play *play, struct object *object)
{
    struct session_outcome outcome;
    outcome_read(object, &outcome);
    uint64_t number = object_number(object, "session", play->session_max);
    if (!object->wrong)
        play->sink->session(play->sink->context, number, &outcome);
}

static void give_exchange(void *context, const struct told_exchange *told)
{
    const struct play *play = context;
    play->sink->exchange(play->sink->context, told);
}

/* Takes a line. Returns what is wrong with it; NULL: nothing. */
static const char *take_line(struct play *play, json_t *json)
{
    struct object object = {.json = json};
    enum line_type type = line_type(json);
    if (type == TYPE_DIALOGUE) {
        dialogue_read(&object, play->session_max, give_exchange, play);
        return object.wrong;
    }
    const char *wrong = give_waiting(play);
    if (wrong)
        return wrong;
    if (type == TYPE_FINDING)
        play->finding = json_incref(json);
    else if (type == TYPE_SESSION)
        give_session(play, &object);
    else if (type == TYPE_TROUBLE)
        play->sink->trouble(play->sink->context, object_string(&object, "file"),
                            object_string(&object, "message"));
    return object.wrong;
}

static void play_lines(struct play *play)
{
    struct shard *shard = play->part->shard;
    const char *wrong = NULL;
    while (!wrong && shard->at < play->part->end) {
        json_t *json = shard_next(shard);
        if (!json)
            break;
        wrong = take_line(play, json);
        if (wrong && !shard->trouble[0])
            snprintf(shard->trouble, sizeof shard->trouble, "%s: %s",
                     N_("changed while it was read"), wrong);
        json_decref(json);
    }
    if (!wrong && !shard->trouble[0] && give_waiting(play))
        snprintf(shard->trouble, sizeof shard->trouble, N_("changed while it was read"));
    json_decref(play->finding);
}

bool part_play(const struct part *part, struct helps *helps, struct named_servers *servers,
               const struct play_sink *sink)
{
    struct play *play = calloc(1, sizeof *play);
    struct shard *shard = part->shard;
    if (!play) {
        snprintf(shard->trouble, sizeof shard->trouble, "out of memory");
        return false;
    }
    bool listed = part->file_at != UINT64_MAX;
    *play = (struct play){.part = part,
                          .sink = sink,
                          .helps = helps,
                          .session_max = session_max(part->end - part->begin)};
    json_t *file = listed ? read_file(play, servers) : NULL;
    if ((file || !listed) && shard_seek(shard, part->begin)) {
        if (file)
            sink->begin(sink->context, &play->told);
        play_lines(play);
        if (file)
            sink->file(sink->context);
    }
    json_decref(file);
    free(play);
    return !shard->trouble[0];
}
