/* known.c - the files of the baselines.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/small_file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/suppress.h"
#include "report/escape.h"

/* Of what is no longer found so many are named, unless all are asked for (-v). */
#define REMARKS_MAX 10

/* The folder of a file that is named on the command line; NULL when out of memory. */
static char *folder_of(const char *path)
{
    char *full = path_from_root(path);
    char *folder = full ? path_folder(full) : NULL;
    free(full);
    return folder;
}

static bool complain(const char *path, unsigned line, const char *message)
{
    message_at(stderr, path, line, message);
    return false;
}

static bool read_baseline(struct known *known, const char *path)
{
    size_t size;
    unsigned line;
    char error[240];
    char *content = small_file(path, BASELINE_SIZE_MAX, &size);
    if (!content)
        return complain(path, 0, strerror(errno));
    bool done =
        baseline_read(&known->read, (struct slice){content, size}, &line, error, sizeof error);
    free(content);
    if (!done)
        return complain(path, line, error);
    known->read_folder = folder_of(path);
    known->uses = calloc(known->read.count + 1, sizeof *known->uses);
    return (known->read_folder && known->uses) || complain(path, 0, strerror(ENOMEM));
}

bool known_wanted(const struct options *options)
{
    return options->baseline || options->write_baseline;
}

bool known_open(struct known *known, const struct options *options)
{
    *known = (struct known){.options = options, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (options->baseline && !read_baseline(known, options->baseline))
        return false;
    if (options->write_baseline && !(known->write_folder = folder_of(options->write_baseline)))
        return complain(options->write_baseline, 0, strerror(ENOMEM));
    return true;
}

void known_close(struct known *known)
{
    baseline_free(&known->read);
    baseline_free(&known->written);
    free(known->uses);
    free(known->read_folder);
    free(known->write_folder);
    pthread_mutex_destroy(&known->lock);
}

/* "baseline.json:4: a.log: nested-mail: MAIL in state mail is no longer found (1 of 2 left)" */
static void say_fixed(const char *path, const struct baseline_entry *entry, uint64_t found)
{
    message_on(stderr, path);
    fprintf(stderr, ":%u: ", entry->line);
    print_escaped(stderr, slice_of(entry->file));
    fprintf(stderr, ": %s", smtpseq_rules[entry->rule].name);
    if (entry->command[0]) {
        fputs(" at ", stderr);
        print_escaped(stderr, slice_of(entry->command));
    }
    if (found == 0)
        fputs(" is no longer found\n", stderr);
    else
        fprintf(stderr, ": %" PRIu64 " of %" PRIu64 " are still found\n", found, entry->count);
}

void known_remark(const struct known *known)
{
    uint64_t said = 0, left_out = 0;
    for (size_t i = 0; i < known->read.count; i++) {
        const struct baseline_entry *entry = &known->read.entries[i];
        if (!known->uses[i].reached || known->uses[i].found >= entry->count)
            continue;
        if (said == REMARKS_MAX && !known->options->verbose) {
            left_out++;
            continue;
        }
        say_fixed(known->options->baseline, entry, known->uses[i].found);
        said++;
    }
    if (left_out > 0) {
        message_on(stderr, known->options->baseline);
        fprintf(stderr, ": and %" PRIu64 " more entries like that (-v names them)\n", left_out);
    }
    if (said > 0) {
        message_on(stderr, known->options->baseline);
        fputs(": write it anew with --write-baseline to drop what is fixed\n", stderr);
    }
}

bool known_write(struct known *known)
{
    static const struct report_format form = {.name = "baseline"};
    const struct output output = {&form, known->options->write_baseline};
    struct output_file file;
    if (!output.path)
        return true;
    baseline_sort(&known->written);
    if (!output_open(&file, &output))
        return false;
    bool done = baseline_write(&known->written, file.stream);
    if (!done)
        complain(output.path, 0, strerror(ENOMEM));
    return output_close(&file, done) && done;
}
