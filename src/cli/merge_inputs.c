/* merge_inputs.c - opens them all, since nothing is opened in the sandbox. */
#include "cli/merge_inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/message.h"
#include "cli/same_file.h"

/* Each report takes a descriptor. */
static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Copies a pipe into a temporary file. Returns NULL with errno. */
static FILE *spool(FILE *from)
{
    FILE *copy = tmpfile();
    char block[16384];
    size_t size;
    while (copy && (size = fread(block, 1, sizeof block, from)) > 0)
        fwrite(block, 1, size, copy);
    if (!copy || (!ferror(from) && fflush(copy) == 0 && !ferror(copy)))
        return copy;
    int error = errno;
    fclose(copy);
    errno = error;
    return NULL;
}

static FILE *open_stream(const struct input *input)
{
    struct stat status;
    FILE *stream = input->is_stdin ? fdopen(dup(STDIN_FILENO), "rb") : fopen(input->path, "rbe");
    if (!stream || (fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode) &&
                    fseeko(stream, 0, SEEK_SET) == 0))
        return stream;
    FILE *copy = spool(stream);
    int error = errno;
    fclose(stream);
    errno = error;
    return copy;
}

/* A report of coverage is one document, with its first key in its second line. */
static bool begins_coverage(FILE *stream)
{
    char head[32] = "";
    rewind(stream);
    int found = fscanf(stream, " { %31s", head);
    rewind(stream);
    return found == 1 && strncmp(head, "\"percent\"", strlen("\"percent\"")) == 0;
}

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct merge_input *)left)->path,
                  ((const struct merge_input *)right)->path);
}

static bool open_all(struct merge_inputs *inputs, const struct inputs *expanded)
{
    inputs->failed = expanded->failed;
    inputs->list = calloc(expanded->count + 1, sizeof *inputs->list);
    for (size_t i = 0; inputs->list && i < expanded->count; i++) {
        struct merge_input *input = &inputs->list[inputs->count];
        if (!(input->path = strdup(expanded->list[i].path)))
            return false;
        inputs->count++;
        input->stream = open_stream(&expanded->list[i]);
        if (input->stream)
            input->is_coverage = begins_coverage(input->stream);
        else
            message_at(stderr, input->path, 0, error_text(errno));
        inputs->failed = inputs->failed || !input->stream;
    }
    if (inputs->list && inputs->count > 1)
        qsort(inputs->list, inputs->count, sizeof *inputs->list, by_path);
    return inputs->list != NULL;
}

bool merge_inputs_open(struct merge_inputs *inputs, const struct options *options,
                       char *const operands[], size_t count)
{
    static const struct settings_files no_settings;
    struct inputs expanded;
    *inputs = (struct merge_inputs){0};
    allow_many_files();
    bool apart = false, done = inputs_expand(&expanded, operands, count, options->stdin_name);
    if (done && (apart = outputs_are_apart(options, &expanded, &no_settings)))
        done = open_all(inputs, &expanded);
    inputs_free(&expanded);
    if (!done)
        message("out of memory");
    return done && apart;
}

void merge_inputs_close(struct merge_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (inputs->list[i].stream)
            fclose(inputs->list[i].stream);
        free(inputs->list[i].path);
    }
    free(inputs->list);
    *inputs = (struct merge_inputs){0};
}
