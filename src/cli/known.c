/* known.c - the files of the baselines.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/small_file.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/suppress.h"
#include "report/escape.h"

/* At most so many findings that are gone are listed, without -v. */
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
        return complain(path, 0, error_text(errno));
    bool done =
        baseline_read(&known->read, (struct slice){content, size}, &line, error, sizeof error);
    free(content);
    if (!done)
        return complain(path, line, error);
    known->read_folder = folder_of(path);
    known->uses = calloc(known->read.count + 1, sizeof *known->uses);
    return (known->read_folder && known->uses) || complain(path, 0, error_text(ENOMEM));
}

/* Reads what --write-baseline will replace: nothing, a baseline, or one that is damaged. */
static bool read_old(struct known *known, const char *path)
{
    size_t size;
    unsigned line;
    char error[240];
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return true; /* what is wrong with it is said when it is opened */
    char *content = small_file(path, BASELINE_SIZE_MAX, &size);
    if (!content)
        return complain(path, 0, error_text(errno));
    struct slice text = {content, size};
    bool replaceable = size == 0 || baseline_looks_like(text);
    if (replaceable && baseline_read(&known->old, text, &line, error, sizeof error))
        known->stays = calloc(known->old.count + 1, sizeof *known->stays);
    free(content);
    if (replaceable)
        return true;
    complain(path, 0, N_("this is no baseline, so --write-baseline does not replace it"));
    message("the option takes the file to write: smtpseq check "
            "--write-baseline=baseline.json RECORDING...");
    return false;
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
    if (!options->write_baseline)
        return true;
    if (!read_old(known, options->write_baseline))
        return false;
    known->write_folder = folder_of(options->write_baseline);
    return known->write_folder || complain(options->write_baseline, 0, error_text(ENOMEM));
}

void known_close(struct known *known)
{
    baseline_free(&known->read);
    baseline_free(&known->written);
    baseline_free(&known->old);
    free(known->uses);
    free(known->stays);
    free(known->read_folder);
    free(known->write_folder);
    pthread_mutex_destroy(&known->lock);
}

/* "baseline.json:4: a.log: nested-mail: MAIL in state mail is no longer found (1 of 2 left)" */
static void say_fixed(const char *path, const struct baseline_entry *entry, uint64_t found)
{
    const char *rule = smtpseq_rules[entry->rule].name;
    message_on(stderr, path);
    fprintf(stderr, ":%u: ", entry->line);
    print_escaped(stderr, slice_of(entry->file));
    fputs(": ", stderr);
    if (found == 0 && entry->command[0])
        say(stderr, "%s at %s is no longer found", rule, entry->command);
    else if (found == 0)
        say(stderr, "%s is no longer found", rule);
    else if (entry->command[0])
        say(stderr, "%s at %s: %llu of %llu are still found", rule, entry->command,
            (unsigned long long)found, (unsigned long long)entry->count);
    else
        say(stderr, "%s: %llu of %llu are still found", rule, (unsigned long long)found,
            (unsigned long long)entry->count);
    putc('\n', stderr);
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
        fputs(": ", stderr);
        say_count(stderr, left_out, "and %llu more entries like that (-v names them)",
                  "and %llu more entries like that (-v names them)", (unsigned long long)left_out);
        putc('\n', stderr);
    }
    if (said > 0)
        message_at(stderr, known->options->baseline, 0,
                   N_("write it anew with --write-baseline to drop what is fixed"));
}

bool known_create(struct known *known, struct renamer *renamer)
{
    static const struct report_format form = {.name = "baseline"};
    const struct output output = {&form, known->options->write_baseline};
    known->opened = output.path && output_open(&known->file, &output, renamer);
    return known->opened || !output.path;
}

bool known_keep(struct known *known, const struct input *input)
{
    if (!known->stays)
        return true;
    char *name = baseline_name(known->write_folder, input, "");
    if (!name)
        return false;
    size_t size = strlen(name);
    pthread_mutex_lock(&known->lock);
    for (size_t i = 0; i < known->old.count; i++) {
        const char *file = known->old.entries[i].file;
        if (strncmp(file, name, size) == 0 && (file[size] == '\0' || file[size] == '!'))
            known->stays[i] = true;
    }
    pthread_mutex_unlock(&known->lock);
    free(name);
    return true;
}

/* Puts the old entries that stay among the new ones. False when out of memory. */
static bool add_old(struct known *known)
{
    size_t count = 0;
    for (size_t i = 0; known->stays && i < known->old.count; i++) {
        struct baseline_entry *entry = &known->old.entries[i];
        if (known->stays[i]) {
            struct baseline_entry moved = *entry;
            *entry = known->old.entries[count];
            known->old.entries[count++] = moved;
        }
    }
    if (count == 0)
        return true;
    message_on(stderr, known->options->write_baseline);
    fputs(": ", stderr);
    say_count(stderr, count, "kept %zu entry of files that could not be read to their end",
              "kept %zu entries of files that could not be read to their end", count);
    putc('\n', stderr);
    return baseline_raise(&known->written, &known->old, count);
}

bool known_write(struct known *known, struct renamer *renamer, bool whole)
{
    const char *path = known->options->write_baseline;
    if (!known->opened)
        return true;
    baseline_sort(&known->written);
    if (!whole)
        complain(path, 0, N_("not written, since not every input could be read"));
    bool done = whole && add_old(known) && baseline_write(&known->written, known->file.stream);
    if (whole && !done)
        complain(path, 0, error_text(ENOMEM));
    return output_close(&known->file, renamer, done) && done;
}
