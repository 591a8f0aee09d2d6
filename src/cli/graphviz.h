/* graphviz.h - draws a picture with Graphviz's `dot`, where it is installed.
 */
#ifndef SMTPSEQ_GRAPHVIZ_H
#define SMTPSEQ_GRAPHVIZ_H

#include <stdbool.h>
#include <stddef.h>

#define GRAPHVIZ_TROUBLE 256

enum graphviz_status {
    GRAPHVIZ_DONE,
    GRAPHVIZ_ABSENT, /* there is no `dot` */
    GRAPHVIZ_FAILED
};

/* Turns dot's language into SVG. *svg is then the caller's (free), and ends in NUL; else it is NULL and
 * `trouble` says why. */
enum graphviz_status graphviz_svg(const char *source, size_t size, char **svg,
                                  char trouble[GRAPHVIZ_TROUBLE]);

#endif
