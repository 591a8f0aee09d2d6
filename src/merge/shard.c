/* shard.c - lines of JSON. */
#include "merge/shard.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/catalogue.h"
#include "base/json_memory.h"
#include "merge/dialogue_line.h"
#include "merge/session_object.h"

/* A report that is being read for the first time. */
struct first_reading {
    struct shard *shard;
    struct helps *helps;
    struct parts parts;
    struct named_servers servers; /* of the runs */
    struct shard_sums sums;
    uint64_t begin;                    /* of the part */
    char *name;                        /* of its first file; NULL: it has no line so far */
    uint64_t findings[SEVERITY_COUNT]; /* of the run */
    bool found, open;                  /* the part has a finding or a session; the run has begun */
};

static bool complain(struct shard *shard, const char *what, const char *detail)
{
    char at[40];
    snprintf(at, sizeof at, N_("line %llu"), (unsigned long long)shard->number);
    if (!shard->trouble[0])
        snprintf(shard->trouble, sizeof shard->trouble, "%s: %s%s%s", at, what, detail ? ": " : "",
                 detail ? detail : "");
    return false;
}

/* Adds an octet to the line. Returns false when there is no room for it. */
static bool add_octet(struct shard *shard, char octet)
{
    if (shard->size + 1 >= shard->capacity) {
        size_t capacity = shard->capacity * 2 + 4096;
        char *larger = shard->size < SHARD_LINE_MAX ? realloc(shard->line, capacity) : NULL;
        if (!larger)
            return complain(
                shard, shard->size < SHARD_LINE_MAX ? "out of memory" : N_("it is too long"), NULL);
        shard->line = larger;
        shard->capacity = capacity;
    }
    shard->line[shard->size++] = octet;
    return true;
}

/* JSON's white space alone. */
static bool is_blank(const struct shard *shard)
{
    size_t i = 0;
    while (i < shard->size && strchr(" \t\r", shard->line[i]) && shard->line[i])
        i++;
    return i == shard->size;
}

/* Reads a line that is not empty. Returns false at the end, or with a trouble. */
static bool read_line(struct shard *shard)
{
    int c;
    do {
        shard->size = 0;
        shard->number++;
        while ((c = getc_unlocked(shard->stream)) != EOF && c != '\n') {
            shard->at++;
            if (!add_octet(shard, (char)c))
                return false;
        }
        shard->at += c != EOF;
    } while (c != EOF && is_blank(shard));
    if (ferror(shard->stream))
        return complain(shard, strerror(errno), NULL);
    return !is_blank(shard);
}

json_t *shard_next(struct shard *shard)
{
    json_error_t error;
    if (!read_line(shard))
        return NULL;
    json_t *object = json_loadb(shard->line, shard->size, JSON_ALLOW_NUL, &error);
    if (json_memory_failed())
        complain(shard, "out of memory", NULL);
    else if (!json_is_object(object))
        complain(shard, N_("not an object of check --format=ndjson"), object ? NULL : error.text);
    if (!shard->trouble[0])
        return object;
    json_decref(object);
    return NULL;
}

bool shard_seek(struct shard *shard, uint64_t at)
{
    if (at > INT64_MAX || fseeko(shard->stream, (off_t)at, SEEK_SET) != 0)
        return complain(shard, strerror(errno), NULL);
    shard->at = at;
    return true;
}

