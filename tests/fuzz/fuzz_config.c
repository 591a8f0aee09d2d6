/* fuzz_config.c - files that steer a run: smtpseq.ini, a baseline, and patterns for files.
 */
#include "target.h"

#include "baseline/baseline.h"
#include "config/config.h"

static const char *const paths[] = {"session.txt", "legacy/a/b.old", "x", "out/swaks-1.txt", ""};
#define PATHS (sizeof paths / sizeof paths[0])

static void demand_level(int level)
{
    demand(level == LEVEL_AS_FOUND || level == LEVEL_OFF || (level >= 0 && level < SEVERITY_COUNT));
}

/* Every question that can be asked of what was read. */
static void ask(const struct config *config)
{
    struct config_level levels[RULE_COUNT];
    for (size_t i = 0; i < PATHS; i++) {
        struct recorded recorded = {.file = slice_of(paths[i])};
        config_levels(config, &recorded, levels);
        for (size_t rule = 0; rule < RULE_COUNT; rule++)
            demand_level(levels[rule].level);
        config_format(config, &recorded);
        for (size_t j = 0; j < config->allow_count; j++)
            config_allow_takes(&config->allows[j], config->allows[j].rule,
                               SLICE("MAIL FROM:<news@example.org>"));
    }
}

static void read_config(struct slice text)
{
    struct config config = {0};
    demand(config_read(&config, text, NULL));
    for (size_t i = 0; i < config.error_count && i < CONFIG_ERRORS_MAX; i++)
        demand(config.errors[i].message[0]);
    if (config.error_count == 0)
        ask(&config);
    config_free(&config);
}

/* What is read is written and read again, and is the same then. */
static void read_baseline(struct slice text)
{
    struct baseline baseline = {0}, again = {0};
    char error[256] = "";
    unsigned line = 0;
    if (baseline_read(&baseline, text, &line, error, sizeof error)) {
        char *written = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&written, &size);
        demand(out);
        baseline_sort(&baseline);
        demand(baseline_write(&baseline, out) && fclose(out) == 0);
        demand(baseline_read(&again, (struct slice){written, size}, &line, error, sizeof error));
        demand(again.count == baseline.count);
        free(written);
    } else {
        demand(error[0]);
    }
    baseline_free(&baseline);
    baseline_free(&again);
}

/* The first line is a pattern, the others are paths. */
static void match_paths(struct slice text)
{
    const char *error = NULL;
    size_t size = slice_find(text, '\n');
    struct glob *glob = glob_new(slice_head(text, size), &error);
    demand(glob || error);
    for (struct slice rest = slice_after(text, size + 1); glob && rest.size > 0;
         rest = slice_after(rest, size + 1)) {
        size = slice_find(rest, '\n');
        glob_matches(glob, slice_head(rest, size));
    }
    glob_free(glob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    read_config(text);
    read_baseline(text);
    match_paths(text);
    return 0;
}
