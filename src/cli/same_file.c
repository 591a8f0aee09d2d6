/* same_file.c - tells files apart by device and inode; those to be created by folder and name.
 */
#include "cli/same_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/language.h"
#include "cli/message.h"

/* A path in use. */
struct use {
    const char *path;
    const char
        *purpose;     /* of a file that is written: the option; of one that is read: what it is */
    bool is_standard; /* standard output or standard error */
    bool to_come;     /* the file does not exist; `id` is that of its folder */
    struct file_id id;
};

/* Outputs, the baseline, standard output and standard error. */
#define WRITTEN_MAX (OUTPUTS_MAX + 3)

struct uses {
    struct use written[WRITTEN_MAX];
    size_t count;
    struct use baseline; /* that is read */
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool same_file(const struct use *one, const struct use *other)
{
    if (!one->id.known || !other->id.known || one->to_come != other->to_come ||
        one->id.device != other->id.device || one->id.inode != other->id.inode)
        return false;
    /* Some file systems take names that differ in case for one. */
    return !one->to_come || strcasecmp(name_of(one->path), name_of(other->path)) == 0;
}

/* The id of a path; of its folder where it does not exist. */
static struct use use_of(const char *path, const char *purpose)
{
    struct use use = {.path = path, .purpose = purpose};
    struct stat status;
    if (stat(path, &status) == 0) {
        use.id = file_id(&status);
        return use;
    }
    size_t size = (size_t)(name_of(path) - path);
    char *folder = size > 0 ? strndup(path, size) : strdup(".");
    use.to_come = true;
    if (folder && stat(folder, &status) == 0)
        use.id = file_id(&status);
    free(folder);
    return use;
}

static struct use use_of_stream(int descriptor, const char *name)
{
    struct use use = {.path = name, .purpose = name, .is_standard = true};
    struct stat status;
    if (fstat(descriptor, &status) == 0)
        use.id = file_id(&status);
    return use;
}

static void list_streams(struct uses *uses)
{
    uses->written[uses->count++] = use_of_stream(STDOUT_FILENO, N_("standard output"));
    uses->written[uses->count++] = use_of_stream(STDERR_FILENO, N_("standard error"));
}

static void list_written(struct uses *uses, const struct options *options)
{
    for (size_t i = 0; i < options->output_count; i++) {
        const char *path = options->outputs[i].path;
        if (path && strcmp(path, "-") != 0)
            uses->written[uses->count++] = use_of(path, "--output");
    }
    if (options->write_baseline)
        uses->written[uses->count++] = use_of(options->write_baseline, "--write-baseline");
    list_streams(uses);
}

static const struct use *find_written(const struct uses *uses, const struct use *read)
{
    for (size_t i = 0; i < uses->count; i++)
        if (same_file(&uses->written[i], read))
            return &uses->written[i];
    return NULL;
}

/* Returns the standard stream for a message about that file: one that does not go into it; NULL if both
 * do. */
static FILE *stream_apart(const struct use *from)
{
    struct use error = use_of_stream(STDERR_FILENO, ""), output = use_of_stream(STDOUT_FILENO, "");
    return !same_file(&error, from) ? stderr : !same_file(&output, from) ? stdout : NULL;
}

/* "smtpseq: --output to link.txt would overwrite a.txt, which is read as a recording; ..." */
static bool refuse(const struct use *written, const struct use *other, bool both_written)
{
    FILE *out = stream_apart(other);
    if (!out)
        return false;
    const char *path = other->is_standard ? translate(language(), other->path) : other->path;
    bool named = !written->is_standard && strcmp(written->path, other->path) != 0;
    fputs("smtpseq: ", out);
    if (named && both_written)
        say(out, "%-s to %s would overwrite %s, which is written by %-s; name another file",
            written->purpose, written->path, path, other->purpose);
    else if (named)
        say(out, "%-s to %s would overwrite %s, which is read as %-s; name another file",
            written->purpose, written->path, path, other->purpose);
    else if (both_written)
        say(out, "%-s would overwrite %s, which is written by %-s; name another file",
            written->purpose, path, other->purpose);
    else
        say(out, "%-s would overwrite %s, which is read as %-s; name another file",
            written->purpose, path, other->purpose);
    putc('\n', out);
    return false;
}

static bool refuse_if_written(const struct uses *uses, const char *path, const char *purpose)
{
    struct use read = use_of(path, purpose);
    const struct use *written = find_written(uses, &read);
    return !written || refuse(written, &read, false);
}

static bool written_apart(const struct uses *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct use *one = &uses->written[k], *other = &uses->written[i];
            if (same_file(one, other) && !(one->is_standard && other->is_standard))
                return refuse(other, one, true);
        }
    return true;
}

static bool servers_apart(const struct uses *uses, const struct server_set *servers)
{
    for (size_t i = 0; i < servers->count; i++)
        if (servers->paths[i] &&
            !refuse_if_written(uses, servers->paths[i], N_("a server's table")))
            return false;
    return true;
}

static bool settings_apart(const struct uses *uses, const struct settings_files *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        if (!refuse_if_written(uses, settings->list[i]->path, N_("settings")) ||
            !servers_apart(uses, &settings->list[i]->servers))
            return false;
    return true;
}

