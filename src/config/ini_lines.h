/* ini_lines.h - an ini file as its sections and settings, each with its line.
 *
 * inih splits the lines. What it does not tell (the line, sections of more than 49 octets, lines that
 * do not fit) is seen to here. A line that is indented goes on with the value of the line above, with
 * one blank between. # and ; begin a comment at the head of a line, ; behind a blank as well.
 */
#ifndef SMTPSEQ_INI_LINES_H
#define SMTPSEQ_INI_LINES_H

#include <stdbool.h>

#include "base/slice.h"

/* The largest file. */
#define INI_SIZE_MAX ((size_t)256 << 10)

/* Called in the order of the file; what they are given is valid during the call. False: memory is
 * short, which ends the reading. */
struct ini_sink {
    void *context;
    /* What stands between the brackets. */
    bool (*section)(void *context, unsigned line, struct slice text);
    bool (*setting)(void *context, unsigned line, const char *name, const char *value);
    /* A line that goes on, before it is added to a setting's value: false to have it left out (the
     * receiver then has said why). */
    bool (*goes_on)(void *context, unsigned line, const char *name, const char *text);
    /* `line` is 0 where no line is at fault. */
    bool (*error)(void *context, unsigned line, const char *message);
};

/* Reads a file that is in memory. False when out of memory. */
bool ini_read(struct slice text, const struct ini_sink *sink);

#endif
