/* read_file.c - takes the recordings of a file one by one.
 */
#include "cli/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/language.h"
#include "cli/recording.h"
#include "transcript/source/members.h"

/* A file that could not be read: the reason is `trouble`, or errno if that is NULL. */
static void add_unread(struct result *result, const char *path, const char *trouble,
                       const struct options *options)
{
    struct reading unread = {.path = path, .status = SMTPSEQ_READ_ERROR, .error = errno};
    if (trouble)
        snprintf(unread.recording.trouble, REMARK_MAX, "%s", trouble);
    result_add(result, &unread, false, options);
}

/* Checks the recordings of a file: itself, or those in it. */
static void check_members(struct result *result, const struct input *input,
                          const struct setup *setup, struct members *members, struct follow *pipe)
{
    const struct options *options = setup->options;
    int got;
    while ((got = members_next(members)) != 0) {
        result->recording++;
        char *path = member_path(input->path, members_name(members));
        if (!path) {
            add_unread(result, input->path, NULL, options);
            return;
        }
        struct recording recording = {
            .path = path,
            .member = members_name(members),
            .source = members_source(members),
            .follow = pipe,
            .may_be_none = input->folder || members_are_named(members),
        };
        if (got > 0)
            recording_check(result, input, setup, &recording);
        else
            add_unread(result, path, members_trouble(members), options);
        free(path);
    }
    if (result->files == 0 && !input->folder) {
        struct reading empty = {.path = input->path, .status = SMTPSEQ_NO_SESSION};
        result_add(result, &empty, true, options);
    }
}

/* Opens a recording. A FIFO or a device is read like a pipe. */
static int open_input(const struct input *input)
{
    return input->is_stdin ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
}

/* Checks a recording that is in two files. */
static void check_pair(struct result *result, const struct input *input, const struct setup *setup,
                       int client)
{
    struct recording recording = {
        .path = input->path,
        .member = "",
        .client = client,
        .server = open(input->server, O_RDONLY | O_CLOEXEC),
        .server_path = input->server,
        .may_be_none = input->folder > 0,
    };
    if (recording.server < 0) {
        add_unread(result, input->server, NULL, setup->options);
        return;
    }
    result->recording++;
    recording_check(result, input, setup, &recording);
    close(recording.server);
}

/* Returns true if somebody may read a report while it is written: not in a file, and not of a format that is put
 * together at the end. */
static bool shows_at_once(const struct options *options)
{
    struct stat status;
    if (options->command != CLI_CHECK || fstat(STDOUT_FILENO, &status) != 0 ||
        S_ISREG(status.st_mode))
        return false;
    for (size_t i = 0; i < options->output_count; i++) {
        const struct output *output = &options->outputs[i];
        if (output->format->sections == 0 && (!output->path || strcmp(output->path, "-") == 0))
            return true;
    }
    return false;
}

bool read_file_shows(const struct input *input, const struct options *options)
{
    struct stat status;
    int done = input->is_stdin ? fstat(STDIN_FILENO, &status) : stat(input->path, &status);
    return done == 0 && !S_ISREG(status.st_mode) && shows_at_once(options);
}

/* Reads what is in a file, from its descriptor. */
static void read_descriptor(struct result *result, const struct input *input,
                            const struct setup *setup, int descriptor)
{
    struct follow pipe;
    size_t number = progress_file(result->progress, descriptor);
    bool shown = shows_at_once(setup->options) && follow_pipe(&pipe, descriptor);
    const struct origin origin = shown ? follow_origin(&pipe) : (struct origin){0};
    struct members *members = input->server ? NULL
                              : shown       ? members_of(&origin)
                                            : members_open(descriptor);
    if (input->server)
        check_pair(result, input, setup, descriptor);
    else if (members)
        check_members(result, input, setup, members, shown ? &pipe : NULL);
    else
        add_unread(result, input->path, NULL, setup->options);
    members_close(members);
    progress_file_done(result->progress, number);
}

/* The same for the sessions in which the rules of --rule are found. */
static void read_chosen(struct result *result, const struct input *input, const struct setup *setup,
                        int descriptor)
{
    struct rule_sessions chosen = {0};
    result->chosen = &chosen;
    if (rule_sessions_find(&chosen, input, descriptor, setup->options))
        read_descriptor(result, input, setup, descriptor);
    else
        add_unread(result, input->path,
                   errno == ESPIPE ? N_("--rule reads twice: give a file") : NULL, setup->options);
    result->chosen = NULL;
    rule_sessions_free(&chosen);
}

/* Checks a log that is being written. */
static void check_live(struct result *result, const struct input *input, const struct setup *setup)
{
    struct follow follow;
    bool opened = follow_open(&follow, input);
    const struct origin origin = follow_origin(&follow);
    struct source *source = opened ? source_of(&origin) : NULL;
    const struct recording recording = {
        .path = input->path, .member = "", .source = source, .follow = &follow};
    if (source)
        recording_check(result, input, setup, &recording);
    else
        add_unread(result, input->path, NULL, setup->options);
    source_close(source);
    follow_close(&follow);
}

/* Reads what is in a file. */
static void read_input(struct result *result, const struct input *input, const struct setup *setup)
{
    const struct options *options = setup->options;
    result->reports = setup->reports;
    result->report_count = setup->report_count;
    if (input->settings && input->settings->broken) { /* said when it was read */
        const char *wrong = N_("not checked: the settings for it are wrong");
        result_tell_reports(result, input->path, wrong, translate(language(), wrong));
        result->failed = true;
        return;
    }
    if (options->follow) {
        check_live(result, input, setup);
        return;
    }
    int descriptor = open_input(input);
    if (descriptor < 0) {
        add_unread(result, input->path, NULL, options);
        return;
    }
    if (options->command == CLI_REPLAY && options->filter.has_rules)
        read_chosen(result, input, setup, descriptor);
    else
        read_descriptor(result, input, setup, descriptor);
    close(descriptor);
}

void read_file(struct result *result, const struct input *input, const struct setup *setup)
{
    result->gathered = calloc(1, sizeof *result->gathered);
    if (!result->gathered) {
        result_fail(result, input->path);
        return;
    }
    read_input(result, input, setup);
    if (result->failed && !known_keep(setup->known, input))
        result_fail(result, input->path);
}