/* How our own reports begin; what also stands near the beginning where others begin so too. */
static const struct {
    const char *head, *within;
} report_heads[] = {
    {"{\"findings\":[", ""},
    {"{\"type\":\"finding\"", ""},
    {"{\"type\":\"file\"", ""},
    {"{\"type\":\"exchange\"", ""},
    {"{\"type\":\"session\"", ""},
    {"{\"type\":\"dialogue\"", ""},
    {"{\"type\":\"trouble\"", ""},
    {"{\"exchanges\":[", ""},
    {"## smtpseq: ", ""},
    {"{\"type\":\"summary\"", ""},
    {"{\"$schema\":\"https://docs.oasis-open.org/sarif/", "\"smtpseq\""},
    {"[\n{\"description\":", "\"check_name\""},
    {"[]\n", ""},
    {"<?xml version=", "<testsuites name=\"smtpseq\""},
    {"<?xml version=", " id=\"picture-title\""},
    {"<!DOCTYPE html>", "style-src 'sha256-"},
    {"TAP version 1", "session"},
    {"::stop-commands::smtpseq-", ""},
    {"::error file=", ""},
    {"::warning file=", ""},
    {"::notice ", ""},
    {"sequenceDiagram\n", ""},
    {N_("RECIPIENT"), N_("FORWARD PATH")},
    {"{\n  \"percent\":", ""},
    {"digraph coverage {", ""},
    {N_("never exercised"), ""},
};

static bool begins_report(struct slice head, const char *begin, const char *within)
{
    return slice_starts(head, slice_of(begin)) &&
           memmem(head.data, head.size, within, strlen(within));
}

/* Returns true if a line ends with the name of a rule, as those of text and gcc do: "... [nested-mail]". */
static bool ends_with_rule(struct slice line)
{
    while (slice_find(line, '[') < line.size)
        line = slice_after(line, slice_find(line, '[') + 1);
    char *name =
        slice_ends(line, SLICE("]")) ? slice_string(slice_head(line, line.size - 1)) : NULL;
    bool found = name && rule_by_name(name);
    free(name);
    return found;
}

/* Returns true if a text begins as that of replay: "session.txt: session 1", then the heads of the columns. */
static bool begins_ladder(struct slice head)
{
    struct slice first = slice_head(head, slice_find(head, '\n'));
    struct slice second = slice_after(head, first.size + 1);
    second = slice_trim(slice_head(second, slice_find(second, '\n')));
    struct slice second_word = slice_word(second);
    const char *session = translate(language(), ": session %llu");
    struct slice named = {session, strcspn(session, "%")};
    return (slice_contains(first, SLICE(": session ")) || slice_contains(first, named)) &&
           (slice_equal(second_word, SLICE("client")) ||
            slice_equal(second_word, slice_of(translate(language(), "client")))) &&
           slice_ends(second, SLICE(" server"));
}

/* Returns true if a file was written by smtpseq, or is empty. */
static bool is_report(const char *path)
{
    char room[4096];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t size = descriptor >= 0 ? read(descriptor, room, sizeof room) : -1;
    if (descriptor >= 0)
        close(descriptor);
    if (size <= 0)
        return size == 0;
    struct slice head = {room, (size_t)size};
    for (size_t i = 0; i < sizeof report_heads / sizeof report_heads[0]; i++)
        if (begins_report(head, report_heads[i].head, report_heads[i].within) ||
            begins_report(head, translate(language(), report_heads[i].head),
                          translate(language(), report_heads[i].within)))
            return true;
    return begins_ladder(head) || ends_with_rule(slice_head(head, slice_find(head, '\n')));
}

/* Returns true if the input stays on the list. *apart is set to false when it must not be written. */
static bool input_apart(const struct uses *uses, struct input *input, bool *apart)
{
    struct use read = {.path = input->is_stdin ? translate(language(), N_("standard input"))
                                               : input->path,
                       .purpose = N_("a recording"),
                       .id = input->id};
    const struct use *written = find_written(uses, &read);
    if (!written)
        return input->folder == 0 || !same_file(&uses->baseline, &read);
    if (input->folder == 0) {
        *apart = refuse(written, &read, false);
    } else if (strcmp(written->purpose, "--output") == 0 && !is_report(input->path)) {
        input->report = written->path;
    } else if (written->is_standard) {
        message_on(stderr, input->path);
        fputs(": ", stderr);
        say(stderr, "skipped: it is %-s", written->purpose);
        putc('\n', stderr);
        return false;
    } else {
        return false;
    }
    return true;
}

static bool inputs_apart(const struct uses *uses, struct inputs *inputs)
{
    size_t kept = 0;
    bool apart = true;
    for (size_t i = 0; i < inputs->count; i++) {
        struct input *input = &inputs->list[i];
        if (!apart || input_apart(uses, input, &apart))
            inputs->list[kept++] = *input;
        else
            input_free(input);
    }
    inputs->count = kept;
    return apart;
}

bool outputs_are_apart(const struct options *options, struct inputs *inputs,
                       const struct settings_files *settings)
{
    struct uses uses = {.count = 0};
    list_written(&uses, options);
    if (options->baseline)
        uses.baseline = use_of(options->baseline, N_("the baseline"));
    /* A baseline may be replaced by its next version. */
    const struct use *written = find_written(&uses, &uses.baseline);
    if (written && written->path != options->write_baseline)
        return refuse(written, &uses.baseline, false);
    return written_apart(&uses) && servers_apart(&uses, &options->servers) &&
           settings_apart(&uses, settings) && inputs_apart(&uses, inputs);
}

bool streams_are_apart(const char *path, const char *purpose)
{
    struct uses uses = {.count = 0};
    list_streams(&uses);
    return refuse_if_written(&uses, path, purpose);
}
