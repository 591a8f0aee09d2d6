/* run.c - checks files, several at once, and prints what was found in the order of the files.
 */
#include "cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/result.h"
#include "transcript/tcpflow_pair.h"

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
        result_read(result, &run->inputs.list[index], run->options, streams);
    else
        result->failed = true;
    for (size_t i = 0; i < run->options->output_count; i++)
        if (streams[i] && fclose(streams[i]) != 0)
            result->failed = true;
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
            result_read(&run->results[i], &run->inputs.list[i], run->options, run->streams);
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
            fprintf(stderr, "smtpseq: %s: %s\n", path, strerror(errno));
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
        if (!stream || stream == stdout) /* main looks after that one */
            continue;
        bool failed = fflush(stream) != 0 || ferror(stream);
        int error = errno;
        if (fclose(stream) != 0)
            failed = true;
        if (failed) {
            fprintf(stderr, "smtpseq: %s: %s\n", run->options->outputs[i].path, strerror(error));
            done = false;
        }
    }
    return done;
}

/* Adds up, remarks, and says of folders and archives what was passed over in them. */
static bool sum_up(struct run *run, struct report_totals *totals)
{
    bool done = !run->inputs.failed;
    uint64_t passed_over = 0, from_folders = 0;
    for (size_t i = 0; i < run->inputs.count; i++) {
        const struct result *result = &run->results[i];
        if (result->said)
            fwrite(result->said, 1, result->said_size, stderr);
        done = done && !result->failed;
        from_folders += run->inputs.list[i].folder > 0;
        passed_over += result->passed_over;
        totals->files += result->files;
        totals->sessions += result->sessions;
        totals->exchanges += result->exchanges;
        for (int s = 0; s < SEVERITY_COUNT; s++)
            totals->findings[s] += result->findings[s];
    }
    if (totals->sessions == 0 && totals->files == 0 && !run->inputs.failed) {
        fprintf(stderr, "smtpseq: no SMTP session found in %" PRIu64 " file%s\n", from_folders,
                plural(from_folders));
        return false;
    }
    if (passed_over > 0 && !run->options->quiet)
        fprintf(stderr, "smtpseq: passed over %" PRIu64 " file%s without an SMTP session\n",
                passed_over, plural(passed_over));
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
    bool may_pair =
        !options->input_format || strcmp(options->input_format->name, "tcpflow") == 0;
    if (!inputs_expand(&run.inputs, operands, count, options->stdin_name) ||
        (may_pair && !inputs_pair(&run.inputs)) ||
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
    for (size_t i = 0; run.results && i < run.inputs.count; i++)
        free(run.results[i].said);
    free(run.results);
    inputs_free(&run.inputs);
    return status;
}
