/* suppress.c - asks for each finding whether it is allowed or known.
 */
#include "cli/suppress.h"

#include <stdlib.h>

#include "cli/message.h"
#include "cli/paths.h"
#include "report/escape.h"

char *baseline_name(const char *folder, const struct input *input, const char *member)
{
    char *relative = path_relative(input->full, folder), *whole = NULL, *name = NULL;
    if (relative && member[0] && asprintf(&whole, "%s!%s", relative, member) < 0)
        whole = NULL;
    if (relative && (whole || !member[0]))
        name = baseline_path(whole ? whole : relative);
    free(whole);
    free(relative);
    return name;
}

/* Finds its entries in the baseline that is read. */
static bool find_known(struct suppress *suppress)
{
    suppress->count = baseline_file(&suppress->known->read, suppress->read_as, &suppress->first);
    free(suppress->found);
    suppress->found = calloc(suppress->count + 1, sizeof *suppress->found);
    return suppress->found != NULL;
}

/* Its place among the known findings. */
static bool begin_known(struct suppress *suppress, const struct input *input, const char *member)
{
    struct known *known = suppress->known;
    if (known->write_folder &&
        !(suppress->write_as = baseline_name(known->write_folder, input, member)))
        return false;
    if (!known->read_folder)
        return true;
    suppress->read_as = baseline_name(known->read_folder, input, member);
    return suppress->read_as && find_known(suppress);
}

bool suppress_rename(struct suppress *suppress, char *(*rename)(void *context, const char *name),
                     void *context)
{
    char **names[] = {&suppress->write_as, &suppress->read_as};
    for (size_t i = 0; i < 2; i++) {
        char *name = *names[i] ? rename(context, *names[i]) : NULL;
        if (*names[i] && !name)
            return false;
        free(*names[i]);
        *names[i] = name;
    }
    return !suppress->read_as || find_known(suppress);
}

/* Finds the entries of [allow] for the finding. */
static bool begin_allowed(struct suppress *suppress, const struct recorded *recorded)
{
    const struct settings_file *file = suppress->settings->file;
    size_t count = file ? file->config.allow_count : 0;
    if (count == 0)
        return true;
    suppress->reached = calloc(count, sizeof *suppress->reached);
    for (size_t i = 0; suppress->reached && i < count; i++)
        suppress->reached[i] = patterns_match(&file->config.allows[i].where, recorded);
    return suppress->reached != NULL;
}

bool suppress_begin(struct suppress *suppress, const struct settings *settings,
                    const struct recorded *recorded, const struct input *input, const char *member,
                    struct known *known)
{
    *suppress = (struct suppress){.settings = settings, .known = known};
    return begin_allowed(suppress, recorded) && begin_known(suppress, input, member);
}

void suppress_free(struct suppress *suppress)
{
    free(suppress->reached);
    free(suppress->comments.list);
    free(suppress->read_as);
    free(suppress->write_as);
    free(suppress->found);
    baseline_free(&suppress->written);
}

/* The recorded line, from the command on. */
static struct slice command_of(const struct finding *finding)
{
    return slice_after(finding->raw, finding->column > 0 ? finding->column - 1 : 0);
}

static const struct config_allow *allowed_by_file(const struct suppress *suppress,
                                                  const struct finding *finding, enum rule_id rule)
{
    const struct settings_file *file = suppress->settings->file;
    for (size_t i = 0; suppress->reached && i < file->config.allow_count; i++)
        if (suppress->reached[i] &&
            config_allow_takes(&file->config.allows[i], rule, command_of(finding))) {
            atomic_store_explicit(&file->uses[i].used, true, memory_order_relaxed);
            return &file->config.allows[i];
        }
    return NULL;
}

/* Returns true if the baseline has it, and its count is not used up yet. */
static bool is_known(struct suppress *suppress, const struct finding *finding)
{
    const struct baseline *baseline = &suppress->known->read;
    size_t found = suppress->count == 0
                       ? SIZE_MAX
                       : baseline_find(baseline, suppress->first, suppress->count, finding);
    return found != SIZE_MAX &&
           suppress->found[found - suppress->first]++ < baseline->entries[found].count;
}

enum suppressed suppress_finding(struct suppress *suppress, const struct finding *finding,
                                 const struct config_allow **reason)
{
    enum rule_id rule = (enum rule_id)(finding->rule - smtpseq_rules);
    *reason = NULL;
    if (allow_comments_take(&suppress->comments, finding->line, rule) ||
        (*reason = allowed_by_file(suppress, finding, rule)))
        return SUPPRESSED_ALLOWED;
    if (suppress->write_as && !baseline_add(&suppress->written, suppress->write_as, finding))
        return SUPPRESSED_NO_MEMORY;
    /* What is just being written down is known from now on, unless it is compared with an older one. */
    if (suppress->read_as ? is_known(suppress, finding) : suppress->write_as != NULL)
        return SUPPRESSED_KNOWN;
    return SUPPRESSED_NOT;
}

/* Counts the uses of [allow] and of the baseline. */
static void end_uses(struct suppress *suppress)
{
    const struct settings *settings = suppress->settings;
    struct known *known = suppress->known;
    for (size_t i = 0; suppress->reached && i < settings->file->config.allow_count; i++)
        if (suppress->reached[i] &&
            settings->levels[settings->file->config.allows[i].rule] != LEVEL_OFF)
            atomic_store_explicit(&settings->file->uses[i].reached, true, memory_order_relaxed);
    pthread_mutex_lock(&known->lock);
    for (size_t i = 0; i < suppress->count; i++) {
        struct baseline_use *use = &known->uses[suppress->first + i];
        if (settings->levels[known->read.entries[suppress->first + i].rule] == LEVEL_OFF)
            continue;
        use->reached = true;
        if (suppress->found[i] > use->found)
            use->found = suppress->found[i];
    }
    pthread_mutex_unlock(&known->lock);
}

bool suppress_end(struct suppress *suppress, bool whole)
{
    struct known *known = suppress->known;
    if (whole)
        end_uses(suppress);
    if (!suppress->write_as)
        return true;
    pthread_mutex_lock(&known->lock);
    bool done = baseline_merge(&known->written, &suppress->written);
    pthread_mutex_unlock(&known->lock);
    return done;
}

void allow_remark(const struct settings_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct settings_file *file = files->list[i];
        for (size_t k = 0; !file->broken && k < file->config.allow_count; k++) {
            const struct config_allow *allow = &file->config.allows[k];
            if (!atomic_load_explicit(&file->uses[k].reached, memory_order_relaxed) ||
                atomic_load_explicit(&file->uses[k].used, memory_order_relaxed))
                continue;
            message_on(stderr, file->path);
            fprintf(stderr, ":%u: ", allow->line);
            if (allow->text)
                say(stderr, "this allows nothing: no %s with that text in %s",
                    smtpseq_rules[allow->rule].name, allow->where.text);
            else
                say(stderr, "this allows nothing: no %s in %s", smtpseq_rules[allow->rule].name,
                    allow->where.text);
            putc('\n', stderr);
        }
    }
}
