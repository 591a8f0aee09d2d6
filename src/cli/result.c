/* result.c - takes the recordings of a file one by one through the library.
 */
#include "cli/result.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/string_builder.h"
#include "cli/message.h"
#include "report/escape.h"
#include "report/location.h"
#include "transcript/source/members.h"

/* One recording under check. */
struct job {
    const struct options *options;
    struct result *result;
    const char *path;
    struct source *source; /* of the recording; NULL: it is in two files */
    int client, server;
    const char *server_path; /* the file of the server's lines, where they have one of their own */
    struct string_builder remarks; /* not begun: there have been none */
    struct report reports[OUTPUTS_MAX];
    size_t report_count;
    bool failed; /* out of memory in a report */
    struct settings settings;
    struct suppress suppress;
    struct smtpseq_checker *checker;
    bool named;           /* the paths are as they are to be shown ... */
    char *shown_paths[2]; /* ... and where they have been put for that; or NULL */
};

/* A copy of a text without the secrets of the recording: reading has told what they are. */
static char *without_secrets(void *context, const char *text)
{
    struct smtpseq_checker *checker = context;
    struct slice left = smtpseq_redact(checker, slice_of(text));
    return slice_string(left);
}

/* Begins the reports, when there is something to put in. Names of files and of those in archives are
 * shown without secrets too, so that this must wait until secrets are known. */
static void name_recording(struct job *job)
{
    const char **paths[] = {&job->path, &job->server_path};
    if (job->named)
        return;
    job->named = true;
    for (size_t i = 0; i < 2 && *paths[i] && job->checker; i++) {
        job->shown_paths[i] = without_secrets(job->checker, *paths[i]);
        if (job->shown_paths[i])
            *paths[i] = job->shown_paths[i];
        else
            job->failed = true;
    }
    if (job->checker && !suppress_rename(&job->suppress, without_secrets, job->checker))
        job->failed = true;
    for (size_t i = 0; i < job->report_count; i++)
        if (job->reports[i].format->begin)
            job->reports[i].format->begin(&job->reports[i], job->path);
}

static bool is_forward(const struct finding *finding)
{
    const struct rule *rule = finding->rule;
    return rule == &smtpseq_rules[RULE_forward_251] || rule == &smtpseq_rules[RULE_moved_551] ||
           rule == &smtpseq_rules[RULE_forward_path_missing];
}

/* Text for standard error, printed when it is the file's turn. */
static void say(struct result *result, const char *text, size_t size)
{
    char *said = size > 0 ? realloc(result->said, result->said_size + size) : NULL;
    if (!said) {
        result->speechless = result->speechless || size > 0;
        return;
    }
    memcpy(said + result->said_size, text, size);
    result->said = said;
    result->said_size += size;
}

