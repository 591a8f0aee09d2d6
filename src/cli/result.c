/* result.c - takes the recordings of a file one by one through the library.
 */
#include "cli/result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transcript/members.h"

/* One recording under check. */
struct job {
    const struct options *options;
    struct result *result;
    const char *path;
    struct source *source; /* of the recording; NULL: it is in two files */
    int client, server;
    const char *server_path; /* the file of the server's lines, where they have one of their own */
    FILE *remarks; /* NULL: there have been none */
    char *remark_text;
    size_t remark_size;
    struct report reports[OUTPUTS_MOST];
};

static bool is_forward(const struct finding *finding)
{
    const struct rule *rule = finding->rule;
    return rule == &smtpseq_rules[RULE_forward_251] || rule == &smtpseq_rules[RULE_moved_551] ||
           rule == &smtpseq_rules[RULE_forward_path_missing];
}

static void on_finding(void *context, const struct finding *found)
{
    struct job *job = context;
    size_t index = (size_t)(found->rule - smtpseq_rules);
    bool forwards = job->options->command == CLI_FORWARDS;
    if (job->options->disabled[index] || (forwards && !is_forward(found)))
        return;
    struct finding finding = *found;
    if (job->options->levels[index] != LEVEL_AS_FOUND)
        finding.severity = (enum severity)job->options->levels[index];
    job->result->findings[finding.severity]++;
    const char *path = finding.part > 0 && job->server_path ? job->server_path : job->path;
    for (size_t i = 0; i < job->options->output_count; i++) {
        const struct report_format *format = job->options->outputs[i].format;
        if (forwards)
            format->forward(&job->reports[i], path, &finding);
        else
            format->finding(&job->reports[i], path, &finding);
    }
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct job *job = context;
    for (size_t i = 0; i < job->options->output_count; i++)
        job->options->outputs[i].format->exchange(&job->reports[i], job->path, session, exchange,
                                                  verdict);
}

static void on_remark(void *context, const char *text)
{
    struct job *job = context;
    if (!job->remarks)
        job->remarks = open_memstream(&job->remark_text, &job->remark_size);
    if (job->remarks)
        fprintf(job->remarks, "%s\n", text);
}

/* Adds what came of a recording to what came of its file. */
static void add_reading(struct result *result, const struct reading *reading, bool archive,
                        const struct options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool done = out && reading_remark(out, reading, archive, options);
    if (!out || fclose(out) != 0)
        done = false;
    result->failed = result->failed || !done;
    result->files++;
    result->sessions += reading->recording.sessions;
    result->exchanges += reading->recording.exchanges;
    char *said = size > 0 ? realloc(result->said, result->said_size + size) : NULL;
    if (said) {
        memcpy(said + result->said_size, text, size);
        result->said = said;
        result->said_size += size;
    }
    free(text);
}

/* Checks one recording; `silent`: nothing is said of it when it has no session. */
static void check_recording(struct job *job, bool silent)
{
    const struct options *options = job->options;
    struct smtpseq_callbacks callbacks = {.context = job, .remark = on_remark};
    if (options->command == CLI_REPLAY)
        callbacks.exchange = on_exchange;
    else
        callbacks.finding = on_finding;
    struct reading reading = {.path = job->path, .status = SMTPSEQ_NO_MEMORY};
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, &options->servers);
    if (checker)
        reading.status = job->source ? smtpseq_check(checker, job->source, options->input_format,
                                                     &reading.recording)
                                     : smtpseq_check_pair(checker, job->client, job->server,
                                                          &reading.recording);
    reading.error = errno;
    smtpseq_checker_free(checker);
    if (job->remarks)
        fclose(job->remarks);
    reading.remarks = job->remark_text;
    if (silent && reading.status == SMTPSEQ_NO_SESSION) {
        job->result->passed_over++;
        free(job->remark_text);
        return;
    }
    add_reading(job->result, &reading, false, options);
    free(job->remark_text);
    bool unread = reading.status == SMTPSEQ_READ_ERROR && reading.recording.octets == 0;
    for (size_t i = 0; i < options->output_count && !unread; i++)
        if (options->outputs[i].format->file && options->command == CLI_CHECK)
            options->outputs[i].format->file(&job->reports[i], job->path, &reading.recording);
}

/* The path of a member as it is shown: archive.zip!session.txt. */
static char *member_path(const char *path, const char *name)
{
    char *shown = NULL;
    if (name[0] == '\0')
        return strdup(path);
    return asprintf(&shown, "%s!%s", path, name) < 0 ? NULL : shown;
}

/* What could not be read at all: `trouble`, or errno where that is NULL. */
static void add_unread(struct result *result, const char *path, const char *trouble,
                       const struct options *options)
{
    struct reading unread = {.path = path, .status = SMTPSEQ_READ_ERROR, .error = errno};
    if (trouble)
        snprintf(unread.recording.trouble, REMARK_MOST, "%s", trouble);
    add_reading(result, &unread, false, options);
}

/* The reports of a recording go to the streams. */
static void open_reports(struct job *job, FILE *const streams[])
{
    const struct options *options = job->options;
    for (size_t i = 0; i < options->output_count; i++)
        job->reports[i] = (struct report){
            .out = streams[i],
            .options = {.color = options->color && !options->outputs[i].path,
                        .show_secrets = options->show_secrets,
                        .servers = &options->servers},
        };
}

/* Checks the recordings of a file: itself, or those in it. */
static void check_members(struct result *result, const struct input *input,
                          const struct options *options, struct members *members,
                          FILE *const streams[])
{
    int got;
    while ((got = members_next(members)) != 0) {
        char *path = member_path(input->path, members_name(members));
        if (!path) {
            add_unread(result, input->path, NULL, options);
            return;
        }
        struct job job = {
            .options = options,
            .result = result,
            .path = path,
            .source = members_source(members),
        };
        open_reports(&job, streams);
        if (got > 0)
            check_recording(&job, input->folder || members_are_named(members));
        else
            add_unread(result, path, members_trouble(members), options);
        free(path);
    }
    if (result->files == 0 && !input->folder) {
        struct reading empty = {.path = input->path, .status = SMTPSEQ_NO_SESSION};
        add_reading(result, &empty, true, options);
    }
}

/* Opens a recording. A FIFO or a device is read like a pipe. */
static int open_input(const struct input *input)
{
    return input->is_stdin ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
}

/* Checks a recording that is in two files. */
static void check_pair(struct result *result, const struct input *input,
                       const struct options *options, int client, FILE *const streams[])
{
    struct job job = {
        .options = options,
        .result = result,
        .path = input->path,
        .client = client,
        .server = open(input->server, O_RDONLY | O_CLOEXEC),
        .server_path = input->server,
    };
    if (job.server < 0) {
        add_unread(result, input->server, NULL, options);
        return;
    }
    open_reports(&job, streams);
    check_recording(&job, input->folder > 0);
    close(job.server);
}

void result_read(struct result *result, const struct input *input, const struct options *options,
                 FILE *const streams[])
{
    int descriptor = open_input(input);
    if (descriptor < 0) {
        add_unread(result, input->path, NULL, options);
        return;
    }
    if (input->server) {
        check_pair(result, input, options, descriptor, streams);
        close(descriptor);
        return;
    }
    struct members *members = members_open(descriptor);
    if (members)
        check_members(result, input, options, members, streams);
    else
        add_unread(result, input->path, NULL, options);
    members_close(members);
    close(descriptor);
}
