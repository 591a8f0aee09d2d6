/* run.c - checks files, several at once, and prints what was found in the order of the files.
 */
#include "cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/string_builder.h"
#include "cli/coverage.h"
#include "cli/follow.h"
#include "cli/forwards.h"
#include "cli/libraries.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/read_file.h"
#include "cli/reports.h"
#include "cli/same_file.h"
#include "cli/sandbox.h"
#include "cli/screen.h"
#include "transcript/dumps/tcpflow_pair.h"

/* A run: shared by the workers, who take the inputs one by one. */
struct run {
    const struct options *options;
    struct settings_files settings;
    struct known known;
    struct inputs inputs;
    struct result *results;
    struct output_file files[OUTPUTS_MAX];
    struct renamer renamer;             /* of these */
    struct report reports[OUTPUTS_MAX]; /* of these files */
    size_t report_count;
    struct gathered gathered; /* of all results */
    bool failed;              /* out of memory when a report began or ended ... */
    bool unreported;          /* ... or when something was read that it lacks now */
    bool part_unread;         /* inputs were not found, or not looked into */
    struct coverage_map *map; /* coverage: of all inputs; else NULL */
    struct coverage *coverage;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;    /* input to be taken */
    size_t printed; /* results that have been printed */
    size_t ahead;   /* how far the workers may be ahead of the printing */
    unsigned jobs;  /* threads for each input, where there are fewer inputs than processors */
    struct progress *progress;
    char *rules_page;         /* for links in the reports; owned */
    const char **passed_over; /* files of folders without a session, up to a NULL; or NULL */
};

static size_t section_count(const struct report_format *format)
{
    return format->sections > 0 ? format->sections : 1;
}

/* Checks one file into memory. */
static void check_aside(struct run *run, size_t index)
{
    struct result *result = &run->results[index];
    struct report_section sections[OUTPUTS_MAX][REPORT_SECTIONS_MAX] = {0};
    struct report reports[OUTPUTS_MAX];
    result->texts = calloc(run->report_count ? run->report_count : 1, sizeof *result->texts);
    bool opened = result->texts != NULL;
    if (run->map && !(result->coverage = coverage_new(run->map)))
        opened = false;
    for (size_t i = 0; i < run->report_count && opened; i++) {
        reports[i] = run->reports[i];
        reports[i].sections = sections[i];
        reports[i].input = index + 1;
        for (size_t s = 0; s < section_count(reports[i].format); s++)
            if (!(sections[i][s].stream = memory_stream_open(&result->texts[i].sections[s],
                                                             &result->texts[i].sizes[s])))
                opened = false;
    }
    const struct setup setup = {run->options, &run->known, reports, run->report_count, run->jobs};
    if (opened)
        read_file(result, &run->inputs.list[index], &setup);
    else
        result_fail(result, run->inputs.list[index].path);
    for (size_t i = 0; i < run->report_count; i++)
        for (size_t s = 0; s < REPORT_SECTIONS_MAX; s++)
            if (sections[i][s].stream && fclose(sections[i][s].stream) != 0) {
                result->unreported = true;
                result_fail(result, run->inputs.list[index].path);
            }
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

/* Appends what a file gave to a report. */
static void print_text(struct report *report, struct result_text *text)
{
    for (unsigned s = 0; s < section_count(report->format); s++) {
        if (text->sections[s] && text->sizes[s] > 0)
            fwrite(text->sections[s], 1, text->sizes[s], report_item(report, s));
        free(text->sections[s]);
    }
}

static void take_result(struct run *run, struct result *result)
{
    if (!result_take(result, &run->gathered))
        result->speechless = true;
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
        progress_pause(run->progress);
        for (size_t i = 0; i < run->report_count && result->texts; i++)
            print_text(&run->reports[i], &result->texts[i]);
        if (run->progress)
            fflush(stdout);
        progress_resume(run->progress);
        free(result->texts);
        result->texts = NULL;
        if (result->coverage)
            coverage_merge(run->coverage, result->coverage);
        coverage_free(result->coverage);
        result->coverage = NULL;
        take_result(run, result);
        pthread_mutex_lock(&run->lock);
        run->printed = index + 1;
        pthread_cond_broadcast(&run->changed);
        pthread_mutex_unlock(&run->lock);
    }
}

