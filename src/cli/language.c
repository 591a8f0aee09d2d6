/* language.c - finds the catalogue of a language: below the build folder, beside the program's folder, and
 * where it was to be installed.
 */
#include "cli/language.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"

#ifndef SMTPSEQ_LOCALEDIR
#define SMTPSEQ_LOCALEDIR "/usr/share/locale"
#endif

/* The longest name of a language: "ca_ES@valencia". */
enum { LANGUAGE_MAX = 31 };

static struct catalogue *chosen;

const struct catalogue *language(void)
{
    return chosen;
}

void language_end(void)
{
    catalogue_free(chosen);
    chosen = NULL;
}

/* Reads the catalogue of a language in a folder; false with errno. */
static bool read_in(const char *folder, const char *name)
{
    char path[PATH_MAX + 64];
    struct catalogue *catalogue = NULL;
    int size = snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/smtpseq.mo", folder, name);
    if (size > 0 && (size_t)size < sizeof path)
        catalogue = catalogue_read(path);
    if (!catalogue)
        return false;
    language_end();
    chosen = catalogue;
    return true;
}

static bool read_catalogue(const char *name)
{
    char program[PATH_MAX], folder[PATH_MAX + 32];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(program, '/');
    static const char *const beside[] = {"po", "../share/locale"};
    for (size_t i = 0; slash && i < sizeof beside / sizeof beside[0]; i++) {
        snprintf(folder, sizeof folder, "%.*s/%s", (int)(slash - program), program, beside[i]);
        if (read_in(folder, name))
            return true;
    }
    return read_in(SMTPSEQ_LOCALEDIR, name);
}

/* Returns true for the name of a locale: a path in a variable must not choose the file that is read. */
static bool is_name(struct slice text)
{
    bool good = text.size > 0 && text.size <= LANGUAGE_MAX && ascii_alphanumeric(text.data[0]);
    for (size_t i = 0; i < text.size && good; i++)
        good = ascii_alphanumeric(text.data[i]) || text.data[i] == '_' || text.data[i] == '-' ||
               text.data[i] == '@';
    return good;
}

/* Chooses what a variable names: "id_ID.UTF-8" is id_ID, else id. Returns true if there is no need to
 * look further: it is English, or there is a catalogue. */
static bool try_language(struct slice text)
{
    char name[LANGUAGE_MAX + 1];
    struct slice tag = slice_head(text, slice_find(text, '.'));
    if (!is_name(tag))
        return false;
    snprintf(name, sizeof name, "%.*s", (int)tag.size, tag.data);
    size_t size = strcspn(name, "_@");
    struct slice short_name = slice_head(tag, size);
    if (slice_equal(short_name, SLICE("en")) || slice_equal(tag, SLICE("C")) ||
        slice_equal(tag, SLICE("POSIX")) || read_catalogue(name))
        return true;
    name[size] = '\0';
    return size < tag.size && read_catalogue(name);
}

void language_from_environment(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *wanted = getenv("LANGUAGE"), *all = getenv("LC_ALL");
    if (all && (strcmp(all, "C") == 0 || strcmp(all, "POSIX") == 0))
        return;
    for (struct slice rest = slice_of(wanted ? wanted : ""); rest.size > 0;) {
        size_t size = slice_find(rest, ':');
        if (try_language(slice_head(rest, size)))
            return;
        rest = slice_after(rest, size + 1);
    }
    const char *value = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0] && !(value && *value); i++)
        value = getenv(variables[i]);
    if (value)
        try_language(slice_of(value));
}

bool language_choose(const char *name)
{
    if (strcmp(name, "en") == 0) {
        language_end();
        return true;
    }
    return read_catalogue(name);
}
