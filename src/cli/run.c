/* run.c - checks files, several at once, and prints what was found in the order of the files.
 */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/inputs.h"

/* What came of one file. With several workers its reports wait in memory for their turn. */
struct result {
    bool done;
    enum smtpseq_status status;
    int error; /* errno of a read error */
    struct smtpseq_recording recording;
    uint64_t findings[SEVERITY_COUNT];
    char *text[OUTPUTS_MOST];
    size_t text_size[OUTPUTS_MOST];
};

/* A run: shared by the workers, who take the inputs one by one. */
struct run {
    const struct options *options;
    struct inputs inputs;
    struct result *results;
    FILE *streams[OUTPUTS_MOST];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;    /* input to be taken */
    size_t printed; /* results that have been printed */
    size_t ahead;   /* how far the workers may be ahead of the printing */
};

/* One file under check. */
struct job {
    const struct options *options;
    struct result *result;
    const char *path;
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
    finding.severity = job->options->severities[index];
    job->result->findings[finding.severity]++;
    for (size_t i = 0; i < job->options->output_count; i++) {
        const struct report_format *format = job->options->outputs[i].format;
        if (forwards)
            format->forward(&job->reports[i], job->path, &finding);
        else
            format->finding(&job->reports[i], job->path, &finding);
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

/* Opens a recording. A FIFO or a device is read like a pipe. */
static int open_input(const struct input *input)
{
    return input->is_stdin ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
}

static void check_input(struct run *run, size_t index, FILE *const streams[])
{
    const struct options *options = run->options;
    struct result *result = &run->results[index];
    struct job job = {.options = options, .result = result, .path = run->inputs.list[index].path};
    for (size_t i = 0; i < options->output_count; i++)
        job.reports[i] = (struct report){
            .out = streams[i],
            .options = {.servers = &options->servers,
                        .color = options->color && !options->outputs[i].path,
                        .show_secrets = options->show_secrets},
        };
    struct smtpseq_callbacks callbacks = {.context = &job};
    if (options->command == CLI_REPLAY)
        callbacks.exchange = on_exchange;
    else
        callbacks.finding = on_finding;
    int descriptor = open_input(&run->inputs.list[index]);
    if (descriptor < 0) {
        result->status = SMTPSEQ_READ_ERROR;
        result->error = errno;
        return;
    }
    struct smtpseq_checker *checker = smtpseq_checker_new(&callbacks, &options->servers);
    result->status = checker ? smtpseq_check(checker, descriptor, options->input_format,
                                             &result->recording)
                             : SMTPSEQ_NO_MEMORY;
    result->error = errno;
    smtpseq_checker_free(checker);
    close(descriptor);
    bool passed_over = result->status == SMTPSEQ_NO_SESSION && run->inputs.list[index].folder;
    for (size_t i = 0; i < options->output_count; i++)
        if (options->outputs[i].format->file && options->command == CLI_CHECK && !passed_over)
            options->outputs[i].format->file(&job.reports[i], job.path, &result->recording);
}

/* Checks one file into memory. */
static void check_aside(struct run *run, size_t index)
{
    struct result *result = &run->results[index];
    FILE *streams[OUTPUTS_MOST] = {0};
    bool opened = true;
    for (size_t i = 0; i < run->options->output_count; i++) {
        streams[i] = open_memstream(&result->text[i], &result->text_size[i]);
        opened = opened && streams[i];
    }
    if (opened)
        check_input(run, index, streams);
    else
        result->status = SMTPSEQ_NO_MEMORY;
    for (size_t i = 0; i < run->options->output_count; i++)
        if (streams[i] && fclose(streams[i]) != 0)
            result->status = SMTPSEQ_NO_MEMORY;
}

static void *work(void *context)
{
    struct run *run = context;
    pthread_mutex_lock(&run->lock);
    while (run->next < run->inputs.count) {
        if (run->next >= run->printed + run->ahead) {
            pthread_cond_wait(&run->changed, &run->lock);
            continue;
        }
        size_t index = run->next++;
        pthread_mutex_unlock(&run->lock);
        check_aside(run, index);
        pthread_mutex_lock(&run->lock);
        run->results[index].done = true;
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

static void complain(const char *path, const char *what)
{
    fprintf(stderr, "smtpseq: %s: %s\n", path, what);
}

/* What there is to say of a file beside its findings. Gives false when the job was not done. */
static bool remark(const struct run *run, size_t index)
{
    const struct result *result = &run->results[index];
    const struct input *input = &run->inputs.list[index];
    const struct smtpseq_recording *recording = &result->recording;
    switch (result->status) {
    case SMTPSEQ_NO_MEMORY:
        complain(input->path, "out of memory");
        return false;
    case SMTPSEQ_READ_ERROR:
        complain(input->path, strerror(result->error));
        return false;
    case SMTPSEQ_NO_SESSION:
        if (input->folder)
            return true; /* counted by the caller */
        fprintf(stderr, "smtpseq: %s:%" PRIu64 ": no SMTP session found: %s\n", input->path,
                recording->lines > 0 ? UINT64_C(1) : UINT64_C(0),
                recording->octets == 0 ? "the file is empty"
                : recording->binary    ? "this is binary data, not a transcript"
                : recording->format    ? "marked lines, but neither a command nor a reply"
                                       : "no line looks like a command or a reply of a known "
                                         "format (smtpseq formats lists them)");
        return false;
    case SMTPSEQ_OK:
        break;
    }
    if (run->options->quiet)
        return true;
    if (run->options->verbose)
        fprintf(stderr, "smtpseq: %s: %s%s, %" PRIu64 " sessions, %" PRIu64 " lines\n",
                input->path, recording->format->name,
                recording->one_sided ? " (the client's side only)" : "", recording->sessions,
                recording->lines);
    if (recording->unplaced > 0)
        fprintf(stderr,
                "smtpseq: %s: %" PRIu64 " of %" PRIu64
                " lines belong to neither side and were passed over\n",
                input->path, recording->unplaced, recording->lines);
    if (recording->cut > 0)
        fprintf(stderr, "smtpseq: %s: %" PRIu64 " very long lines were read by their beginning\n",
                input->path, recording->cut);
    return true;
}

/* Prints the results as they come, in order, with the workers running. */
static void print_in_order(struct run *run)
{
    for (size_t index = 0; index < run->inputs.count; index++) {
        struct result *result = &run->results[index];
        pthread_mutex_lock(&run->lock);
        while (!result->done)
            pthread_cond_wait(&run->changed, &run->lock);
        pthread_mutex_unlock(&run->lock);
        for (size_t i = 0; i < run->options->output_count; i++) {
            if (result->text_size[i] > 0)
                fwrite(result->text[i], 1, result->text_size[i], run->streams[i]);
            free(result->text[i]);
            result->text[i] = NULL;
        }
        pthread_mutex_lock(&run->lock);
        run->printed = index + 1;
        pthread_cond_broadcast(&run->changed);
        pthread_mutex_unlock(&run->lock);
    }
}

static void check_all(struct run *run)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = run->options->jobs > 0 ? (size_t)run->options->jobs
                                         : (size_t)(processors > 0 ? processors : 1);
    if (jobs > run->inputs.count)
        jobs = run->inputs.count;
    pthread_t threads[jobs > 1 ? jobs : 1];
    size_t started = 0;
    run->ahead = jobs * 4;
    while (jobs > 1 && started < jobs &&
           pthread_create(&threads[started], NULL, work, run) == 0)
        started++;
    if (started > 0)
        print_in_order(run);
    else
        for (size_t i = 0; i < run->inputs.count; i++)
            check_input(run, i, run->streams);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* Opens the reports' files; standard output may be named once or not at all. */
static bool open_streams(struct run *run)
{
    for (size_t i = 0; i < run->options->output_count; i++) {
        const char *path = run->options->outputs[i].path;
        bool standard = !path || strcmp(path, "-") == 0;
        run->streams[i] = standard ? stdout : fopen(path, "w");
        if (!run->streams[i]) {
            complain(path, strerror(errno));
            return false;
        }
    }
    return true;
}

/* Closes the reports. False when something was not written. */
static bool close_streams(struct run *run)
{
    bool done = true;
    for (size_t i = 0; i < run->options->output_count; i++) {
        FILE *stream = run->streams[i];
        if (!stream)
            continue;
        bool failed = fflush(stream) != 0 || ferror(stream);
        int error = errno;
        if (stream != stdout && fclose(stream) != 0)
            failed = true;
        if (failed) {
            complain(run->options->outputs[i].path ? run->options->outputs[i].path
                                                   : "standard output",
                     strerror(error));
            done = false;
        }
    }
    return done;
}

/* Adds up, remarks, and says of folders what was passed over in them. */
static bool sum_up(struct run *run, struct report_totals *totals)
{
    bool done = !run->inputs.failed;
    uint64_t passed_over = 0, from_folders = 0;
    for (size_t i = 0; i < run->inputs.count; i++) {
        const struct result *result = &run->results[i];
        done = remark(run, i) && done;
        from_folders += run->inputs.list[i].folder > 0;
        if (result->status == SMTPSEQ_NO_SESSION && run->inputs.list[i].folder) {
            passed_over++;
            continue;
        }
        totals->files++;
        totals->sessions += result->recording.sessions;
        totals->exchanges += result->recording.exchanges;
        for (int s = 0; s < SEVERITY_COUNT; s++)
            totals->findings[s] += result->findings[s];
    }
    if (totals->sessions == 0 && totals->files == 0 && !run->inputs.failed) {
        fprintf(stderr, "smtpseq: no SMTP session found in %" PRIu64 " files\n", from_folders);
        return false;
    }
    if (passed_over > 0 && !run->options->quiet)
        fprintf(stderr, "smtpseq: %" PRIu64 " files hold no SMTP session and were passed over\n",
                passed_over);
    return done;
}

static enum cli_status finish(struct run *run)
{
    struct report_totals totals = {0};
    bool done = sum_up(run, &totals);
    const struct options *options = run->options;
    for (size_t i = 0; i < options->output_count; i++) {
        struct report report = {.out = run->streams[i]};
        bool summary = options->outputs[i].format->summary && options->command != CLI_FORWARDS &&
                       !(options->quiet && options->outputs[i].format == &text_report);
        if (summary)
            options->outputs[i].format->summary(&report, &totals,
                                                options->command == CLI_REPLAY);
    }
    if (!close_streams(run) || !done)
        return CLI_FAILED;
    if (options->command == CLI_CHECK)
        for (int severity = options->fail_on; severity < SEVERITY_COUNT; severity++)
            if (totals.findings[severity] > 0)
                return CLI_FINDINGS;
    return CLI_CLEAN;
}

/* Whether every report has a form for what the command prints. */
static bool formats_fit(const struct options *options)
{
    for (size_t i = 0; i < options->output_count; i++) {
        const struct report_format *format = options->outputs[i].format;
        if ((options->command == CLI_REPLAY && !format->exchange) ||
            (options->command == CLI_FORWARDS && !format->forward)) {
            fprintf(stderr, "smtpseq: format '%s' is for smtpseq check\n", format->name);
            return false;
        }
    }
    return true;
}

enum cli_status run(const struct options *options, char *const operands[], size_t count)
{
    struct run run = {
        .options = options,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    if (!formats_fit(options))
        return CLI_FAILED;
    enum cli_status status = CLI_FAILED;
    if (!inputs_expand(&run.inputs, operands, count, options->stdin_name) ||
        (run.inputs.count > 0 && !(run.results = calloc(run.inputs.count, sizeof *run.results)))) {
        fputs("smtpseq: out of memory\n", stderr);
    } else if (open_streams(&run)) {
        for (size_t i = 0; i < options->output_count; i++) {
            struct report report = {.out = run.streams[i]};
            if (options->command == CLI_FORWARDS && options->outputs[i].format->forward_heading)
                options->outputs[i].format->forward_heading(&report);
        }
        check_all(&run);
        status = finish(&run);
    }
    free(run.results);
    inputs_free(&run.inputs);
    return status;
}