static void check_all(struct run *run)
{
    bool alone = run->options->follow ||
                 (run->inputs.count == 1 && read_file_shows(&run->inputs.list[0], run->options));
    run->progress = run->options->quiet || alone ? NULL : progress_start(&run->inputs);
    for (size_t i = 0; i < run->inputs.count; i++)
        run->results[i].progress = run->progress;
    size_t jobs = inputs_at_once(&run->inputs, run->options, &run->jobs);
    pthread_t threads[jobs > 1 ? jobs : 1];
    size_t started = 0;
    run->ahead = jobs * 4;
    /* What is printed while files are read would run into the progress line. */
    bool aside = jobs > 1 || (run->progress && isatty(STDOUT_FILENO));
    while (aside && started < jobs && pthread_create(&threads[started], NULL, work, run) == 0)
        started++;
    if (started > 0)
        print_in_order(run);
    const struct setup setup = {run->options, &run->known, run->reports, run->report_count,
                                run->jobs};
    for (size_t i = 0; i < run->inputs.count && started == 0; i++) {
        for (size_t r = 0; r < run->report_count; r++)
            run->reports[r].input = i + 1;
        run->results[i].coverage = run->coverage;
        read_file(&run->results[i], &run->inputs.list[i], &setup);
        take_result(run, &run->results[i]);
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_stop(run->progress);
}

/* Opens the reports and the baseline. One that cannot be written does not stop the others. */
static bool open_reports(struct run *run)
{
    renamer_begin(&run->renamer);
    bool done = known_create(&run->known, &run->renamer);
    struct report begun = {.options.rules_page = run->rules_page, .failed = &run->failed};
    run->report_count = reports_open(run->options, &run->renamer, &begun, run->files, run->reports);
    return run->report_count == run->options->output_count && done;
}

/* Starts the process that will rename the reports. False: they are removed, and a message is on standard
 * error. */
static bool start_renamer(struct run *run)
{
    if (reports_start(&run->renamer, run->files, run->report_count))
        return true;
    known_write(&run->known, &run->renamer, false);
    return false;
}

/* Closes a report; `whole`: it may get its name, unless that is a recording's. */
static bool close_report(struct run *run, size_t index, bool whole)
{
    struct output_file *file = &run->files[index];
    bool apart = true;
    for (size_t i = 0; i < run->inputs.count && apart; i++)
        apart = run->inputs.list[i].report != file->path || run->results[i].sessions == 0;
    if (!apart)
        message_at(stderr, file->path, 0, N_("not written: this is a recording that was read"));
    return output_close(file, &run->renamer, whole && apart) && apart;
}

/* Writes what was counted; what has no report then has no file either. */
static bool close_coverage(struct run *run, const struct report_totals *totals,
                           const struct coverage_sum *sum)
{
    bool done = true;
    for (size_t i = 0; i < run->report_count; i++) {
        struct report *report = &run->reports[i];
        struct coverage_view view = {
            .coverage = run->coverage,
            .sum = *sum,
            .files = totals->files,
            .sessions = totals->sessions,
            .exchanges = totals->exchanges,
            .unread = totals->unread,
            .language = report->options.language,
            .color = report->options.color,
            .brief = run->options->quiet,
        };
        bool written = coverage_report(report, &view);
        if (!close_report(run, i, written) || !written)
            done = false;
    }
    return done;
}

/* Ends the reports. False when something was not written. */
static bool close_reports(struct run *run, const struct report_totals *totals)
{
    bool done = true;
    for (size_t i = 0; i < run->report_count; i++) {
        struct report *report = &run->reports[i];
        report->out = run->files[i].stream;
        if (report->format->summary)
            report->format->summary(report, totals);
        if (run->failed)
            message_out_of_memory(stderr, run->files[i].path);
        bool whole = !run->failed && !run->unreported;
        if (!close_report(run, i, whole) || run->failed)
            done = false;
        run->failed = false;
    }
    return done;
}

/* Lists the files that were passed over. They leave no other trace, and they count among the inputs. Returns
 * false, with a message, when out of memory. */
static bool list_passed_over(struct run *run)
{
    size_t count = 0;
    run->passed_over = calloc(run->inputs.count + 1, sizeof *run->passed_over);
    for (size_t i = 0; run->passed_over && i < run->inputs.count; i++)
        if (run->results[i].files == 0 && run->results[i].passed_over > 0)
            run->passed_over[count++] = run->inputs.list[i].path;
    if (!run->passed_over)
        message("out of memory");
    return run->passed_over != NULL;
}

/* Adds up, remarks, and says of folders and archives what was passed over in them. */
static bool sum_up(struct run *run, struct report_totals *totals)
{
    bool done = !run->inputs.failed;
    uint64_t passed_over = 0, from_folders = 0, unsettled = 0;
    uint64_t selected = 0, selected_exchanges = 0;
    for (size_t i = 0; i < run->inputs.count; i++) {
        const struct result *result = &run->results[i];
        if (result->said.size > 0)
            fwrite(result->said.octets, 1, result->said.size, stderr);
        if (result->speechless)
            message("out of memory");
        done = done && !result->failed && !result->speechless;
        run->unreported = run->unreported || result->unreported;
        from_folders += run->inputs.list[i].folder > 0;
        unsettled += run->inputs.list[i].settings && run->inputs.list[i].settings->broken;
        passed_over += result->passed_over;
        totals->files += result->files;
        totals->sessions += result->sessions;
        totals->exchanges += result->exchanges;
        selected += result->selected_sessions;
        selected_exchanges += result->selected_exchanges;
        totals->allowed += result->allowed;
        totals->known += result->known;
        for (int s = 0; s < SEVERITY_COUNT; s++)
            totals->findings[s] += result->findings[s];
    }
    run->part_unread = run->inputs.failed || unsettled > 0 || run->unreported;
    totals->unread = !done;
    if (unsettled > 0)
        message_count(unsettled, "%llu file skipped: errors in its smtpseq.ini",
                      "%llu files skipped: errors in their smtpseq.ini",
                      (unsigned long long)unsettled);
    if (totals->sessions == 0 && totals->files == 0 && !run->inputs.failed && unsettled == 0) {
        message_count(from_folders, "no SMTP session found in %llu file",
                      "no SMTP session found in %llu files", (unsigned long long)from_folders);
        return false;
    }
    if (filter_is_set(run->options)) {
        if (selected == 0 && totals->sessions > 0)
            filter_say_none(run->options->command, totals->sessions);
        totals->sessions = selected;
        totals->exchanges = selected_exchanges;
    }
    if (passed_over > 0 && !run->options->quiet)
        message_count(passed_over, "passed over %llu file without an SMTP session",
                      "passed over %llu files without an SMTP session",
                      (unsigned long long)passed_over);
    return done;
}

static enum cli_status finish(struct run *run)
{
    struct report_totals totals = {0};
    bool listed = list_passed_over(run), done = sum_up(run, &totals) && listed;
    if (run->options->command == CLI_CHECK && !run->options->quiet) {
        allow_remark(&run->settings);
        known_remark(&run->known);
    }
    done =
        known_write(&run->known, &run->renamer, !run->part_unread && totals.sessions > 0) && done;
    totals.failed = !done;
    totals.passed_over = run->passed_over;
    totals.outcomes = run->options->command == CLI_CHECK ? &run->gathered.outcomes : NULL;
    if (run->coverage) {
        struct coverage_sum sum = coverage_sum(run->coverage, run->options->groups);
        if (!close_coverage(run, &totals, &sum) || !done)
            return CLI_FAILED;
        return coverage_is_below(&sum, run->options->fail_under) ? CLI_FINDINGS : CLI_CLEAN;
    }
    statistics_sort(&run->gathered.statistics);
    totals.statistics = run->options->statistics ? &run->gathered.statistics : NULL;
    if (run->options->command == CLI_FORWARDS)
        forwards_end(&run->gathered.forwards, run->reports, run->report_count,
                     run->options->unique);
    if (!close_reports(run, &totals) || !done)
        return CLI_FAILED;
    for (size_t i = 0; i < run->inputs.count && run->options->command == CLI_CHECK; i++)
        if (run->results[i].fails)
            return CLI_FINDINGS;
    return CLI_CLEAN;
}

/* Makes the counters for coverage. Returns false when out of memory. */
static bool prepare_coverage(struct run *run)
{
    if (run->options->command != CLI_COVERAGE)
        return true;
    return (run->map = coverage_map_new()) && (run->coverage = coverage_new(run->map));
}

/* From here on only the operands are read, and nothing is created. Coverage's picture is another program's
 * work. */
static void enter_sandbox(const struct run *run, char *const operands[], size_t count)
{
    for (size_t i = 0; i < run->report_count; i++)
        if (run->options->command == CLI_COVERAGE && coverage_draws(run->files[i].format))
            return;
    char *folder = run->options->follow && count == 1 ? follow_folder(operands[0]) : NULL;
    if (folder) /* of a log the next file as well */
        operands = &folder;
    libraries_load(operands, folder ? 0 : count);
    if (sandbox_enter(operands, count) == 0 && run->options->verbose)
        message("no sandbox: this system has neither Landlock nor seccomp");
    if (run->options->follow)
        follow_catch_signals();
    free(folder);
}

/* Returns true if every report has a form for what the command prints. */
static bool formats_fit(const struct options *options)
{
    static const char *const commands[] = {
        [REPORT_FINDINGS] = "check",
        [REPORT_EXCHANGES] = "replay",
        [REPORT_FORWARDS] = "forwards",
    };
    if (options->command == CLI_COVERAGE)
        return true; /* it has its own */
    for (size_t i = 0; i < options->output_count; i++) {
        const struct report_format *format = options->outputs[i].format;
        enum report_subject other = REPORT_FINDINGS;
        if (report_fits(format, command_subject(options->command)))
            continue;
        while (!report_fits(format, other))
            other++;
        message("format '%s' is for smtpseq %s", format->name, commands[other]);
        return false;
    }
    return true;
}

/* Logs are followed one at a time. */
static bool may_follow(const struct options *options, const struct inputs *inputs)
{
    if (!options->follow || (inputs->count == 1 && inputs->list[0].folder == 0))
        return true;
    if (!inputs->failed)
        message("--follow wants one file, or standard input");
    return false;
}

/* Finds the inputs and what holds for each of them. */
static bool prepare(struct run *run, char *const operands[], size_t count)
{
    const struct options *options = run->options;
    bool may_pair = !options->input_format || strcmp(options->input_format->name, "tcpflow") == 0;
    if (!settings_files_open(&run->settings, options) || !known_open(&run->known, options))
        return false;
    if (inputs_expand(&run->inputs, operands, count, options->stdin_name) &&
        (!may_pair || inputs_pair(&run->inputs)) &&
        settings_assign(&run->settings, &run->inputs, known_wanted(options))) {
        if (!outputs_are_apart(options, &run->inputs, &run->settings) ||
            !may_follow(options, &run->inputs))
            return false;
        run->results = calloc(run->inputs.count + 1, sizeof *run->results);
    }
    if (run->results && prepare_coverage(run))
        return true;
    message("out of memory");
    return false;
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
    if (prepare(&run, operands, count)) {
        if (!options->plain && screen_links(STDOUT_FILENO))
            run.rules_page = screen_rules_page();
        bool opened = open_reports(&run);
        if (start_renamer(&run)) {
            enter_sandbox(&run, operands, count);
            check_all(&run);
            status = finish(&run);
        }
        if (!opened)
            status = CLI_FAILED;
        renamer_stop(&run.renamer);
    }
    for (size_t i = 0; run.results && i < run.inputs.count; i++)
        octet_buffer_free(&run.results[i].said);
    gathered_free(&run.gathered);
    free(run.results);
    free(run.rules_page);
    free(run.passed_over);
    coverage_free(run.coverage);
    coverage_map_free(run.map);
    inputs_free(&run.inputs);
    known_close(&run.known);
    settings_files_close(&run.settings);
    return status;
}