/* Says something of a line of the recording. It may hold octets of it. */
static void say_of_line(struct job *job, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say_of_line(struct job *job, uint64_t line, const char *format, ...)
{
    char message[600];
    struct string_builder text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (string_builder_begin(&text))
        message_at(text.out, job->path, line, message);
    if (string_builder_end(&text))
        say(job->result, text.text, text.size);
    else
        job->result->speechless = true;
    free(text.text);
}

/* Returns true if a finding must be reported; else counts it as allowed or known. */
static bool is_wanted(struct job *job, const struct finding *finding)
{
    const struct config_allow *allow;
    switch (suppress_finding(&job->suppress, finding, &allow)) {
    case SUPPRESSED_ALLOWED:
        job->result->allowed++;
        if (job->options->verbose && allow)
            say_of_line(job, finding->line, "%s is allowed (%s:%u: %s)", finding->rule->name,
                        job->settings.file->path, allow->line, allow->reason);
        else if (job->options->verbose)
            say_of_line(job, finding->line, "%s is allowed by the line above it",
                        finding->rule->name);
        return false;
    case SUPPRESSED_KNOWN:
        job->result->known++;
        return false;
    case SUPPRESSED_NO_MEMORY:
        job->failed = true;
        return true;
    case SUPPRESSED_NOT:
        break;
    }
    return true;
}

static void on_comment(void *context, uint64_t line, uint64_t about, struct slice text)
{
    struct job *job = context;
    char room[300];
    const char *wrong =
        suppress_comment(&job->suppress, line, about, text, room, sizeof room, &job->failed);
    if (wrong && !job->options->quiet)
        say_of_line(job, line, "%s", wrong);
}

/* Comments of the recording that allow a finding it does not have. */
static void say_unused(struct job *job)
{
    for (size_t i = 0; i < job->suppress.comment_count && !job->options->quiet; i++) {
        const struct allow_comment *comment = &job->suppress.comments[i];
        if (!comment->used && job->settings.levels[comment->rule] != LEVEL_OFF)
            say_of_line(job, comment->line, "this allows nothing: no %s in line %" PRIu64,
                        smtpseq_rules[comment->rule].name, comment->about);
    }
}

static void on_finding(void *context, const struct finding *found)
{
    struct job *job = context;
    name_recording(job);
    int level = job->settings.levels[found->rule - smtpseq_rules];
    bool forwards = job->options->command == CLI_FORWARDS;
    const struct session_filter *filter = &job->options->filter;
    if (!filter_wants_session(filter, found->session, &found->label) ||
        !filter_wants_rule(filter, found->rule))
        return;
    if (forwards ? !is_forward(found) : level == LEVEL_OFF || !is_wanted(job, found))
        return;
    struct finding finding = *found;
    if (level != LEVEL_AS_FOUND && !forwards)
        finding.severity = (enum severity)level;
    job->result->findings[finding.severity]++;
    if ((int)finding.severity >= job->settings.fail_on)
        job->result->fails = true;
    const char *path = finding.part > 0 && job->server_path ? job->server_path : job->path;
    if (job->options->statistics &&
        !statistics_add(&job->result->gathered->statistics, path, &finding))
        job->failed = true;
    if (forwards && !forward_list_add(&job->result->gathered->forwards, path, &finding))
        job->failed = true;
    if (forwards && job->options->unique)
        return; /* at the end */
    for (size_t i = 0; i < job->report_count; i++) {
        const struct report *report = &job->reports[i];
        if (forwards)
            report->format->forward(report, path, &finding);
        else
            report->format->finding(report, path, &finding);
    }
}

static void on_exchange(void *context, uint64_t session, const struct exchange *exchange,
                        const struct verdict *verdict)
{
    struct job *job = context;
    if (!filter_wants_session(&job->options->filter, session, verdict->label))
        return;
    name_recording(job);
    for (size_t i = 0; i < job->report_count; i++) {
        const struct report *report = &job->reports[i];
        if (job->options->command == CLI_REPLAY)
            report->format->exchange(report, job->path, session, exchange, verdict);
        else if (report->format->around)
            report->format->around(report, session, exchange, verdict);
    }
}

static void on_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    struct job *job = context;
    if (!filter_wants_session(&job->options->filter, number, &outcome->label))
        return;
    job->result->selected_sessions++;
    job->result->selected_exchanges += outcome->exchanges;
    if (job->options->command != CLI_CHECK)
        return;
    name_recording(job);
    if (!outcomes_add(&job->result->gathered->outcomes, job->path, number, outcome))
        job->failed = true;
    for (size_t i = 0; i < job->report_count && outcome->result != RESULT_UNKNOWN; i++)
        if (job->reports[i].format->outcome)
            job->reports[i].format->outcome(&job->reports[i], job->path, number, outcome);
}

static void on_counted(void *context, uint64_t session, const struct exchange *exchange,
                       const struct verdict *verdict)
{
    struct job *job = context;
    (void)session;
    name_recording(job);
    if (!coverage_exchange(job->result->coverage, job->path, exchange, verdict))
        job->failed = true;
}

static void on_closing(void *context, enum session_state state, uint64_t line)
{
    struct job *job = context;
    name_recording(job);
    const char *path = job->server_path ? job->server_path : job->path;
    if (!coverage_closing(job->result->coverage, path, state, line))
        job->failed = true;
}

static void on_remark(void *context, const char *text)
{
    struct job *job = context;
    if (!job->remarks.out && !string_builder_begin(&job->remarks)) {
        job->failed = true;
        return;
    }
    fprintf(job->remarks.out, "%s\n", text);
}

/* Tells the reports what could not be checked. */
static void tell_reports(struct result *result, const char *path, const char *text)
{
    for (size_t i = 0; i < result->report_count; i++) {
        struct report report = result->reports[i];
        report.out = report.sections[0].stream;
        report.failed = &result->failed;
        if (report.format->trouble)
            report.format->trouble(&report, path, text);
    }
}

