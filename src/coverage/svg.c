/* svg.c - Graphviz's picture, with a name and a description for screen readers.
 */
#include "coverage/coverage.h"

void coverage_print_svg(FILE *out, const struct coverage_view *view, const char *drawn, bool inside)
{
    const char *begin = strstr(drawn, "<svg");
    const char *rest = begin ? strchr(begin, '>') : NULL;
    unsigned permille = coverage_permille(&view->sum);
    if (!rest)
        return; /* the caller has checked that it is there */
    if (!inside)
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n", out);
    fwrite(begin, 1, (size_t)(rest - begin), out);
    fprintf(
        out,
        " role=\"img\" aria-labelledby=\"picture-title picture-text\">\n"
        "<title id=\"picture-title\">Transitions of SMTP that the recordings exercised</title>\n"
        "<desc id=\"picture-text\">The state machine of a session. %u of %u transitions were "
        "exercised, %u.%u %%. Those are drawn solid, the thicker the oftener, with their count; "
        "the others grey and dashed.</desc>",
        view->sum.hit, view->sum.counted, permille / 10, permille % 10);
    fputs(rest + 1, out);
}
