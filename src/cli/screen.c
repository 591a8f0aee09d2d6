/* screen.c - terminals: how wide, whether they move the cursor, whether they know hyperlinks.
 */
#include "cli/screen.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/slice.h"
#include "base/string_builder.h"

unsigned screen_width(int descriptor)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width > 0 && width <= 10000)
        return (unsigned)width;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return isatty(descriptor) ? 80 : 0;
}

bool screen_moves(int descriptor)
{
    const char *term = getenv("TERM");
    return isatty(descriptor) && term && *term && strcmp(term, "dumb") != 0;
}

/* Terminals with hyperlinks. No terminfo entry tells of them: each is known by a variable that it
 * sets. `value`: what the variable begins with; NULL: whatever it is. */
static const struct {
    const char *variable, *value;
    long least; /* the number it has at least; 0: it is none */
} terminals_with_links[] = {
    {"VTE_VERSION", NULL, 5000}, /* GNOME Terminal and others: 0.50 */
    {"WT_SESSION", NULL, 0},     /* Windows Terminal */
    {"KONSOLE_VERSION", NULL, 201200},
    {"KITTY_WINDOW_ID", NULL, 0},
    {"TERM_PROGRAM", "iTerm.app", 0},
    {"TERM_PROGRAM", "WezTerm", 0},
    {"TERM_PROGRAM", "vscode", 0},
    {"TERM_PROGRAM", "ghostty", 0},
    {"TERM", "xterm-kitty", 0},
    {"TERM", "xterm-ghostty", 0},
    {"TERM", "alacritty", 0},
    {"TERM", "foot", 0},
    {"TERM", "contour", 0},
    {"TERM", "wezterm", 0},
};

bool screen_links(int descriptor)
{
    const char *force = getenv("FORCE_HYPERLINK");
    if (force && *force)
        return strcmp(force, "0") != 0;
    if (!screen_moves(descriptor))
        return false;
    for (size_t i = 0; i < sizeof terminals_with_links / sizeof terminals_with_links[0]; i++) {
        const char *value = getenv(terminals_with_links[i].variable);
        const char *wanted = terminals_with_links[i].value;
        if (value && *value && (!wanted || strncmp(value, wanted, strlen(wanted)) == 0) &&
            strtol(value, NULL, 10) >= terminals_with_links[i].least)
            return true;
    }
    return false;
}

/* The path as a URL has it. */
static void write_path(FILE *out, const char *path)
{
    for (; *path; path++)
        if (ascii_alphanumeric(*path) || strchr("/-._~", *path))
            putc(*path, out);
        else
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*path);
}

char *screen_rules_page(void)
{
    /* From the program: where it was built, and where it is installed. */
    static const char *const places[] = {"rules.html", "../share/doc/smtpseq/rules.html"};
    char program[PATH_MAX], host[256] = "";
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size <= 0)
        return NULL;
    program[size] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash || gethostname(host, sizeof host - 1) != 0)
        return NULL;
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct string_builder url = {0};
        char *beside = NULL;
        char *path =
            asprintf(&beside, "%s%s", program, places[i]) > 0 ? realpath(beside, NULL) : NULL;
        if (path && string_builder_begin(&url)) {
            fprintf(url.out, "file://%s", host);
            write_path(url.out, path);
            string_builder_end(&url);
        }
        free(beside);
        free(path);
        if (url.text)
            return url.text;
    }
    return NULL;
}
