/* check_screen.c - the abilities of a terminal, by its descriptor and the environment. */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/screen.h"
#include "suite.h"

static const char *const variables[] = {"COLUMNS",         "TERM",        "FORCE_HYPERLINK",
                                        "VTE_VERSION",     "WT_SESSION",  "KONSOLE_VERSION",
                                        "KITTY_WINDOW_ID", "TERM_PROGRAM"};

/* Opens a terminal of that many columns; it exists until *master is closed. */
static int terminal(int *master, unsigned short columns)
{
    struct winsize size = {.ws_row = 25, .ws_col = columns};
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(*master, 0);
    ck_assert_int_eq(grantpt(*master), 0);
    ck_assert_int_eq(unlockpt(*master), 0);
    int slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &size), 0);
    return slave;
}

static void forget_variables(void)
{
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        ck_assert_int_eq(unsetenv(variables[i]), 0);
}

static const struct {
    const char *columns;       /* NULL: not set */
    unsigned short width;      /* of the terminal */
    unsigned on_it, elsewhere; /* what is found: on a terminal, in a file */
} widths[] = {
    {NULL, 132, 132, 0},    {NULL, 0, 80, 0},      {"100", 132, 100, 100},
    {"0", 132, 132, 0},     {"-5", 132, 132, 0},   {"10000", 5, 10000, 10000},
    {"10001", 132, 132, 0}, {"wide", 132, 132, 0}, {"", 70, 70, 0},
};

START_TEST(width_is_found)
{
    int master, slave = terminal(&master, widths[_i].width), file = open("/dev/null", O_WRONLY);
    forget_variables();
    if (widths[_i].columns)
        ck_assert_int_eq(setenv("COLUMNS", widths[_i].columns, 1), 0);
    ck_assert_uint_eq(screen_width(slave), widths[_i].on_it);
    ck_assert_uint_eq(screen_width(file), widths[_i].elsewhere);
    close(file);
    close(slave);
    close(master);
}
END_TEST

static const struct {
    const char *term, *variable, *value;
    bool moves, links;
} terminals[] = {
    {NULL, NULL, NULL, false, false},
    {"", NULL, NULL, false, false},
    {"dumb", NULL, NULL, false, false},
    {"dumb", "KITTY_WINDOW_ID", "1", false, false},
    {"xterm", NULL, NULL, true, false},
    {"xterm", "VTE_VERSION", "4999", true, false},
    {"xterm", "VTE_VERSION", "5000", true, true},
    {"xterm", "VTE_VERSION", "", true, false},
    {"xterm", "VTE_VERSION", "new", true, false},
    {"xterm", "KONSOLE_VERSION", "201199", true, false},
    {"xterm", "KONSOLE_VERSION", "220401", true, true},
    {"xterm", "WT_SESSION", "{8a}", true, true},
    {"xterm", "KITTY_WINDOW_ID", "1", true, true},
    {"xterm", "TERM_PROGRAM", "iTerm.app", true, true},
    {"xterm", "TERM_PROGRAM", "vscode", true, true},
    {"xterm", "TERM_PROGRAM", "Apple_Terminal", true, false},
    {"xterm-kitty", NULL, NULL, true, true},
    {"alacritty-direct", NULL, NULL, true, true},
    {"foot", NULL, NULL, true, true},
    {"dumb", "FORCE_HYPERLINK", "1", false, true},
    {"foot", "FORCE_HYPERLINK", "0", true, false},
    {"foot", "FORCE_HYPERLINK", "", true, true},
};

START_TEST(terminal_is_known)
{
    int master, slave = terminal(&master, 80), file = open("/dev/null", O_WRONLY);
    const char *variable = terminals[_i].variable;
    forget_variables();
    if (terminals[_i].term)
        ck_assert_int_eq(setenv("TERM", terminals[_i].term, 1), 0);
    if (variable)
        ck_assert_int_eq(setenv(variable, terminals[_i].value, 1), 0);
    ck_assert_int_eq(screen_moves(slave), terminals[_i].moves);
    ck_assert_int_eq(screen_links(slave), terminals[_i].links);
    ck_assert(!screen_moves(file)); /* a file has neither, unless links are forced */
    ck_assert_int_eq(screen_links(file), variable && strcmp(variable, "FORCE_HYPERLINK") == 0 &&
                                             strcmp(terminals[_i].value, "1") == 0);
    close(file);
    close(slave);
    close(master);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("screen");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, width_is_found, 0, ROWS(widths));
    tcase_add_loop_test(table, terminal_is_known, 0, ROWS(terminals));
    suite_add_tcase(suite, table);
    return suite_run(suite);
}