static void tell_trouble(struct result *result, const struct reading *reading, bool archive)
{
    struct string_builder text;
    if (string_builder_begin(&text))
        reading_trouble(text.out, reading, archive);
    if (string_builder_end(&text)) {
        tell_reports(result, reading->path, text.text);
    } else {
        result->unreported = true;
        result_fail(result, reading->path);
    }
    free(text.text);
}

/* Adds what came of a recording to what came of its file. */
static void add_reading(struct result *result, const struct reading *reading, bool archive,
                        const struct options *options)
{
    struct string_builder text;
    bool done = string_builder_begin(&text) && reading_remark(text.out, reading, archive, options);
    result->files++;
    result->sessions += reading->recording.sessions;
    result->exchanges += reading->recording.exchanges;
    if (!string_builder_end(&text)) {
        result->speechless = true;
        result_fail(result, reading->path);
        return;
    }
    result->failed = result->failed || !done;
    say(result, text.text, text.size);
    if (!done)
        tell_trouble(result, reading, archive);
    free(text.text);
}

/* A copy of the run's reports for one recording. */
static void begin_reports(struct job *job, const struct setup *setup)
{
    job->report_count = setup->report_count;
    for (size_t i = 0; i < job->report_count; i++) {
        struct report *report = &job->reports[i];
        *report = setup->reports[i];
        report->options.servers = job->settings.servers;
        report->options.fail_on = job->settings.fail_on;
        report->out = report->sections[0].stream;
        report->failed = &job->failed;
        report->recording = job->result->files + job->result->passed_over + 1;
    }
}

/* Ends the recording in the reports; `listed`: they list it. */
static void end_reports(struct job *job, const struct smtpseq_recording *recording, bool listed)
{
    name_recording(job);
    for (size_t i = 0; i < job->report_count; i++) {
        struct report *report = &job->reports[i];
        if (listed && report->format->file)
            report->format->file(report, job->path, recording);
        if (report->format->end)
            report->format->end(report);
    }
    if (job->failed) {
        job->result->unreported = true;
        result_fail(job->result, job->path);
    }
}

static bool shows_exchanges(const struct job *job)
{
    bool shown = job->options->command == CLI_REPLAY;
    for (size_t i = 0; i < job->report_count && !shown; i++)
        shown = job->reports[i].format->around && job->options->command == CLI_CHECK;
    return shown;
}

/* Returns the name after the last "/". */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Reads the recording through the library. */
static void read_recording(struct job *job, struct reading *reading)
{
    enum cli_command command = job->options->command;
    const struct settings *settings = &job->settings;
    bool counts = job->result->coverage != NULL;
    bool finds = !counts && command != CLI_REPLAY;
    struct smtpseq_callbacks callbacks = {
        .context = job,
        .show_secrets = job->options->show_secrets,
        .show_doubtful = job->options->show_doubtful,
        .finding = finds ? on_finding : NULL,
        .exchange = counts                 ? on_counted
                    : shows_exchanges(job) ? on_exchange
                                           : NULL,
        .session = command == CLI_CHECK || job->options->filter.active ? on_session : NULL,
        .closing = counts ? on_closing : NULL,
        .comment = command == CLI_CHECK ? on_comment : NULL,
        .remark = on_remark,
    };
    job->checker = smtpseq_checker_new(&callbacks, settings->servers);
    if (job->checker && job->options->each)
        smtpseq_checker_report_each(job->checker);
    if (job->checker)
        reading->status = job->source
                              ? smtpseq_check(job->checker, job->source, settings->input_format,
                                              &reading->recording)
                              : smtpseq_check_pair(job->checker, job->client, job->server,
                                                   base_name(job->path), &reading->recording);
    reading->error = errno;
    name_recording(job);
    reading->path = job->path;
    if (command == CLI_CHECK) {
        bool whole = reading->status == SMTPSEQ_OK;
        if (whole)
            say_unused(job);
        job->failed = !suppress_end(&job->suppress, whole) || job->failed;
    }
    if (job->remarks.out && !string_builder_end(&job->remarks))
        job->failed = true;
    reading->remarks = job->remarks.text;
}

/* The path of a member as it is shown: archive.zip!session.txt. */
static char *member_path(const char *path, const char *name)
{
    char *shown = NULL;
    if (name[0] == '\0')
        return strdup(path);
    if (name[0] == '/' || strstr(name, ".."))
        return location_member(path, name); /* a log's reader might follow it out of the archive */
    return asprintf(&shown, "%s!%s", path, name) < 0 ? NULL : shown;
}

/* What has been said of the recording since then may repeat a secret: remarks do, and messages on
 * comments. */
