/* screen.h - what the terminal of a run can do, as its descriptor and the environment say.
 */
#ifndef SMTPSEQ_SCREEN_H
#define SMTPSEQ_SCREEN_H

#include <stdbool.h>

/* Columns: COLUMNS, or those of the terminal; 0: there is none. */
unsigned screen_width(int descriptor);

/* Returns true if it is a terminal on which a line can be overwritten. */
bool screen_moves(int descriptor);

/* Returns true if it is a terminal that shows hyperlinks (OSC 8). FORCE_HYPERLINK=1 and =0 decide as well. */
bool screen_links(int descriptor);

/* The address of the page that describes the rules, where it is installed (or built): file://host/...,
 * to be freed. NULL: there is none. */
char *screen_rules_page(void);

#endif
