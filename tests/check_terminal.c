/* check_terminal.c - lines that were edited while typed, as a terminal shows them. */
#include <string.h>

#include "suite.h"
#include "transcript/formats/terminal.h"

static const struct {
    const char *name, *typed, *shown;
} lines[] = {
    {"plain", "QUIT", "QUIT"},
    {"rubbed out", "QUIR\b \bT", "QUIT"},
    {"rubbed out at the end", "QUITX\b \b", "QUIT"},
    {"more rubbed out than there is", "A\b\b\bQUIT", "QUIT"},
    {"typed over", "XUIT\rQ", "QUIT"},
    {"a bell", "QU\aIT", "QUIT"},
    {"colours", "\033[1;31mQUIT\033[0m", "QUIT"},
    {"left, and typed over", "QUXX\033[2DIT", "QUIT"},
    {"left by one where no number says how far", "QUIX\033[DT", "QUIT"},
    {"left beyond the beginning", "XUIT\033[99DQ", "QUIT"},
    {"left and right", "QUI\033[3D\033[3CT", "QUIT"},
    {"right beyond the end", "QUI\033[99CT", "QUIT"},
    {"erased to the end", "QUITTER\033[3D\033[K", "QUIT"},
    {"erased as a whole", "HELP\033[2KQUIT", "QUIT"},
    {"erased to the beginning: passed over", "QUIT\033[1K", "QUIT"},
    {"characters deleted", "QUXXIT\033[4D\033[2P\033[2C", "QUIT"},
    {"more deleted than there is", "QUIT??\033[2D\033[99P", "QUIT"},
    {"a title", "\033]0;mail\aQUIT", "QUIT"},
    {"a title that ends with ESC \\", "\033]0;mail\033\\QUIT", "QUIT"},
    {"a title without an end", "QUIT\033]0;mail", "QUIT"},
    {"a mode of the keypad", "\033=QUIT", "QUIT"},
    {"an escape and no more", "QUIT\033", "QUIT"},
    {"a sequence without an end", "QUIT\033[12", "QUIT"},
    {"a number without an end", "QUI\033[99999999999999999999CT", "QUIT"},
    {"nothing", "\b\b", ""},
};

START_TEST(shows)
{
    char screen[128];
    struct slice typed = slice_of(lines[_i].typed);
    struct slice shown = terminal_shows(typed, screen);
    ck_assert_msg(slice_equal(shown, slice_of(lines[_i].shown)), "%s: '%.*s'", lines[_i].name,
                  (int)shown.size, shown.data);
    ck_assert_msg(terminal_was_edited(typed) || strpbrk(lines[_i].typed, "\b\033\r") == NULL, "%s",
                  lines[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tcase = tcase_create("lines");
    tcase_add_loop_test(tcase, shows, 0, ROWS(lines));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
