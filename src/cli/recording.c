/* recording.c - takes a recording through the library into the reports.
 */
#include "cli/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/string_builder.h"
#include "base/translated_format.h"
#include "cli/language.h"
#include "cli/message.h"
#include "report/location.h"

/* One recording under check. */
struct job {
    const struct options *options;
    struct result *result;
    const struct recording *recording;
    const char *path, *server_path; /* of the recording, without its secrets once they are known */
    struct string_builder remarks;  /* not begun: there have been none */
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

static void say_text_of_line(struct job *job, uint64_t line, const char *message)
{
    struct string_builder text;
    if (string_builder_begin(&text))
        message_at(text.out, job->path, line, message);
    if (string_builder_end(&text))
        result_say(job->result, (struct slice){text.text, text.size});
    else
        job->result->speechless = true;
    free(text.text);
}

/* Says something of a line of the recording. It may hold octets of it. */
static void say_of_line(struct job *job, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say_of_line(struct job *job, uint64_t line, const char *format, ...)
{
    char message[600];
    va_list arguments;
    va_start(arguments, format);
    print_translated(message, sizeof message, language(), format, arguments);
    va_end(arguments);
    say_text_of_line(job, line, message);
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
        allow_comments_add(&job->suppress.comments, line, about, text, room, sizeof room);
    job->failed = job->failed || job->suppress.comments.no_memory;
    if (wrong && !job->options->quiet)
        say_text_of_line(job, line, wrong);
}

/* Comments of the recording that allow a finding it does not have. */
static void say_unused(struct job *job)
{
    for (size_t i = 0; i < job->suppress.comments.count && !job->options->quiet; i++) {
        const struct allow_comment *comment = &job->suppress.comments.list[i];
        if (!comment->used && job->settings.levels[comment->rule] != LEVEL_OFF)
            say_of_line(job, comment->line, "this allows nothing: no %s in line %llu",
                        smtpseq_rules[comment->rule].name, (unsigned long long)comment->about);
    }
}

/* Returns true if a session is asked for. */
static bool is_selected(const struct job *job, uint64_t session, const struct session_label *label)
{
    const struct result *result = job->result;
    return filter_wants_session(&job->options->filter, session, label) &&
           (!result->chosen || rule_sessions_have(result->chosen, result->recording, session));
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
    if (!is_selected(job, session, verdict->label))
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
    if (!is_selected(job, number, &outcome->label))
        return;
    job->result->selected_sessions++;
    job->result->selected_exchanges += outcome->exchanges;
    if (job->options->command != CLI_CHECK)
        return;
    name_recording(job);
    if (!gathered_add_session(job->result->gathered, job->path, number, outcome,
                              job->options->statistics))
        job->failed = true;
    for (size_t i = 0; i < job->report_count; i++)
        report_session(&job->reports[i], job->path, number, outcome);
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

/* Nothing is there to be read: reports what has been found. */
static void on_idle(void *context)
{
    struct job *job = context;
    if (job->checker && job->recording->follow->ends)
        smtpseq_checker_settle(job->checker);
    else if (job->checker)
        smtpseq_checker_flush(job->checker);
    for (size_t i = 0; i < job->report_count; i++)
        fflush(job->reports[i].out);
}

/* Returns the name after the last "/". */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The language of a report that has one; NULL: English is enough. */
static const struct catalogue *language_of(const struct job *job)
{
    const struct catalogue *language = NULL;
    for (size_t i = 0; i < job->report_count && !language; i++)
        language = job->reports[i].options.language;
    return language;
}

/* Reads the recording through the library. */
static void read_recording(struct job *job, struct reading *reading, unsigned jobs)
{
    enum cli_command command = job->options->command;
    const struct settings *settings = &job->settings;
    bool counts = job->result->coverage != NULL;
    bool finds = !counts && command != CLI_REPLAY;
    struct smtpseq_callbacks callbacks = {
        .context = job,
        .show_secrets = job->options->show_secrets,
        .language = language_of(job),
        .show_doubtful = job->options->show_doubtful,
        .finding = finds ? on_finding : NULL,
        .exchange = counts                 ? on_counted
                    : shows_exchanges(job) ? on_exchange
                                           : NULL,
        .session = command == CLI_CHECK || filter_is_set(job->options) ? on_session : NULL,
        .closing = counts ? on_closing : NULL,
        .comment = command == CLI_CHECK ? on_comment : NULL,
        .remark = on_remark,
    };
    job->checker = smtpseq_checker_new(&callbacks, settings->servers);
    if (job->checker)
        smtpseq_checker_jobs(job->checker, jobs);
    if (job->checker && job->options->each)
        smtpseq_checker_report_each(job->checker);
    if (job->recording->follow) {
        job->recording->follow->context = job;
        job->recording->follow->idle = on_idle;
    }
    if (job->checker)
        reading->status =
            job->recording->source
                ? smtpseq_check(job->checker, job->recording->source, settings->input_format,
                                &reading->recording)
                : smtpseq_check_pair(job->checker, job->recording->client, job->recording->server,
                                     base_name(job->path), &reading->recording);
    reading->error = errno;
    if (job->recording->follow)
        job->recording->follow->idle = NULL;
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

char *member_path(const char *path, const char *name)
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
    struct slice text = slice_after(octet_buffer_text(&result->said), since);
    if (!job->checker || text.size == 0)
        return;
    struct slice left = smtpseq_redact(job->checker, text);
    if (left.data == text.data)
        return;
    result->said.size = since;
    result_say(result, left);
}

/* Checks the recording of a job. */
static void check_job(struct job *job, const struct input *input, const struct setup *setup)
{
    const struct options *options = job->options;
    const char *member = job->recording->member;
    size_t said = job->result->said.size;
    struct reading reading = {.path = job->path, .status = SMTPSEQ_NO_MEMORY};
    char *in_archive = member[0] && input->relative ? member_path(input->relative, member) : NULL;
    struct recorded recorded = {slice_of(input->relative), slice_of(in_archive)};
    settings_of(&job->settings, options, input->settings, &recorded);
    begin_reports(job, setup);
    if ((in_archive || !member[0] || !input->relative) &&
        suppress_begin(&job->suppress, &job->settings, &recorded, input, member, setup->known))
        read_recording(job, &reading, setup->jobs);
    suppress_free(&job->suppress);
    free(in_archive);
    bool listed = reading.status != SMTPSEQ_READ_ERROR || reading.recording.octets > 0;
    if (job->recording->may_be_none && reading.status == SMTPSEQ_NO_SESSION &&
        !reading.recording.unread.dialogue) {
        job->result->passed_over++;
        listed = false;
    } else {
        result_add(job->result, &reading, false, options);
    }
    free(job->remarks.text);
    end_reports(job, &reading.recording, listed);
    blank_said(job, said);
    smtpseq_checker_free(job->checker);
    for (size_t i = 0; i < 2; i++)
        free(job->shown_paths[i]);
}

void recording_check(struct result *result, const struct input *input, const struct setup *setup,
                     const struct recording *recording)
{
    struct job job = {
        .options = setup->options,
        .result = result,
        .recording = recording,
        .path = recording->path,
        .server_path = recording->server_path,
    };
    check_job(&job, input, setup);
}
