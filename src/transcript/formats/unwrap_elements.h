/* unwrap_elements.h - the elements of a list, as JSON and Python write them, each as a line of its own.
 */
#ifndef SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_ELEMENTS_H
#define SMTPSEQ_TRANSCRIPT_FORMATS_UNWRAP_ELEMENTS_H

#include "transcript/formats/unwrap.h"

/* Returns where in a line a list, an object or a tuple may begin; the size of the line where none does. */
size_t elements_begin(struct slice line);

/* Passes on the elements that end in a line, each as a line; a line outside of all brackets as it is. Returns false when
 * out of memory. */
bool unwrap_elements(struct unwrap_room *room, struct slice line,
                     void (*take)(void *context, struct slice text), void *context);

#endif
