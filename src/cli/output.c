/* output.c - opens reports, and lets them appear when they are whole.
 */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/runner_log.h"

static bool complain(const struct output_file *file)
{
    message_at(stderr, file->path, 0, error_text(errno));
    return false;
}

/* The permissions that fopen would set: mkstemp is stricter. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Opens a file beside the target. False with errno. */
static bool open_beside(struct output_file *file, mode_t mode)
{
    if (asprintf(&file->beside, "%s.XXXXXX", file->target) < 0) {
        file->beside = NULL;
        return false;
    }
    int descriptor = mkstemp(file->beside);
    if (descriptor < 0)
        return false;
    if (fchmod(descriptor, mode) == 0 && (file->stream = fdopen(descriptor, "w")))
        return true;
    int error = errno;
    close(descriptor);
    unlink(file->beside);
    errno = error;
    return false;
}

/* Of a format whose lines are text. */
static bool is_text(const struct report_format *format)
{
    return strcmp(format->name, "text") == 0 || strcmp(format->name, "gcc") == 0;
}

static bool open_stream(struct output_file *file)
{
    struct stat present;
    if (strcmp(file->path, "-") == 0) {
        file->is_stdout = true;
        file->stream = is_text(file->format) ? runner_log_stdout() : stdout;
        return file->stream != NULL;
    }
    bool exists = stat(file->path, &present) == 0;
    if (exists && !S_ISREG(present.st_mode))
        return (file->stream = fopen(file->path, "w")) != NULL;
    if (exists && access(file->path, W_OK) != 0)
        return false; /* a rename would do it all the same */
    file->target = exists ? realpath(file->path, NULL) : strdup(file->path);
    return file->target && open_beside(file, exists ? present.st_mode & 07777 : usual_mode());
}

static bool open_sections(struct output_file *file)
{
    file->sections[0].stream = file->stream;
    for (unsigned i = 0; i < file->format->sections; i++)
        if (!(file->sections[i].stream = tmpfile()))
            return false;
    return true;
}

/* Closes the temporary files of a document. False when one could not hold what was written. */
static bool close_sections(struct output_file *file)
{
    bool done = true;
    for (unsigned i = 0; i < file->format->sections; i++) {
        struct report_section *section = &file->sections[i];
        if (section->stream && ferror(section->stream) && section->error == 0)
            section->error = EIO;
        if (section->stream && fclose(section->stream) != 0 && section->error == 0)
            section->error = errno;
        if (section->error != 0) {
            errno = section->error;
            done = false;
        }
        section->stream = NULL;
    }
    return done;
}

static void forget(struct output_file *file)
{
    free(file->target);
    free(file->beside);
    *file = (struct output_file){0};
}

bool output_open(struct output_file *file, const struct output *output, struct renamer *renamer)
{
    *file = (struct output_file){
        .path = output->path ? output->path : "-",
        .format = output->format,
    };
    bool opened = open_stream(file);
    if (file->beside && file->stream)
        file->number = renamer_add(renamer, file->beside, file->target);
    if (opened && open_sections(file))
        return true;
    complain(file);
    if (file->stream)
        output_close(file, renamer, false);
    else
        forget(file);
    return false;
}

bool output_close(struct output_file *file, struct renamer *renamer, bool whole)
{
    bool done = close_sections(file);
    if (file->stream != stdout) {
        if (fflush(file->stream) != 0 || ferror(file->stream))
            done = false;
        int error = errno;
        if (stream_close(file->stream) != 0)
            done = false;
        else
            errno = error;
        error = errno;
        if (file->target && !renamer_finish(renamer, file->number, done && whole) && done)
            done = false;
        else
            errno = error;
    }
    if (!done)
        complain(file);
    forget(file);
    return done;
}
