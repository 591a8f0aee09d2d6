/* settings.c - finds smtpseq.ini, and settles what holds for a file.
 */
#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/small_file.h"
#include "cli/message.h"
#include "cli/paths.h"
#include "config/ini_lines.h"
#include "report/escape.h"

/* Says what is wrong with a file of settings; octets of it may be in the message. */
static void complain(struct settings_file *file, unsigned line, const char *message)
{
    message_at(stderr, file->path, line, message);
    file->broken = true;
}

/* Loads the tables of the servers: names, or files in the folder of the settings. */
static bool load_servers(struct settings_file *file)
{
    char *list = file->config.servers ? strdup(file->config.servers) : NULL, *rest = NULL;
    if (!list)
        return !file->config.servers;
    for (char *name = strtok_r(list, ",", &rest); name && !file->broken;
         name = strtok_r(NULL, ",", &rest)) {
        char *path = NULL;
        bool relative = strchr(name, '/') && name[0] != '/';
        if (relative && asprintf(&path, "%s/%s", file->folder, name) < 0)
            path = NULL;
        if (!(relative && !path) && !servers_add(&file->servers, path ? path : name))
            complain(file, file->config.servers_line, N_("the servers cannot be used"));
        free(path);
    }
    free(list);
    return true;
}

/* Reads a file of settings. False when out of memory. */
static bool settings_read(struct settings_file *file)
{
    size_t size;
    char *content = small_file(file->full, INI_SIZE_MAX, &size);
    if (!content) {
        complain(file, 0, error_text(errno));
        return true;
    }
    bool done = config_read(&file->config, (struct slice){content, size}, language());
    free(content);
    for (size_t i = 0; i < file->config.error_count; i++)
        complain(file, file->config.errors[i].line, file->config.errors[i].message);
    file->uses = calloc(file->config.allow_count + 1, sizeof *file->uses);
    return done && file->uses && (file->broken || load_servers(file));
}

/* Adds the file at this path; NULL when out of memory. `path`: as it is shown; NULL: to be found. */
static struct settings_file *settings_add(struct settings_files *files, const char *full,
                                          const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i]->full, full) == 0)
            return files->list[i];
    struct settings_file **list = array_with_room(files->list, files->count, &files->capacity,
                                                  sizeof(struct settings_file *));
    if (!list)
        return NULL;
    files->list = list;
    struct settings_file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    files->list[files->count++] = file;
    file->full = strdup(full);
    file->path = path ? strdup(path) : path_shown(full);
    file->folder = path_folder(full);
    if (!file->full || !file->path || !file->folder || !settings_read(file))
        return NULL;
    return file;
}

bool settings_files_open(struct settings_files *files, const struct options *options)
{
    *files = (struct settings_files){.none = options->isolated};
    if (!options->config)
        return true;
    char *full = path_from_root(options->config);
    files->only = full ? settings_add(files, full, options->config) : NULL;
    free(full);
    if (!files->only)
        message("out of memory");
    return files->only && !files->only->broken;
}

void settings_files_close(struct settings_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        struct settings_file *file = files->list[i];
        config_free(&file->config);
        servers_free(&file->servers);
        free(file->path);
        free(file->full);
        free(file->folder);
        free(file->uses);
        free(file);
    }
    free(files->list);
    free(files->last_folder);
    *files = (struct settings_files){0};
}

/* Looks in the folder and above it. */
static bool search(struct settings_files *files, const char *folder, struct settings_file **file)
{
    char *here = strdup(folder);
    bool done = here != NULL;
    *file = NULL;
    while (done && !*file) {
        char *path = NULL;
        bool root = strcmp(here, "/") == 0;
        if (asprintf(&path, "%s/" SETTINGS_NAME, root ? "" : here) < 0) {
            done = false;
            break;
        }
        struct stat status;
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            done = (*file = settings_add(files, path, NULL)) != NULL;
        free(path);
        if (root)
            break;
        char *slash = strrchr(here, '/');
        slash[slash == here] = '\0';
    }
    free(here);
    return done;
}

bool settings_find(struct settings_files *files, const char *folder, struct settings_file **file)
{
    *file = files->only;
    if (files->only || files->none)
        return true;
    /* Most inputs are in the folder of the one before. */
    if (!files->last_folder || strcmp(files->last_folder, folder) != 0) {
        free(files->last_folder);
        files->last_folder = strdup(folder);
        if (!files->last_folder || !search(files, folder, &files->last))
            return false;
    }
    *file = files->last;
    return true;
}

bool settings_assign(struct settings_files *files, struct inputs *inputs, bool with_paths)
{
    bool done = true;
    if (files->none && !with_paths)
        return true;
    for (size_t i = 0; i < inputs->count && done; i++) {
        struct input *input = &inputs->list[i];
        struct settings_file *file = NULL;
        input->full = path_from_root(input->path);
        char *folder = input->full ? path_folder(input->full) : NULL;
        done = folder && settings_find(files, folder, &file);
        free(folder);
        if (!done || !file)
            continue;
        input->settings = file;
        input->relative = path_relative(input->full, file->folder);
        done = input->relative != NULL;
    }
    return done;
}

static void settle_levels(struct settings *settings, const struct options *options,
                          const struct settings_file *file, const struct recorded *recorded)
{
    struct config_level levels[RULE_COUNT];
    static const struct config nothing;
    config_levels(file ? &file->config : &nothing, recorded, levels);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        bool given = options->disabled[i] || options->levels[i] != LEVEL_AS_FOUND;
        settings->levels[i] = options->disabled[i] ? LEVEL_OFF
                              : given              ? options->levels[i]
                                                   : levels[i].level;
        settings->level_sources[i] = (struct setting_source){given, given ? 0 : levels[i].line,
                                                             given ? NULL : levels[i].where};
    }
}

void settings_of(struct settings *settings, const struct options *options,
                 const struct settings_file *file, const struct recorded *recorded)
{
    *settings = (struct settings){
        .file = file,
        .input_format = options->input_format,
        .servers = &options->servers,
        .fail_on = options->fail_on,
        .format_source = {.command_line = options->given.input_format},
        .servers_source = {.command_line = options->given.server},
        .fail_on_source = {.command_line = options->given.fail_on},
    };
    settle_levels(settings, options, file, recorded);
    if (!file)
        return;
    const struct config *config = &file->config;
    if (!options->given.server && config->servers_line > 0) {
        settings->servers = &file->servers;
        settings->servers_source.line = config->servers_line;
    }
    if (!options->given.fail_on && config->fail_on_line > 0) {
        settings->fail_on = config->fail_on;
        settings->fail_on_source.line = config->fail_on_line;
    }
    const struct config_format *format = config_format(config, recorded);
    if (!options->given.input_format && format) {
        settings->input_format = format->format;
        settings->format_source.line = format->line;
        settings->format_source.where = format->where.text;
    }
}
