/* message.c - what goes to standard error.
 */
#include "cli/message.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/made_text.h"
#include "base/nearest_name.h"
#include "base/translated_format.h"

/* The longest sentence, with a path or two in it; what is longer is cut. */
#define SENTENCE_MAX 10000

/* Writes a sentence, escaped. `english` says what values there are. */
static void write_sentence(FILE *out, const struct catalogue *catalogue, const char *english,
                           const char *format, va_list values)
{
    char text[SENTENCE_MAX];
    print_translation(text, sizeof text, catalogue, english, format, values);
    print_escaped(out, slice_of(text));
}

void say_in(FILE *out, const struct catalogue *catalogue, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    write_sentence(out, catalogue, format, translate(catalogue, format), values);
    va_end(values);
}

void say_count_in(FILE *out, const struct catalogue *catalogue, uint64_t number, const char *one,
                  const char *many, ...)
{
    va_list values;
    va_start(values, many);
    write_sentence(out, catalogue, many, translate_count(catalogue, one, many, number), values);
    va_end(values);
}

void message(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("smtpseq: ", stderr);
    write_sentence(stderr, language(), format, translate(language(), format), values);
    putc('\n', stderr);
    va_end(values);
}

void message_count(uint64_t number, const char *one, const char *many, ...)
{
    va_list values;
    va_start(values, many);
    fputs("smtpseq: ", stderr);
    write_sentence(stderr, language(), many, translate_count(language(), one, many, number),
                   values);
    putc('\n', stderr);
    va_end(values);
}

static void write_made(FILE *out, const char *text)
{
    char room[SENTENCE_MAX];
    translate_made(room, sizeof room, language(), text);
    print_escaped(out, slice_of(room));
    putc('\n', out);
}

void message_made(const char *text)
{
    fputs("smtpseq: ", stderr);
    write_made(stderr, text);
}

void message_at(FILE *out, const char *path, uint64_t line, const char *text)
{
    message_on(out, path);
    putc(':', out);
    if (line > 0)
        fprintf(out, "%" PRIu64 ":", line);
    putc(' ', out);
    write_made(out, text);
}

void message_out_of_memory(FILE *out, const char *path)
{
    message_at(out, path, 0, N_("out of memory"));
}

/* Those that people see, in the words of the C library. */
static const struct {
    int number;
    const char *text;
} errors[] = {
    {ENOENT, N_("No such file or directory")},
    {EACCES, N_("Permission denied")},
    {EPERM, N_("Operation not permitted")},
    {EISDIR, N_("Is a directory")},
    {ENOTDIR, N_("Not a directory")},
    {EEXIST, N_("File exists")},
    {ENAMETOOLONG, N_("File name too long")},
    {ELOOP, N_("Too many levels of symbolic links")},
    {EMFILE, N_("Too many open files")},
    {ENFILE, N_("Too many open files in system")},
    {ENOSPC, N_("No space left on device")},
    {EDQUOT, N_("Disk quota exceeded")},
    {EFBIG, N_("File too large")},
    {EROFS, N_("Read-only file system")},
    {EIO, N_("Input/output error")},
    {EPIPE, N_("Broken pipe")},
    {EBADF, N_("Bad file descriptor")},
    {EINVAL, N_("Invalid argument")},
    {ENXIO, N_("No such device or address")},
    {ESPIPE, N_("Illegal seek")},
    {ENOMEM, N_("Cannot allocate memory")},
    {EAGAIN, N_("Resource temporarily unavailable")},
};

const char *error_text(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].number == error)
            return translate(language(), errors[i].text);
    return strerror(error);
}

bool message_unknown(const char *what, const char *name, const char *const names[], const char *see)
{
    const char *similar = similar_name(name, names);
    char known[SENTENCE_MAX / 2] = "";
    for (size_t i = 0, used = 0; names[i] && !see && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                                 names[i]);
    if (similar && see)
        message("%-s '%s' is not known; did you mean '%s'? See %s", what, name, similar, see);
    else if (similar)
        message("%-s '%s' is not known; did you mean '%s'? Known are %s", what, name, similar,
                known);
    else if (see)
        message("%-s '%s' is not known; see %s", what, name, see);
    else
        message("%-s '%s' is not known; known are %s", what, name, known);
    return false;
}
