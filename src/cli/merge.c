/* merge.c - plays what the runs reported into reports of this run, in the order of the recordings.
 */
#include "cli/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/made_text.h"
#include "cli/coverage.h"
#include "cli/gathered.h"
#include "cli/language.h"
#include "cli/message.h"
#include "cli/reports.h"
#include "cli/sandbox.h"
#include "cli/screen.h"
#include "merge/play.h"

/* A merge of what check reported. */
struct merge_run {
    const struct options *options;
    const struct merge_inputs *inputs;
    struct shard *shards; /* one for each input */
    struct helps helps;
    struct named_servers servers;
    struct parts parts;
    struct renamer renamer;
    struct output_file files[OUTPUTS_MAX];
    struct report reports[OUTPUTS_MAX]; /* of these files */
    struct report of_part[OUTPUTS_MAX]; /* the same for the recording that is played */
    size_t report_count, input;         /* the number of the input that is played */
    const struct told_recording *told;  /* the recording; NULL: none is */
    const char **passed_over;           /* up to a NULL */
    struct gathered gathered;
    struct report_totals totals;
    bool done;   /* nothing is missing so far */
    bool fails;  /* a finding is at or above --fail-on */
    bool failed; /* out of memory in a report */
};

/* From which level on findings of the recording that is played fail the run. */
static int fail_on_of(const struct merge_run *run)
{
    return run->options->given.fail_on ? run->options->fail_on : run->told->fail_on;
}

static void on_begin(void *context, const struct told_recording *told)
{
    struct merge_run *run = context;
    run->told = told;
    for (size_t i = 0; i < run->report_count; i++) {
        struct report *report = &run->of_part[i];
        *report = run->reports[i];
        report->options.servers = &told->servers;
        report->options.fail_on = fail_on_of(run);
        report->out = report->sections[0].stream;
        report->input = run->input;
        report->recording = told->number;
        if (report->format->begin)
            report->format->begin(report, told->path);
    }
}

static void on_exchange(void *context, const struct told_exchange *told)
{
    static const struct session_outcome nothing;
    struct merge_run *run = context;
    for (size_t i = 0; i < run->report_count && run->told; i++) {
        const struct report *report = &run->of_part[i];
        if (report->format->around)
            report->format->around(report, told->session, &told->exchange, &told->verdict);
        if (told->begin_only && report->format->ended)
            report->format->ended(report, told->session, &nothing);
    }
}

static void on_finding(void *context, const char *path, const struct finding *finding)
{
    struct merge_run *run = context;
    if (!run->told)
        return;
    run->fails = run->fails || (int)finding->severity >= fail_on_of(run);
    run->totals.findings[finding->severity]++;
    if (run->options->statistics && !statistics_add(&run->gathered.statistics, path, finding))
        run->failed = true;
    for (size_t i = 0; i < run->report_count; i++)
        run->of_part[i].format->finding(&run->of_part[i], path, finding);
}

static void on_session(void *context, uint64_t number, const struct session_outcome *outcome)
{
    struct merge_run *run = context;
    if (!run->told)
        return;
    if (!gathered_add_session(&run->gathered, run->told->path, number, outcome,
                              run->options->statistics))
        run->failed = true;
    for (size_t i = 0; i < run->report_count; i++)
        report_session(&run->of_part[i], run->told->path, number, outcome);
}

static void on_file(void *context)
{
    struct merge_run *run = context;
    for (size_t i = 0; i < run->report_count; i++) {
        struct report *report = &run->of_part[i];
        if (report->format->file)
            report->format->file(report, run->told->path, &run->told->recording);
        if (report->format->end)
            report->format->end(report);
    }
    run->told = NULL;
}

static void on_trouble(void *context, const char *path, const char *text)
{
    struct merge_run *run = context;
    char translation[SHARD_TROUBLE * 2];
    translate_made(translation, sizeof translation, language(), text);
    for (size_t i = 0; i < run->report_count; i++) {
        struct report report = run->reports[i];
        report.out = report.sections[0].stream;
        if (report.format->trouble)
            report.format->trouble(&report, path, report.options.language ? translation : text);
    }
}

/* A report that cannot be merged, or not to its end. */
static void complain(struct merge_run *run, size_t index)
{
    message_at(stderr, run->inputs->list[index].path, 0, run->shards[index].trouble);
    on_trouble(run, run->inputs->list[index].path, run->shards[index].trouble);
    run->shards[index].trouble[0] = '\0';
    run->done = false;
}

/* Reads all reports once. */
static void read_all(struct merge_run *run)
{
    struct shard_sums sums = {0};
    for (size_t i = 0; i < run->inputs->count; i++) {
        run->shards[i].stream = run->inputs->list[i].stream;
        if (run->shards[i].stream &&
            !shard_read(&run->shards[i], &run->helps, &run->parts, &run->servers, &sums))
            complain(run, i);
    }
    run->totals.files = sums.files;
    run->totals.sessions = sums.sessions;
    run->totals.exchanges = sums.exchanges;
    run->totals.allowed = sums.allowed;
    run->totals.known = sums.known;
    run->done = run->done && !sums.unread;
    parts_sort(&run->parts);
}

