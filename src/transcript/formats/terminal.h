/* terminal.h - what a terminal shows of a line that was edited while it was typed.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_TERMINAL_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_TERMINAL_H

#include "base/slice.h"

/* Whether a line holds what a terminal does not show as it stands: backspaces, escape sequences, a
 * return to the beginning of the line. */
bool terminal_was_edited(struct slice line);

/* Writes what the terminal shows of the line to `screen`, which has room for line.size octets. */
struct slice terminal_shows(struct slice line, char *screen);

#endif
