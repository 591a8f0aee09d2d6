/* recognise.h - the table of formats, and which of them a recording is in. */
#ifndef SMTPSEQ_TRANSCRIPT_RECOGNISE_RECOGNISE_H
#define SMTPSEQ_TRANSCRIPT_RECOGNISE_RECOGNISE_H

#include "transcript/formats/format.h"

extern const struct format smtpseq_formats[];
extern const size_t smtpseq_format_count;

/* The format of that name, NULL where there is none. */
const struct format *format_by_name(const char *name);

/* Finds the format that fits best: one of the table, perhaps after a prefix, or one that is learnt.
 * False when out of memory. */
bool format_recognise(struct slice head, struct recognition *recognition);

/* Returns true if the client has been learnt from nothing but what the lines say, or from lines without a mark:
 * so is that of any text with a verb and a number of SMTP in it. */
bool recognised_by_text(const struct recognition *recognition);

/* The same for a named format. */
bool format_fit(const struct format *format, struct slice head, struct recognition *recognition);

#endif