/* Passes the parts on, in order. */
static void play_all(struct merge_run *run)
{
    const struct play_sink sink = {run,        on_begin, on_exchange, on_finding,
                                   on_session, on_file,  on_trouble};
    size_t passed_over = 0;
    run->passed_over = calloc(run->parts.count + 1, sizeof *run->passed_over);
    if (!run->passed_over)
        run->failed = true;
    for (size_t i = 0; i < run->parts.count && run->passed_over; i++) {
        const struct part *part = &run->parts.list[i];
        run->input += i == 0 || part->group != run->parts.list[i - 1].group;
        if (part->begin == part->end)
            run->passed_over[passed_over++] = part->name;
        else if (!part_play(part, &run->helps, &run->servers, &sink))
            complain(run, (size_t)(part->shard - run->shards));
    }
    run->totals.passed_over = run->passed_over;
}

/* Ends the reports. */
static void close_all(struct merge_run *run)
{
    struct report_totals *totals = &run->totals;
    const struct server_set servers = named_servers_set(&run->servers);
    totals->unread = !run->done;
    if (totals->sessions == 0 && totals->files == 0 && run->done) {
        message("no SMTP session found");
        run->done = false;
    }
    totals->failed = !run->done;
    totals->outcomes = &run->gathered.outcomes;
    statistics_sort(&run->gathered.statistics);
    totals->statistics = run->options->statistics ? &run->gathered.statistics : NULL;
    bool whole = !run->failed;
    for (size_t i = 0; i < run->report_count; i++) {
        struct report *report = &run->reports[i];
        report->out = run->files[i].stream;
        report->options.servers = &servers;
        run->failed = !whole;
        if (report->format->summary)
            report->format->summary(report, totals);
        if (run->failed)
            message_out_of_memory(stderr, run->files[i].path);
        if (!output_close(&run->files[i], &run->renamer, !run->failed) || run->failed)
            run->done = false;
    }
}

static enum cli_status merge_findings(const struct options *options,
                                      const struct merge_inputs *inputs)
{
    struct merge_run *run = calloc(1, sizeof *run);
    struct shard *shards = calloc(inputs->count + 1, sizeof *shards);
    char *rules_page = !options->plain && screen_links(STDOUT_FILENO) ? screen_rules_page() : NULL;
    const struct report begun = {.options.rules_page = rules_page,
                                 .failed = run ? &run->failed : NULL};
    enum cli_status status = CLI_FAILED;
    if (run && shards) {
        *run = (struct merge_run){.options = options, .inputs = inputs, .shards = shards};
        renamer_begin(&run->renamer);
        run->report_count = reports_open(options, &run->renamer, &begun, run->files, run->reports);
        run->done = run->report_count == options->output_count && !inputs->failed;
        if (reports_start(&run->renamer, run->files, run->report_count)) {
            sandbox_enter(NULL, 0);
            read_all(run);
            play_all(run);
            close_all(run);
            status = !run->done ? CLI_FAILED : run->fails ? CLI_FINDINGS : CLI_CLEAN;
        }
        renamer_stop(&run->renamer);
        gathered_free(&run->gathered);
        named_servers_free(&run->servers);
        helps_free(&run->helps);
        parts_free(&run->parts);
        free(run->passed_over);
    } else {
        message("out of memory");
    }
    for (size_t i = 0; shards && i < inputs->count; i++)
        shard_free(&shards[i]);
    free(shards);
    free(run);
    free(rules_page);
    return status;
}

/* Some formats show findings, others coverage, and some have the same name. */
static bool set_formats(struct options *options, bool coverage)
{
    for (size_t i = 0; i < options->output_count; i++) {
        const struct report_format **format = &options->outputs[i].format;
        const struct report_format *other = coverage_format_named((*format)->name);
        if (coverage ? !other : !(*format)->finding) {
            if (coverage)
                message("format '%s' does not show coverage", (*format)->name);
            else
                message("format '%s' does not show the findings of smtpseq check", (*format)->name);
            return false;
        }
        *format = coverage ? other : *format;
    }
    return true;
}

enum cli_status merge(struct options *options, char *const operands[], size_t count)
{
    struct merge_inputs inputs;
    enum cli_status status = CLI_FAILED;
    bool coverage = false;
    if (merge_inputs_open(&inputs, options, operands, count)) {
        for (size_t i = 0; i < inputs.count; i++)
            coverage = coverage || inputs.list[i].is_coverage;
        if (set_formats(options, coverage))
            status = coverage ? merge_coverage(options, &inputs) : merge_findings(options, &inputs);
    }
    merge_inputs_close(&inputs);
    return status;
}
