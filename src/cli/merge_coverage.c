/* merge_coverage.c - adds up what several runs of smtpseq coverage counted.
 */
#include <errno.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/json_memory.h"
#include "cli/coverage.h"
#include "cli/merge.h"
#include "cli/message.h"
#include "cli/reports.h"
#include "cli/sandbox.h"

/* The largest document; one of ours has 150 KB. */
#define DOCUMENT_MAX ((size_t)16 << 20)

struct coverage_run {
    const struct options *options;
    struct coverage_map *map;
    struct coverage_document sum;
    struct renamer renamer;
    struct output_file files[OUTPUTS_MAX];
    struct report reports[OUTPUTS_MAX];
    size_t report_count;
    bool failed; /* of the reports; coverage does not set it */
};

/* Reads a document. Returns NULL with *wrong, static storage. */
static json_t *load(FILE *stream, const char **wrong)
{
    json_error_t error;
    char *text = malloc(DOCUMENT_MAX);
    size_t size = text ? fread(text, 1, DOCUMENT_MAX, stream) : 0;
    json_t *document = text && size < DOCUMENT_MAX ? json_loadb(text, size, 0, &error) : NULL;
    *wrong = !text || json_memory_failed() ? N_("out of memory")
             : ferror(stream)              ? error_text(errno)
                                           : N_("not a whole report of coverage --format=json");
    free(text);
    return document;
}

/* Adds a report. Returns what is wrong with it; NULL: nothing. */
static const char *add(struct coverage_run *run, FILE *stream)
{
    const char *wrong = NULL;
    struct coverage_document document = {.counts = coverage_new(run->map)};
    json_t *json = document.counts ? load(stream, &wrong) : NULL;
    if (!document.counts)
        return N_("out of memory");
    if (json)
        wrong = coverage_read(&document, json);
    if (!wrong) {
        coverage_merge_by_name(run->sum.counts, document.counts);
        run->sum.files += document.files;
        run->sum.sessions += document.sessions;
        run->sum.exchanges += document.exchanges;
        run->sum.unread = run->sum.unread || document.unread;
    }
    json_decref(json);
    coverage_free(document.counts);
    return wrong;
}

static void add_all(struct coverage_run *run, const struct merge_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        const struct merge_input *input = &inputs->list[i];
        const char *wrong = input->stream ? add(run, input->stream) : NULL;
        if (wrong)
            message_at(stderr, input->path, 0, wrong);
        run->sum.unread = run->sum.unread || wrong;
    }
}

/* Writes the reports. Returns false when one is not written. */
static bool report_all(struct coverage_run *run, const struct coverage_sum *sum)
{
    bool done = true;
    for (size_t i = 0; i < run->report_count; i++) {
        struct coverage_view view = {
            .coverage = run->sum.counts,
            .sum = *sum,
            .files = run->sum.files,
            .sessions = run->sum.sessions,
            .exchanges = run->sum.exchanges,
            .unread = run->sum.unread,
            .language = run->reports[i].options.language,
            .color = run->reports[i].options.color,
            .brief = run->options->quiet,
        };
        bool written = coverage_report(&run->reports[i], &view);
        done = output_close(&run->files[i], &run->renamer, written) && written && done;
    }
    return done;
}

static void enter_sandbox(const struct coverage_run *run)
{
    for (size_t i = 0; i < run->report_count; i++)
        if (coverage_draws(run->files[i].format))
            return; /* Graphviz is another program */
    sandbox_enter(NULL, 0);
}

static enum cli_status merge_into(struct coverage_run *run, const struct merge_inputs *inputs)
{
    const struct report begun = {.failed = &run->failed};
    enum cli_status status = CLI_FAILED;
    renamer_begin(&run->renamer);
    run->report_count = reports_open(run->options, &run->renamer, &begun, run->files, run->reports);
    if (!reports_start(&run->renamer, run->files, run->report_count)) {
        renamer_stop(&run->renamer);
        return status;
    }
    enter_sandbox(run);
    run->sum.unread = inputs->failed;
    add_all(run, inputs);
    struct coverage_sum sum = coverage_sum(run->sum.counts, run->options->groups);
    bool done = report_all(run, &sum);
    if (done && !run->sum.unread && run->report_count == run->options->output_count)
        status = coverage_is_below(&sum, run->options->fail_under) ? CLI_FINDINGS : CLI_CLEAN;
    renamer_stop(&run->renamer);
    return status;
}

enum cli_status merge_coverage(const struct options *options, const struct merge_inputs *inputs)
{
    struct coverage_run run = {.options = options, .map = coverage_map_new()};
    enum cli_status status = CLI_FAILED;
    if (run.map)
        run.sum.counts = coverage_new(run.map);
    if (run.sum.counts)
        status = merge_into(&run, inputs);
    else
        message(N_("out of memory"));
    coverage_free(run.sum.counts);
    coverage_map_free(run.map);
    return status;
}