enum line_type line_type(const json_t *object)
{
    static const char *const names[] = {
        [TYPE_OTHER] = "",          [TYPE_FINDING] = "finding", [TYPE_DIALOGUE] = "dialogue",
        [TYPE_SESSION] = "session", [TYPE_TROUBLE] = "trouble", [TYPE_FILE] = "file",
        [TYPE_SUMMARY] = "summary",
    };
    const char *name = json_string_value(json_object_get(object, "type"));
    for (size_t i = 1; name && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return (enum line_type)i;
    return TYPE_OTHER;
}

static void ignore(void *context, const struct told_exchange *told)
{
    (void)context;
    (void)told;
}

/* Reads a finding as it will be read again, and counts it. */
static void check_finding(struct first_reading *reading, struct object *object, uint64_t most)
{
    static const struct server_set no_servers;
    struct read_finding *read = malloc(sizeof *read);
    if (!read) {
        object->wrong = "out of memory";
        return;
    }
    finding_read(object, &no_servers, most, reading->helps, read);
    reading->findings[read->finding.severity]++;
    free(read);
}

static void check_session(struct object *object, uint64_t most)
{
    struct session_outcome outcome;
    outcome_read(object, &outcome);
    if (object_number(object, "session", most) == 0)
        object->wrong = "session";
}

/* Ends the part before octet `end`. */
static void end_part(struct first_reading *reading, uint64_t end, uint64_t file_at)
{
    struct parts *parts = &reading->parts;
    struct part *list = array_with_room(parts->list, parts->count, &parts->capacity, sizeof *list);
    if (!list) {
        complain(reading->shard, "out of memory", NULL);
        return;
    }
    parts->list = list;
    parts->list[parts->count++] = (struct part){
        .shard = reading->shard,
        .begin = reading->begin,
        .end = end,
        .file_at = file_at,
        .name = reading->name,
    };
    reading->name = NULL;
    reading->begin = end;
    reading->found = false;
}

/* The name of a line's file. A trouble of another file than the lines before it begins a part. */
static void take_name(struct first_reading *reading, struct object *object, enum line_type type,
                      uint64_t at)
{
    const char *file = object_string(object, "file");
    bool other = reading->name && strcmp(reading->name, file) != 0;
    if (other && !reading->found && type != TYPE_OTHER)
        end_part(reading, at, UINT64_MAX);
    if (!reading->name && !(reading->name = strdup(file)))
        complain(reading->shard, "out of memory", NULL);
    reading->found = reading->found || type != TYPE_TROUBLE;
}

/* A file that was passed over has its name in the summary, and a part without a line. */
static void take_passed_over(struct first_reading *reading, struct object *object, uint64_t at)
{
    const json_t *list = object_array(object, "passed_over");
    for (size_t i = 0; i < json_array_size(list) && !reading->shard->trouble[0]; i++) {
        struct object of = {.json = json_array_get(list, i)};
        reading->begin = at;
        reading->name = strdup(object_string(&of, "file"));
        if (of.wrong || !reading->name)
            object->wrong = "passed_over";
        else
            end_part(reading, at, UINT64_MAX);
    }
}

/* The end of a run: what it counted must be here. */
static void take_summary(struct first_reading *reading, struct object *object, uint64_t at)
{
    static const char *const keys[SEVERITY_COUNT] = {"notes", "warnings", "errors"};
    struct shard_sums *sums = &reading->sums;
    if (reading->name && reading->found)
        complain(reading->shard, N_("lines about a file are missing"), reading->name);
    else if (reading->name)
        end_part(reading, at, UINT64_MAX);
    sums->files += object_number(object, "files", INT64_MAX);
    sums->sessions += object_number(object, "sessions", INT64_MAX);
    sums->exchanges += object_number(object, "exchanges", INT64_MAX);
    sums->allowed += object_number(object, "allowed", INT64_MAX);
    sums->known += object_number(object, "known", INT64_MAX);
    sums->unread = object_flag(object, "unread") || sums->unread;
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (object_number(object, keys[i], INT64_MAX) != reading->findings[i])
            complain(reading->shard, N_("findings are missing, or there are too many"), keys[i]);
        reading->findings[i] = 0;
    }
    take_passed_over(reading, object, at);
    named_servers_read(&reading->servers, object);
    reading->open = false;
}

static void take_line(struct first_reading *reading, json_t *json, uint64_t at)
{
    struct object object = {.json = json};
    struct shard *shard = reading->shard;
    enum line_type type = line_type(json);
    uint64_t most = session_max(shard->at - reading->begin);
    struct smtpseq_recording recording;
    if (type != TYPE_OTHER && type != TYPE_SUMMARY)
        take_name(reading, &object, type, at);
    reading->open = true;
    switch (type) {
    case TYPE_FINDING:
        check_finding(reading, &object, most);
        break;
    case TYPE_DIALOGUE:
        dialogue_read(&object, most, ignore, NULL);
        break;
    case TYPE_SESSION:
        check_session(&object, most);
        break;
    case TYPE_TROUBLE:
        object_string(&object, "message");
        break;
    case TYPE_FILE:
        recording_read(&object, &recording);
        if (recording.sessions > most)
            object.wrong = "sessions";
        end_part(reading, shard->at, at);
        break;
    case TYPE_SUMMARY:
        take_summary(reading, &object, at);
        break;
    case TYPE_OTHER:
        break;
    }
    if (object.wrong)
        complain(shard, N_("this cannot be used"), object.wrong);
}

/* Adds what was read. Returns false when out of memory. */
static bool add_parts(struct parts *parts, struct parts *more)
{
    struct part *larger = reallocarray(parts->list, parts->count + more->count + 1, sizeof *larger);
    if (!larger)
        return false;
    parts->list = larger;
    parts->capacity = parts->count + more->count + 1;
    for (size_t i = 0; i < more->count; i++)
        parts->list[parts->count++] = more->list[i];
    free(more->list);
    *more = (struct parts){0};
    return true;
}

bool shard_read(struct shard *shard, struct helps *helps, struct parts *parts,
                struct named_servers *servers, struct shard_sums *sums)
{
    struct first_reading reading = {.shard = shard, .helps = helps};
    json_t *object;
    uint64_t at = 0;
    bool any = false;
    while ((object = shard_next(shard)) != NULL) {
        take_line(&reading, object, at);
        json_decref(object);
        at = shard->at;
        any = true;
    }
    if (!shard->trouble[0] && (reading.open || !any))
        snprintf(shard->trouble, sizeof shard->trouble,
                 any ? N_("it is cut: its summary is missing") : N_("it is empty"));
    if (!shard->trouble[0] && !named_servers_add(servers, &reading.servers))
        complain(shard, N_("this cannot be used"), "servers");
    if (!shard->trouble[0] && !add_parts(parts, &reading.parts))
        complain(shard, "out of memory", NULL);
    named_servers_free(&reading.servers);
    free(reading.name);
    parts_free(&reading.parts);
    if (shard->trouble[0])
        return false;
    sums->files += reading.sums.files;
    sums->sessions += reading.sums.sessions;
    sums->exchanges += reading.sums.exchanges;
    sums->allowed += reading.sums.allowed;
    sums->known += reading.sums.known;
    sums->unread = sums->unread || reading.sums.unread;
    return true;
}

void shard_free(struct shard *shard)
{
    free(shard->line);
    *shard = (struct shard){0};
}
