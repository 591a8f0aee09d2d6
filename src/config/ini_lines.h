/* ini_lines.h - an ini file as its sections and settings, each with its line.
 *
 * inih splits the lines. What it does not provide (line numbers, sections of more than 49 octets,
 * long lines) is done here. An indented line continues the value of the line above, after one
 * blank. # and ; begin a comment at the head of a line, ; also after a blank.
 */
#ifndef SMTPSEQ_INI_LINES_H
#define SMTPSEQ_INI_LINES_H

#include <stdbool.h>

#include "base/slice.h"

/* The largest file. */
#define INI_SIZE_MAX ((size_t)256 << 10)

/* Called in the order of the file; arguments are valid during the call. They return false when
 * out of memory, which ends the reading. */
struct ini_sink {
    void *context;
    /* The text between the brackets. */
    bool (*section)(void *context, unsigned line, struct slice text);
    bool (*setting)(void *context, unsigned line, const char *name, const char *value);
    /* A continuation line, before it is added to the value of a setting. Returns false, after
     * reporting an error, to have it ignored. */
    bool (*goes_on)(void *context, unsigned line, const char *name, const char *text);
    /* `line`: 0 if the error is not about a line. */
    bool (*error)(void *context, unsigned line, const char *message);
};

/* Reads the content of a file. Returns false when out of memory. */
bool ini_read(struct slice text, const struct ini_sink *sink);

#endif
