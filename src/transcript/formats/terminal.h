/* terminal.h - a line as a terminal shows it after it was edited while typed.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_TERMINAL_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_TERMINAL_H

#include "base/slice.h"

/* Returns true if a line holds backspaces, escape sequences, or a return to its beginning. */
bool terminal_was_edited(struct slice line);

/* Writes the line as the terminal shows it to `screen`, which must hold line.size octets, and
 * returns it. */
struct slice terminal_shows(struct slice line, char *screen);

#endif