static void blank_said(struct job *job, size_t since)
{
    struct result *result = job->result;
    struct slice text = slice_after((struct slice){result->said, result->said_size}, since);
    if (!job->checker || text.size == 0)
        return;
    struct slice left = smtpseq_redact(job->checker, text);
    if (left.data == text.data)
        return;
    result->said_size = since;
    say(result, left.data, left.size);
}

/* Checks one recording: the member of that name in the input (empty: the input itself). `silent`:
 * nothing is said of it when it has no session. */
static void check_recording(struct job *job, const struct input *input, const char *member,
                            bool silent, const struct setup *setup)
{
    const struct options *options = job->options;
    size_t said = job->result->said_size;
    struct reading reading = {.path = job->path, .status = SMTPSEQ_NO_MEMORY};
    char *in_archive = member[0] && input->relative ? member_path(input->relative, member) : NULL;
    struct recorded recorded = {slice_of(input->relative), slice_of(in_archive)};
    settings_of(&job->settings, options, input->settings, &recorded);
    begin_reports(job, setup);
    if ((in_archive || !member[0] || !input->relative) &&
        suppress_begin(&job->suppress, &job->settings, &recorded, input, member, setup->known))
        read_recording(job, &reading);
    suppress_free(&job->suppress);
    free(in_archive);
    bool listed = reading.status != SMTPSEQ_READ_ERROR || reading.recording.octets > 0;
    if (silent && reading.status == SMTPSEQ_NO_SESSION && !reading.recording.unread.dialogue) {
        job->result->passed_over++;
        listed = false;
    } else {
        add_reading(job->result, &reading, false, options);
    }
    free(job->remarks.text);
    end_reports(job, &reading.recording, listed);
    blank_said(job, said);
    smtpseq_checker_free(job->checker);
    for (size_t i = 0; i < 2; i++)
        free(job->shown_paths[i]);
}

/* A file that could not be read: the reason is `trouble`, or errno if that is NULL. */
static void add_unread(struct result *result, const char *path, const char *trouble,
                       const struct options *options)
{
    struct reading unread = {.path = path, .status = SMTPSEQ_READ_ERROR, .error = errno};
    if (trouble)
        snprintf(unread.recording.trouble, REMARK_MAX, "%s", trouble);
    add_reading(result, &unread, false, options);
}

/* Checks the recordings of a file: itself, or those in it. */
static void check_members(struct result *result, const struct input *input,
                          const struct setup *setup, struct members *members)
{
    const struct options *options = setup->options;
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
        if (got > 0)
            check_recording(&job, input, members_name(members),
                            input->folder || members_are_named(members), setup);
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
static void check_pair(struct result *result, const struct input *input, const struct setup *setup,
                       int client)
{
    const struct options *options = setup->options;
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
    check_recording(&job, input, "", input->folder > 0, setup);
    close(job.server);
}

void result_fail(struct result *result, const char *path)
{
    struct string_builder text;
    result->failed = true;
    if (string_builder_begin(&text))
        message_out_of_memory(text.out, path);
    if (!string_builder_end(&text)) {
        result->speechless = true;
        return;
    }
    say(result, text.text, text.size);
    free(text.text);
}

/* Reads what is in a file. */
static void read_input(struct result *result, const struct input *input, const struct setup *setup)
{
    const struct options *options = setup->options;
    result->reports = setup->reports;
    result->report_count = setup->report_count;
    if (input->settings && input->settings->broken) { /* said when it was read */
        tell_reports(result, input->path, "not checked: the settings for it are wrong");
        result->failed = true;
        return;
    }
    int descriptor = open_input(input);
    if (descriptor < 0) {
        add_unread(result, input->path, NULL, options);
        return;
    }
    size_t number = progress_file(result->progress, descriptor);
    struct members *members = input->server ? NULL : members_open(descriptor);
    if (input->server)
        check_pair(result, input, setup, descriptor);
    else if (members)
        check_members(result, input, setup, members);
    else
        add_unread(result, input->path, NULL, options);
    members_close(members);
    progress_file_done(result->progress, number);
    close(descriptor);
}

void result_read(struct result *result, const struct input *input, const struct setup *setup)
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

bool result_take(struct result *result, struct gathered *of_all)
{
    bool done = !result->gathered || gathered_merge(of_all, result->gathered);
    if (result->gathered)
        gathered_free(result->gathered);
    free(result->gathered);
    result->gathered = NULL;
    return done;
}
