/* svg.c - Graphviz's picture, with a name and a description for screen readers.
 */
#include <string.h>

#include "base/slice.h"
#include "coverage/coverage.h"

/* Graphviz draws one edge after the other, each with its label, so that later ones run through the labels
 * of earlier ones. Prints the lines up to `end`: all but the labels of edges, or these alone. */
static void print_lines(FILE *out, const char *text, const char *end, bool labels)
{
    bool in_edge = false;
    for (const char *next; text < end; text = next) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        next = newline ? newline + 1 : end;
        struct slice line = {text, (size_t)(next - text)};
        bool begins = slice_starts(line, SLICE("<g id=\"edge"));
        bool is_label = in_edge && slice_starts(line, SLICE("<text"));
        bool ends = in_edge && slice_starts(line, SLICE("</g>"));
        in_edge = (in_edge || begins) && !ends;
        if (labels && begins) /* without its id: that is the edge's */
            fputs(slice_contains(line, SLICE("edge taken")) ? "<g class=\"taken\">\n"
                                                            : "<g class=\"never\">\n",
                  out);
        else if (labels ? is_label || ends : !is_label)
            fwrite(line.data, 1, line.size, out);
    }
}

/* Prints the drawing with the labels of the edges last, each with a rim in the colour of the page. */
static void print_drawing(FILE *out, const char *text)
{
    const char *end = NULL;
    for (const char *at = text; (at = strstr(at, "</g>\n</svg>")) != NULL; at++)
        end = at;
    if (!end) {
        fputs(text, out);
        return;
    }
    print_lines(out, text, end, false);
    fputs("<g class=\"labels\" stroke=\"#fff\" stroke-width=\"3\" stroke-linejoin=\"round\" "
          "paint-order=\"stroke\">\n",
          out);
    print_lines(out, text, end, true);
    fputs("</g>\n", out);
    fputs(end, out);
}

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
    fprintf(out,
            " role=\"img\" aria-labelledby=\"picture-title picture-text\">\n"
            "<title id=\"picture-title\">%s</title>\n<desc id=\"picture-text\">",
            translate(view->language, "Transitions of SMTP that the recordings exercised"));
    fprintf(out,
            translate(view->language,
                      "The state machine of a session. %u of %u transitions were exercised, %u.%u "
                      "%%. Those are drawn solid, the thicker the oftener, with their count; the "
                      "others grey and dashed."),
            view->sum.hit, view->sum.counted, permille / 10, permille % 10);
    fputs("</desc>", out);
    print_drawing(out, rest + 1);
}
